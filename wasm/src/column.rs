//! One field's column over all blocks of a payload, one part of it at a time.

use fidelog_codec::{
    batch::Batch,
    column::{Column, NULL},
    encoding::{Case, Encoding},
    schema::Field,
};
use wasm_bindgen::prelude::*;

use crate::RawBlock;

/// What can be asked of a column, each as little-endian numbers end to end.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// A byte a row, 0 where there is no value. For all encodings but those with a dictionary.
    Valid,
    /// A byte a row.
    Booleans,
    /// 64 bits a row: integers, or microseconds since 1970.
    Integers,
    /// 64 bits a row: a double.
    Numbers,
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
    /// The number of the field's encoding, as `fidelog.mjs` has them; 255 if no block has the field, or not all the same.
    pub fn encoding(&self, name: &str) -> u8 {
        let mut codes =
            self.0.batches().iter().filter_map(|batch| find(batch, name)).map(|(_, field)| code(field));
        let first = codes.next().unwrap_or(255);
        if codes.all(|code| code == first) { first } else { 255 }
    }

    /// A part of a column over all blocks; zeros, or no index, for the rows of a block that lacks the field.
    pub fn part(&self, name: &str, part: Part) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut strings, mut bytes) = (0, 0);
        for batch in self.0.batches() {
            let start = out.len();
            match (part, find(batch, name).and_then(|(index, _)| batch.columns().get(index))) {
                (
                    Part::Valid,
                    Some(
                        Column::Integers { valid: flags, .. }
                        | Column::Numbers { valid: flags, .. }
                        | Column::Booleans { valid: flags, .. }
                        | Column::Timestamps { valid: flags, .. },
                    ),
                )
                | (Part::Booleans, Some(Column::Booleans { values: flags, .. })) => {
                    out.extend(flags.iter().map(|&flag| u8::from(flag)));
                }
                (
                    Part::Integers,
                    Some(Column::Integers { values, .. } | Column::Timestamps { micros: values, .. }),
                ) => {
                    values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
                }
                (Part::Numbers, Some(Column::Numbers { values, .. })) => {
                    values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
                }
                (Part::Nanos, Some(Column::Timestamps { nanos, .. })) => {
                    nanos.iter().for_each(|ns| out.extend_from_slice(&ns.to_le_bytes()));
                }
                (_, Some(Column::Strings { dictionary, ids })) => {
                    // The limits keep a payload's strings below 4 GiB.
                    match part {
                        Part::Indices => ids.iter().for_each(|&id| {
                            let index = if id == NULL { NULL } else { strings + id };
                            out.extend_from_slice(&index.to_le_bytes());
                        }),
                        Part::Ends => dictionary.ends.iter().for_each(|&end| {
                            out.extend_from_slice(&(bytes + end).to_le_bytes());
                        }),
                        Part::Bytes => out.extend_from_slice(&dictionary.bytes),
                        _ => {}
                    }
                    strings += dictionary.len() as u32;
                    bytes += dictionary.bytes.len() as u32;
                }
                _ => {}
            }
            let (width, absent) = match part {
                Part::Valid | Part::Booleans => (1, 0),
                Part::Integers | Part::Numbers => (8, 0),
                Part::Nanos => (2, 0),
                Part::Indices => (4, 255),
                Part::Ends | Part::Bytes => continue,
            };
            out.resize(start + batch.rows() * width, absent);
        }
        out
    }
}

/// The declared field of a name in a block, and its number.
pub(crate) fn find<'b>(batch: &'b Batch, name: &str) -> Option<(usize, &'b Field)> {
    let mut declared = batch.schema().fields().iter().enumerate().take(batch.declared());
    declared.find(|(_, field)| field.name() == name)
}

fn code(field: &Field) -> u8 {
    match field.encoding {
        Encoding::Integer => 0,
        Encoding::Number { .. } => 1,
        Encoding::Boolean => 2,
        Encoding::Timestamp { .. } => 3,
        Encoding::Hex { case: Case::Lower, .. } => 4,
        Encoding::Hex { case: Case::Upper, .. } => 5,
        Encoding::Uuid { case: Case::Lower } => 6,
        Encoding::Uuid { case: Case::Upper } => 7,
        Encoding::Text => 8,
        Encoding::Json => 9,
    }
}
