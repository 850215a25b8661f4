//! What was read of a shard and is not stored.

use std::sync::Arc;

use fidelog_codec::{Schema, framing::Format};
use fidelog_table::{Checkpoint, Delivery, Part, Shard, SourceRange, Span, Start, Store};

use super::dead::Letter;
use crate::{
    error::Result,
    input::Records,
    kinesis::Got,
    payload::{self, Piece},
    reduce,
};

/// What was read of a shard and is not stored.
#[derive(Default)]
pub(crate) struct Waiting {
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
    /// Takes the shard's next Kinesis record.
    pub(crate) fn take(&mut self, shard: &Shard, got: Got, format: Format) {
        let Got { sequence, arrived, data } = got;
        for piece in payload::read(&data, format) {
            match piece {
                Piece::Dead(dead) => self.letters.push(Letter::new(shard, &sequence, arrived, &dead)),
                Piece::Records(records, source) => {
                    self.records += records.len();
                    self.bytes += records.bytes();
                    match source {
                        Some(source) => self.blocks.push((records, source)),
                        None => records.iter().for_each(|record| self.plain.push(record)),
                    }
                }
            }
        }
        match &mut self.span {
            Some(span) => {
                span.last = sequence;
                span.arrived = arrived;
            }
            none => *none = Some(Span { first: sequence.clone(), last: sequence, arrived }),
        }
    }

    /// Whether no Kinesis record was taken.
    pub(crate) const fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// How many records.
    pub(crate) const fn records(&self) -> usize {
        self.records
    }

    /// Their bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps the dead letters among them: to be done before the rest is stored.
    pub(crate) async fn keep_letters(&self, store: &Store) -> Result<()> {
        for letter in &self.letters {
            store.keep_dead_letter(&letter.name, letter.document.clone()).await?;
        }
        Ok(())
    }

    /// The records.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let blocks = self.blocks.iter().map(|(records, _)| records);
        std::iter::once(&self.plain).chain(blocks).flat_map(Records::iter)
    }

    /// All of it for the table, on top of a checkpoint; `start` is where the reading began without one.
    pub(crate) fn delivery(
        self,
        shard: &Shard,
        from: Option<Checkpoint>,
        start: Start,
        schema: &Arc<Schema>,
    ) -> Delivery {
        let batch = |records: &Records| reduce::batch(schema, records);
        let mut parts = Vec::new();
        if !self.plain.is_empty() {
            parts.push(Part { batch: batch(&self.plain), source: None });
        }
        for (records, source) in self.blocks {
            let source = SourceRange { source, first: records.first };
            parts.push(Part { batch: batch(&records), source: Some(source) });
        }
        Delivery {
            shard: shard.clone(),
            from,
            start,
            span: self.span,
            idle: None,
            ended: false,
            parts,
            dead: self.letters.len() as u64,
        }
    }
}
