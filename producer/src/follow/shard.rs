//! One shard's state: what is stored of it, and what was read since.

use std::{sync::Arc, time::Duration};

use fidelog_codec::{Schema, framing::Format};
use fidelog_table::{Checkpoint, Delivery, Part, Shard, SourceRange, Span, Start};
use tokio::task::AbortHandle;

use super::dead::Letter;
use crate::{
    input::Records,
    kinesis::{Got, Position},
    payload::{self, Piece},
    reduce,
};

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

/// What was read and is not stored.
#[derive(Default)]
struct Waiting {
    span: Option<Span>,
    /// Records without a source.
    plain: Records,
    /// Records by the blocks that brought them, and their sources.
    blocks: Vec<(Records, String)>,
    letters: Vec<Letter>,
    records: usize,
    bytes: usize,
}

impl Waiting {
    fn all(&self) -> impl Iterator<Item = &Records> {
        std::iter::once(&self.plain).chain(self.blocks.iter().map(|(records, _)| records))
    }
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
        let Got { sequence, arrived, data } = got;
        for piece in payload::read(&data, format) {
            match piece {
                Piece::Dead(dead) => {
                    self.waiting.letters.push(Letter::new(&self.shard, &sequence, arrived, &dead));
                }
                Piece::Records(records, source) => {
                    self.waiting.records += records.len();
                    self.waiting.bytes += records.bytes();
                    match source {
                        Some(source) => self.waiting.blocks.push((records, source)),
                        None => records.iter().for_each(|record| self.waiting.plain.push(record)),
                    }
                }
            }
        }
        match &mut self.waiting.span {
            Some(span) => {
                span.last = sequence;
                span.arrived = arrived;
            }
            none => *none = Some(Span { first: sequence.clone(), last: sequence, arrived }),
        }
    }

    /// How many records wait.
    pub(super) fn records(&self) -> usize {
        self.waiting.records
    }

    /// Bytes of the records that wait.
    pub(super) fn bytes(&self) -> usize {
        self.waiting.bytes
    }

    /// Whether there is something for the table.
    pub(super) fn has_news(&self) -> bool {
        self.waiting.span.is_some() || (self.ended && !self.checkpoint.as_ref().is_some_and(|c| c.ended))
    }

    /// Whether a shard of which nothing comes should be noted as such: its last record soon is as old as the stream
    /// keeps records, and whoever begins with it then must know that none is missing.
    pub(super) fn is_due(&self, retention: Duration) -> bool {
        let arrived = self.checkpoint.as_ref().and_then(|checkpoint| checkpoint.arrived);
        let quarter = i64::try_from(retention.as_millis() / 4).unwrap_or(i64::MAX);
        matches!((arrived, self.idle), (Some(arrived), Some(idle)) if idle - arrived > quarter)
    }

    pub(super) fn letters(&self) -> &[Letter] {
        &self.waiting.letters
    }

    /// The records that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &[u8]> {
        self.waiting.all().flat_map(Records::iter)
    }

    /// What waits or is due, for the table.
    pub(super) fn delivery(&mut self, schema: &Arc<Schema>) -> Delivery {
        let waiting = std::mem::take(&mut self.waiting);
        let dead = waiting.letters.len() as u64;
        let batch = |records: &Records| reduce::batch(schema, records);
        let mut parts = Vec::new();
        if !waiting.plain.is_empty() {
            parts.push(Part { batch: batch(&waiting.plain), source: None });
        }
        for (records, source) in waiting.blocks {
            let source = SourceRange { source, first: records.first };
            parts.push(Part { batch: batch(&records), source: Some(source) });
        }
        Delivery {
            shard: self.shard.clone(),
            from: self.checkpoint.clone(),
            start: self.start,
            span: waiting.span,
            idle: self.idle,
            ended: self.ended,
            parts,
            dead,
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where to read on after a checkpoint, or from the start.
pub(super) fn position(checkpoint: Option<&Checkpoint>, start: Start) -> Position {
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
