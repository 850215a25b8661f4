//! Renders many records of a batch: what recurs is spelled once, then copied.

use alloc::vec::Vec;
use core::ops::Range;

use self::{
    field::{Field, GROUP},
    shape::{Shape, Shapes},
    sink::{Buffer, Sink},
};
use super::Batch;
use crate::{
    error::{Error, Kind, Result, Stage},
    skeleton::{Pieces, no_such_value},
};

mod field;
mod recent;
mod shape;
mod sink;
#[cfg(test)]
mod tests;
mod words;

/// Most bytes of spelled strings that are kept; values beyond are spelled one by one.
const MAX_WORDS: usize = 128 << 20;

/// Renders records of one batch.
///
/// Memory: each distinct string is spelled once, with up to 28 bytes of the literal before it, so about as many bytes
/// as the records have, but never more than 128 MB; and the skeletons in use, at most a million holes.
#[derive(Debug)]
pub struct Renderer<'b> {
    batch: &'b Batch,
    /// How the fields' values are spelled, found out when a hole of theirs is met.
    fields: Vec<Option<Field<'b>>>,
    shapes: Shapes,
    words_left: usize,
    /// The present group of rows, and how many were begun.
    group: Range<usize>,
    groups: u64,
    buffer: Buffer,
}

impl<'b> Renderer<'b> {
    pub(super) fn new(batch: &'b Batch) -> Self {
        let mut fields = Vec::new();
        fields.resize_with(batch.columns.len(), || None);
        let shapes = Shapes::new(batch.skeletons.dictionary.len());
        Renderer {
            batch,
            fields,
            shapes,
            words_left: MAX_WORDS,
            group: 0..0,
            groups: 0,
            buffer: sink::buffer(),
        }
    }

    /// Appends the record's original bytes.
    pub fn record_into(&mut self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        self.join_into(row..row.saturating_add(1), &[], usize::MAX, out)
    }

    /// Appends the original bytes of many records, with the separator between them.
    ///
    /// Fails rather than make `out` longer than `max_bytes`; after an error the end of `out` is not to be relied on.
    pub fn join_into(
        &mut self,
        rows: Range<usize>,
        separator: &[u8],
        max_bytes: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let ids = self.batch.skeletons.ids.get(rows.clone());
        let ids = ids.ok_or_else(|| {
            Error::new(Kind::Malformed, Stage::Column, rows.start.max(self.batch.rows()), "no such row")
        })?;
        let mut sink = Sink::new(&mut self.buffer, out, max_bytes);
        for (row, &id) in rows.clone().zip(ids) {
            if !self.group.contains(&row) {
                // A row of its own is no group, unless it follows on the last.
                let ahead = if rows.len() > 1 || row == self.group.end { GROUP } else { 1 };
                self.group = row..row.saturating_add(ahead).min(self.batch.rows());
                self.groups += 1;
            }
            let make = || shape_of(self.batch, id, &mut self.fields, &mut self.words_left);
            let Some(shape) = self.shapes.get(id, make)? else { continue };
            if row > rows.start {
                sink.put(separator, 0, separator.len())?;
            }
            for hole in &shape.holes {
                if hole.len > 0 {
                    sink.put(&shape.bytes, hole.start, hole.len)?;
                }
                let field = self.fields.get_mut(hole.field).and_then(Option::as_mut);
                let field = field.ok_or_else(|| no_such_value(hole.field))?;
                if field.group != self.groups {
                    field.begin(self.batch, hole.field, self.group.clone(), self.groups);
                }
                match field.put(row - self.group.start, hole.is_led, &mut sink) {
                    Some(done) => done?,
                    None => field.put_alone(self.batch, hole.field, row, &mut sink)?,
                }
            }
            sink.put(&shape.bytes, shape.last.0, shape.last.1)?;
            sink.end()?;
        }
        sink.empty()
    }
}

/// The shape of a skeleton, of whose fields those that were not met before are made ready, too.
fn shape_of<'b>(
    batch: &'b Batch,
    id: u32,
    fields: &mut [Option<Field<'b>>],
    words_left: &mut usize,
) -> Result<Shape> {
    let pieces = match batch.skeletons.dictionary.get(id as usize) {
        Some(skeleton) => Pieces::of(skeleton)?,
        None => batch.template.pieces(),
    };
    Ok(Shape::new(&pieces, |field, literal| match fields.get_mut(field) {
        Some(place) => place.get_or_insert_with(|| Field::new(batch, field, literal, words_left)).lead,
        None => &[],
    }))
}
