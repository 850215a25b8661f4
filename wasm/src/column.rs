//! One field's column over all blocks of a payload, one part of it at a time.

use fidelog_codec::{
    batch::Batch,
    column::{Column, NULL},
    encoding::{Case, Encoding},
    schema::Field,
};
use wasm_bindgen::prelude::*;

use crate::RawBlock;

/// What can be asked of a column: bytes, or little-endian numbers end to end.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// A byte a row, 0 where there is no value; for all encodings but those with a dictionary.
    Valid,
    /// What such an encoding has a row: 64 bits, or a byte for booleans.
    Values,
    /// 16 bits a row: the nanoseconds below a time's microseconds.
    Nanos,
    /// 32 bits a row: an index into the dictionary, 2³² − 1 where there is no value.
    Indices,
    /// 32 bits a string of the dictionary: where it ends.
    Ends,
    /// The dictionary's strings.
    Bytes,
}

#[wasm_bindgen]
impl RawBlock {
    /// The number that `fidelog.mjs` knows the field's encoding by; 255 if no block has the field, or not all the same.
    pub fn encoding(&self, name: &str) -> u8 {
        let found = self.0.batches().iter().filter_map(|batch| find(batch, name));
        let codes = found.map(|(_, field)| match field.encoding {
            Encoding::Integer => 0,
            Encoding::Number { .. } => 1,
            Encoding::Boolean => 2,
            Encoding::Timestamp { .. } => 3,
            Encoding::Hex { case, .. } => 4 + u8::from(case == Case::Upper),
            Encoding::Uuid { case } => 6 + u8::from(case == Case::Upper),
            Encoding::Text => 8,
            Encoding::Json => 9,
        });
        codes.reduce(|a, b| if a == b { a } else { 255 }).unwrap_or(255)
    }

    /// A part of a column, which has `width` bytes a row: where a block lacks the field, zeros or no index.
    pub fn part(&self, name: &str, part: Part, width: usize) -> Vec<u8> {
        let (mut out, mut end, mut base) = (Vec::new(), 0, 0);
        for batch in self.0.batches() {
            let column = find(batch, name).and_then(|(index, _)| batch.columns().get(index));
            match (part, column) {
                (Part::Valid, Some(Column::Integers { valid: v, .. } | Column::Numbers { valid: v, .. }))
                | (
                    Part::Valid,
                    Some(Column::Booleans { valid: v, .. } | Column::Timestamps { valid: v, .. }),
                )
                | (Part::Values, Some(Column::Booleans { values: v, .. })) => {
                    put(&mut out, v, |&v| [u8::from(v)])
                }
                (
                    Part::Values,
                    Some(Column::Integers { values: v, .. } | Column::Timestamps { micros: v, .. }),
                ) => {
                    put(&mut out, v, |v| v.to_le_bytes());
                }
                (Part::Values, Some(Column::Numbers { values: v, .. })) => {
                    put(&mut out, v, |v| v.to_le_bytes())
                }
                (Part::Nanos, Some(Column::Timestamps { nanos: v, .. })) => {
                    put(&mut out, v, |v| v.to_le_bytes())
                }
                // The limits keep a payload's strings below 4 GiB.
                (Part::Indices, Some(Column::Strings { dictionary, ids })) => {
                    put(&mut out, ids, |&id| if id == NULL { NULL } else { base + id }.to_le_bytes());
                    base += dictionary.len() as u32;
                }
                (Part::Ends, Some(Column::Strings { dictionary, .. })) => {
                    put(&mut out, &dictionary.ends, |end| (base + end).to_le_bytes());
                    base += dictionary.bytes.len() as u32;
                }
                (Part::Bytes, Some(Column::Strings { dictionary, .. })) => {
                    out.extend_from_slice(&dictionary.bytes)
                }
                _ => {}
            }
            end = (end + batch.rows() * width).max(out.len());
            out.resize(end, if matches!(part, Part::Indices) { 255 } else { 0 });
        }
        out
    }
}

fn put<T, const N: usize>(out: &mut Vec<u8>, values: &[T], bytes: impl Fn(&T) -> [u8; N]) {
    values.iter().for_each(|value| out.extend_from_slice(&bytes(value)));
}

/// The declared field of a name in a block, and its number.
pub(crate) fn find<'b>(batch: &'b Batch, name: &str) -> Option<(usize, &'b Field)> {
    let mut declared = batch.schema().fields().iter().enumerate().take(batch.declared());
    declared.find(|(_, field)| field.name() == name)
}
