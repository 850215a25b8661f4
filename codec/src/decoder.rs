//! Reads payloads: all records, or some columns alone.

use alloc::{string::String, vec::Vec};

use crate::{
    block,
    column::Column,
    container::{Block, Limits, decode_measured, sections},
    encoding::Encoding,
    error::{Error, Kind, Result, Stage},
    schema::Field,
};

/// Decodes payloads within limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    limits: Limits,
}

/// Some columns of one of a payload's blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// How many records the block has.
    pub rows: usize,
    /// The columns that were asked for and that this block has, in its schema's order.
    pub columns: Vec<Named>,
}

/// A column, with its name and encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The field's name.
    pub name: String,
    /// The field's encoding.
    pub encoding: Encoding,
    /// The values, one a row.
    pub values: Column,
}

impl Decoder {
    /// A decoder that accepts no more than this.
    pub const fn new(limits: Limits) -> Self {
        Decoder { limits }
    }

    /// Decodes a payload whole.
    pub fn decode(&self, payload: &[u8]) -> Result<Block> {
        decode_measured(payload, &self.limits, |_, _| {})
    }

    /// Decodes the columns of some fields, block by block.
    ///
    /// Only their streams are unpacked, those of the records' skeletons, and the ids of columns that theirs are coded
    /// after; at level `small`, whose model of text learns from column to column, the text before theirs as well.
    /// A name that no block knows is an error; one that only some blocks know is absent in the others.
    pub fn columns(&self, payload: &[u8], names: &[&str]) -> Result<Vec<Columns>> {
        let (mut rows, mut budget) = (self.limits.max_rows, self.limits.max_bytes);
        let mut all: Vec<Columns> = Vec::new();
        for section in sections(payload, &mut budget)?.0 {
            let is_wanted = |field: &Field| names.contains(&field.name().as_str());
            let (block, taken) =
                block::take_columns(section.body, section.offset, rows, &mut budget, is_wanted)?;
            rows -= block;
            let columns = taken.into_iter().map(|(field, values)| Named {
                name: field.name(),
                encoding: field.encoding,
                values,
            });
            all.push(Columns { rows: block, columns: columns.collect() });
        }
        let is_known = |name: &&&str| all.iter().any(|c| c.columns.iter().any(|c| c.name == **name));
        match names.iter().position(|name| !is_known(&name)) {
            Some(i) if !all.is_empty() => {
                Err(Error::new(Kind::Unsupported, Stage::Column, i, "names of the payload's fields expected"))
            }
            _ => Ok(all),
        }
    }
}
