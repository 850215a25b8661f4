//! One shard's state: what is stored of it, and what was read since.

use std::{sync::Arc, time::Duration};

use fidelog_codec::{Schema, framing::Format};
use fidelog_table::{Checkpoint, Delivery, Shard, Start};
use tokio::task::AbortHandle;

use super::waiting::Waiting;
use crate::kinesis::{Got, Position};

/// A shard that is being read.
pub(super) struct Reading {
    pub(super) shard: Shard,
    /// The table's checkpoint after which all that waits was read.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Where the reading starts without one.
    pub(super) start: Start,
    /// Its reader's number, so that an earlier one's news are told from it.
    pub(super) reader: u64,
    pub(super) task: AbortHandle,
    /// Whether everything was read that was there at some time of this run.
    pub(super) caught_up: bool,
    pub(super) ended: bool,
    /// How far behind the newest record it was last.
    pub(super) behind: Duration,
    /// When it was last found to hold nothing more, in ms since 1970.
    pub(super) idle: Option<i64>,
    waiting: Waiting,
}

impl Reading {
    pub(super) fn new(
        shard: Shard,
        checkpoint: Option<Checkpoint>,
        start: Start,
        reader: u64,
        task: AbortHandle,
    ) -> Self {
        let waiting = Waiting::default();
        Reading {
            shard,
            checkpoint,
            start,
            reader,
            task,
            caught_up: false,
            ended: false,
            behind: Duration::ZERO,
            idle: None,
            waiting,
        }
    }

    /// Takes a Kinesis record.
    pub(super) fn take(&mut self, got: Got, format: Format) {
        self.waiting.take(&self.shard, got, format);
    }

    /// What was read and is not stored.
    pub(super) const fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Whether there is something for the table.
    pub(super) fn has_news(&self) -> bool {
        !self.waiting.is_empty() || (self.ended && !self.checkpoint.as_ref().is_some_and(|c| c.ended))
    }

    /// Whether the shard should be noted as idle.
    pub(super) fn is_due(&self, retention: Duration) -> bool {
        is_due(self.checkpoint.as_ref(), self.idle, retention)
    }

    /// What waits or is due, for the table.
    pub(super) fn delivery(&mut self, schema: &Arc<Schema>) -> Delivery {
        let waiting = std::mem::take(&mut self.waiting);
        let delivery = waiting.delivery(&self.shard, self.checkpoint.clone(), self.start, schema);
        Delivery { idle: self.idle, ended: self.ended, ..delivery }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether a shard of which nothing comes, last looked at in vain at `idle`, should be noted as such: its last record
/// soon is as old as the stream keeps records, and whoever begins with it then must know that none is missing.
pub(crate) fn is_due(checkpoint: Option<&Checkpoint>, idle: Option<i64>, retention: Duration) -> bool {
    let arrived = checkpoint.and_then(|checkpoint| checkpoint.arrived);
    let quarter = i64::try_from(retention.as_millis() / 4).unwrap_or(i64::MAX);
    matches!((arrived, idle), (Some(arrived), Some(idle)) if idle - arrived > quarter)
}

/// Where to read on after a checkpoint, or from the start.
pub(crate) fn position(checkpoint: Option<&Checkpoint>, start: Start) -> Position {
    match checkpoint {
        None => Position::Start(start),
        Some(Checkpoint { last: Some(last), .. }) => Position::After(last.clone()),
        Some(Checkpoint { start, .. }) => Position::Start(*start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_idle_shard_is_noted_before_its_last_record_is_too_old() {
        let shard = Shard { stream: "arn".into(), created: 1, id: "s".into() };
        let day = 86_400_000;
        let checkpoint = Checkpoint { arrived: Some(10 * day), ..Checkpoint::default() };
        let task = tokio::spawn(std::future::ready(())).abort_handle();
        let mut reading = Reading::new(shard, Some(checkpoint), Start::TrimHorizon, 1, task);
        let retention = Duration::from_secs(86_400);
        assert!(!reading.is_due(retention), "nobody looked");
        reading.idle = Some(10 * day + day / 5);
        assert!(!reading.is_due(retention));
        reading.idle = Some(10 * day + day / 3);
        assert!(reading.is_due(retention) && !reading.has_news());
    }
}
