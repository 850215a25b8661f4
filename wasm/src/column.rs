//! One field's column over all blocks of a payload, one part of it at a time.

use fidelog_codec::batch::Batch;
use fidelog_codec::column::{Column, NULL};
use fidelog_codec::encoding::{Case, Encoding};
use fidelog_codec::schema::Field;
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
            if let Some(column) = find(batch, name).and_then(|(index, _)| batch.columns().get(index)) {
                // The limits keep a payload's strings, and so the base of the next block's, below 4 GiB.
                base += put(&mut out, column, part, base);
            }
            end = (end + batch.rows() * width).max(out.len());
            out.resize(end, if matches!(part, Part::Indices) { 255 } else { 0 });
        }
        out
    }
}

/// Appends a part of a block's column, whose indices or ends count from `base`; how far they go.
fn put(out: &mut Vec<u8>, column: &Column, part: Part, base: u32) -> u32 {
    use Column::{Booleans, Integers, Numbers, Strings, Timestamps};
    match (part, column) {
        (Part::Valid, Integers { valid: v, .. } | Numbers { valid: v, .. } | Booleans { valid: v, .. })
        | (Part::Valid, Timestamps { valid: v, .. })
        | (Part::Values, Booleans { values: v, .. }) => put_all(out, v, |&v| [u8::from(v)]),
        (Part::Values, Integers { values: v, .. } | Timestamps { micros: v, .. }) => {
            put_all(out, v, |v| v.to_le_bytes())
        }
        (Part::Values, Numbers { values: v, .. }) => put_all(out, v, |v| v.to_le_bytes()),
        (Part::Nanos, Timestamps { nanos: v, .. }) => put_all(out, v, |v| v.to_le_bytes()),
        (Part::Bytes, Strings { dictionary, .. }) => out.extend_from_slice(&dictionary.bytes),
        (Part::Indices, Strings { dictionary, ids }) => {
            put_all(out, ids, |&id| if id == NULL { NULL } else { base + id }.to_le_bytes());
            return dictionary.len() as u32;
        }
        (Part::Ends, Strings { dictionary, .. }) => {
            put_all(out, &dictionary.ends, |end| (base + end).to_le_bytes());
            return dictionary.bytes.len() as u32;
        }
        _ => {}
    }
    0
}

fn put_all<T, const N: usize>(out: &mut Vec<u8>, values: &[T], bytes: impl Fn(&T) -> [u8; N]) {
    values.iter().for_each(|value| out.extend_from_slice(&bytes(value)));
}

/// The declared field of a name in a block, and its number.
pub(crate) fn find<'b>(batch: &'b Batch, name: &str) -> Option<(usize, &'b Field)> {
    let mut declared = batch.schema().fields().iter().enumerate().take(batch.declared());
    declared.find(|(_, field)| field.name() == name)
}
