//! One shard's state: what is stored of it, and what was read since.

use std::sync::Arc;

use fidelog_codec::{Schema, batch::Batch, framing::Format};
use fidelog_table::{Checkpoint, Delivery, Part, Shard, SourceRange, Span, Start};
use tokio::task::AbortHandle;

use super::dead::Letter;
use crate::{
    input::Records,
    kinesis::{Got, Position},
    payload::{self, Piece},
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
        Reading { shard, checkpoint, start, reader, task, caught_up: false, ended: false, waiting }
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

    pub(super) fn letters(&self) -> &[Letter] {
        &self.waiting.letters
    }

    /// The records that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &[u8]> {
        self.waiting.all().flat_map(Records::iter)
    }

    /// Everything that waits, for the table.
    pub(super) fn delivery(&mut self, schema: &Arc<Schema>) -> Delivery {
        let waiting = std::mem::take(&mut self.waiting);
        let dead = waiting.letters.len() as u64;
        let batch = |records: &Records| Batch::split(schema, records.iter());
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
