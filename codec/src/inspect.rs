//! What a payload or `.fdl` file consists of, and what each part weighs.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use serde::Serialize;

use crate::{
    batch::Batch,
    column::{Column, NULL},
    container::{Limits, VERSION, decode_measured},
    error::Result,
};

/// One column over all blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// The field's name.
    pub name: String,
    /// The encoding's name.
    pub encoding: &'static str,
    /// Records that have a value there.
    pub values: usize,
    /// Bytes in the container.
    pub bytes: usize,
}

/// A container and its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The format version.
    pub version: u8,
    /// How many blocks.
    pub blocks: usize,
    /// How many records.
    pub records: usize,
    /// How many records are not spelled in the default skeleton.
    pub odd_records: usize,
    /// Bytes of the whole container.
    pub bytes: usize,
    /// Bytes of all blocks' headers.
    pub header_bytes: usize,
    /// Bytes of all blocks' skeletons.
    pub skeleton_bytes: usize,
    /// The columns, in order of first use.
    pub columns: Vec<ColumnReport>,
}

/// Decodes a container and says what it consists of.
pub fn inspect(container: &[u8], limits: &Limits) -> Result<Report> {
    let mut report = Report {
        version: VERSION,
        blocks: 0,
        records: 0,
        odd_records: 0,
        bytes: container.len(),
        header_bytes: 0,
        skeleton_bytes: 0,
        columns: Vec::new(),
    };
    let mut known: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    decode_measured(container, limits, |batch, sizes| {
        report.blocks += 1;
        report.records += batch.rows();
        report.odd_records += batch.skeletons().ids.iter().filter(|&&id| id != NULL).count();
        let mut sizes = sizes.into_iter();
        report.header_bytes += sizes.next().unwrap_or(0);
        report.skeleton_bytes += sizes.next().unwrap_or(0);
        add_columns(&mut report.columns, &mut known, batch, sizes);
    })?;
    Ok(report)
}

fn add_columns(
    columns: &mut Vec<ColumnReport>,
    known: &mut BTreeMap<(String, &'static str), usize>,
    batch: &Batch,
    sizes: impl Iterator<Item = usize>,
) {
    for ((field, column), bytes) in batch.schema().fields().iter().zip(batch.columns()).zip(sizes) {
        let (name, encoding) = (field.name(), field.encoding.name());
        let at = *known.entry((name.clone(), encoding)).or_insert_with(|| {
            columns.push(ColumnReport { name: name.to_string(), encoding, values: 0, bytes: 0 });
            columns.len() - 1
        });
        if let Some(report) = columns.get_mut(at) {
            report.values += match column {
                Column::Integers { valid, .. }
                | Column::Numbers { valid, .. }
                | Column::Booleans { valid, .. }
                | Column::Timestamps { valid, .. } => valid.iter().filter(|v| **v).count(),
                Column::Strings { ids, .. } => ids.iter().filter(|&&id| id != NULL).count(),
            };
            report.bytes += bytes;
        }
    }
}
