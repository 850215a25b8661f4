//! Renders many records of a batch: what recurs is spelled once, then copied.

use alloc::{vec, vec::Vec};

use super::Batch;
use crate::{
    column::{Column, NULL, Strings},
    encoding::{Encoding, Value, timestamp},
    error::{Error, Kind, Result, Stage},
    schema::{Field, Schema},
    skeleton::Pieces,
};

/// Renders records of one batch.
///
/// Memory: the spellings of all distinct strings, and of some numbers.
#[derive(Debug)]
pub struct Renderer<'b> {
    batch: &'b Batch,
    fields: Vec<Spelled<'b>>,
    default: Pieces<'b>,
    /// The skeletons' pieces, made on first use.
    stored: Vec<Option<Pieces<'b>>>,
}

/// How a field's values come to be spelled.
#[derive(Debug)]
enum Spelled<'b> {
    /// All distinct values, spelled; where one cannot be, none is.
    Strings { spelled: Strings, ids: &'b [u32] },
    /// Instants, each spelled much like the one before.
    Instants { micros: &'b [i64], nanos: &'b [u16], valid: &'b [bool], last: timestamp::Last },
    /// Numbers, of which some were spelled before.
    Numbers { values: &'b [f64], valid: &'b [bool], known: Vec<(u64, Vec<u8>)> },
    /// One by one.
    Values,
}

/// Spellings of numbers that are kept.
const KNOWN: usize = 256;

impl<'b> Spelled<'b> {
    fn new(column: &'b Column, field: &Field, schema: &Schema) -> Self {
        match (column, &field.encoding) {
            (Column::Strings { dictionary, ids }, _) => {
                let mut spelled =
                    Strings { bytes: Vec::with_capacity(dictionary.bytes.len()), ends: Vec::new() };
                spelled.ends.reserve(dictionary.len());
                for string in dictionary.iter() {
                    if !field.render(Value::Bytes(string), schema.style(), &mut spelled.bytes) {
                        return Spelled::Values;
                    }
                    match u32::try_from(spelled.bytes.len()) {
                        Ok(end) => spelled.ends.push(end),
                        Err(_) => return Spelled::Values,
                    }
                }
                Spelled::Strings { spelled, ids }
            }
            (Column::Timestamps { micros, nanos, valid }, Encoding::Timestamp { pattern })
                if field.depth() == 0 =>
            {
                Spelled::Instants { micros, nanos, valid, last: timestamp::Last::new(*pattern) }
            }
            (Column::Numbers { values, valid }, _) => {
                Spelled::Numbers { values, valid, known: vec![(0, Vec::new()); KNOWN] }
            }
            _ => Spelled::Values,
        }
    }

    /// Appends a row's value; `None` if it cannot be spelled.
    #[inline]
    fn put(&mut self, batch: &Batch, field: usize, row: usize, out: &mut Vec<u8>) -> Option<()> {
        let direct = |out: &mut Vec<u8>| {
            let declared = batch.schema.fields().get(field)?;
            declared.render(batch.value(field, row)?, batch.schema.style(), out).then_some(())
        };
        match self {
            Spelled::Strings { spelled, ids } => match *ids.get(row)? {
                NULL => out.extend_from_slice(b"null"),
                id => out.extend_from_slice(spelled.get(id as usize)?),
            },
            Spelled::Instants { micros, nanos, valid, last } if valid.get(row) == Some(&true) => {
                let below = nanos.get(row).copied().unwrap_or(0);
                return last.render(*micros.get(row)?, below, out).then_some(());
            }
            Spelled::Numbers { values, valid, known } if valid.get(row) == Some(&true) => {
                let bits = values.get(row)?.to_bits();
                let slot = known.get_mut((bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize)?;
                if slot.0 != bits || slot.1.is_empty() {
                    slot.1.clear();
                    direct(&mut slot.1)?;
                    slot.0 = bits;
                }
                out.extend_from_slice(&slot.1);
            }
            _ => return direct(out),
        }
        Some(())
    }
}

impl<'b> Renderer<'b> {
    pub(super) fn new(batch: &'b Batch) -> Self {
        let fields = batch.columns.iter().zip(batch.schema.fields());
        Renderer {
            batch,
            fields: fields.map(|(column, field)| Spelled::new(column, field, &batch.schema)).collect(),
            default: batch.template.pieces(),
            stored: vec![None; batch.skeletons.dictionary.len()],
        }
    }

    /// Appends the record's original bytes.
    pub fn record_into(&mut self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let skeletons = &self.batch.skeletons;
        let no_row = Error::new(Kind::Malformed, Stage::Column, row, "no such row");
        let pieces = match *skeletons.ids.get(row).ok_or(no_row)? {
            NULL => &self.default,
            id => {
                let bytes = skeletons.dictionary.get(id as usize).unwrap_or_default();
                match self.stored.get_mut(id as usize) {
                    Some(Some(pieces)) => pieces,
                    Some(slot) => slot.insert(Pieces::of(bytes)?),
                    None => return Ok(()),
                }
            }
        };
        for (literal, field) in &pieces.before {
            out.extend_from_slice(literal);
            let spelled = self.fields.get_mut(*field);
            let done = spelled.and_then(|s| s.put(self.batch, *field, row, out));
            done.ok_or(Error::new(
                Kind::Malformed,
                Stage::Skeleton,
                *field,
                "a value that the hole's field can render expected",
            ))?;
        }
        out.extend_from_slice(pieces.last);
        Ok(())
    }
}
