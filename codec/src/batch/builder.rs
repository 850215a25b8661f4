//! Builds one column, value by value; rows that get no value become nulls.

use alloc::vec::Vec;

use crate::{
    column::{Column, NULL},
    encoding::{Encoding, Value},
    intern::Interner,
};

/// A column under construction.
#[derive(Debug)]
pub(super) enum ColumnBuilder {
    Integers(Vec<i64>, Vec<bool>),
    Numbers(Vec<f64>, Vec<bool>),
    Booleans(Vec<bool>, Vec<bool>),
    Timestamps(Vec<i64>, Vec<u16>, Vec<bool>),
    Strings(Interner, Vec<u32>),
}

/// Appends nulls up to `row`, then a value.
fn put<T: Clone + Default>(values: &mut Vec<T>, valid: &mut Vec<bool>, row: usize, value: T) {
    pad(values, valid, row);
    values.push(value);
    valid.push(true);
}

fn pad<T: Clone + Default>(values: &mut Vec<T>, valid: &mut Vec<bool>, rows: usize) {
    values.resize(rows, T::default());
    valid.resize(rows, false);
}

impl ColumnBuilder {
    pub(super) fn new(encoding: &Encoding) -> Self {
        match encoding {
            Encoding::Integer => ColumnBuilder::Integers(Vec::new(), Vec::new()),
            Encoding::Number { .. } => ColumnBuilder::Numbers(Vec::new(), Vec::new()),
            Encoding::Boolean => ColumnBuilder::Booleans(Vec::new(), Vec::new()),
            Encoding::Timestamp { .. } => ColumnBuilder::Timestamps(Vec::new(), Vec::new(), Vec::new()),
            Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => {
                ColumnBuilder::strings()
            }
        }
    }

    pub(super) fn strings() -> Self {
        ColumnBuilder::Strings(Interner::default(), Vec::new())
    }

    /// Sets the value of `row`; rows must not go back.
    pub(super) fn push(&mut self, row: usize, value: Value<'_>) {
        match (self, value) {
            (ColumnBuilder::Integers(values, valid), Value::Integer(v)) => put(values, valid, row, v),
            (ColumnBuilder::Numbers(values, valid), Value::Number(v)) => put(values, valid, row, v),
            (ColumnBuilder::Booleans(values, valid), Value::Boolean(v)) => put(values, valid, row, v),
            (ColumnBuilder::Timestamps(micros, nanos, valid), Value::Timestamp(us, ns)) => {
                put(micros, valid, row, us);
                nanos.resize(row, 0);
                nanos.push(ns);
            }
            (ColumnBuilder::Strings(interner, ids), Value::Bytes(v)) => {
                ids.resize(row, NULL);
                ids.push(interner.id(v));
            }
            // A null leaves the gap that `finish` or the next value fills.
            _ => {}
        }
    }

    /// As [`ColumnBuilder::push`] for bytes whose id may be known; the id.
    pub(super) fn push_known(&mut self, row: usize, known: Option<u32>, bytes: &[u8]) -> Option<u32> {
        let ColumnBuilder::Strings(interner, ids) = self else { return None };
        let id = known.unwrap_or_else(|| interner.id(bytes));
        ids.resize(row, NULL);
        ids.push(id);
        Some(id)
    }

    /// The column, filled up to `rows`.
    pub(super) fn finish(self, rows: usize) -> Column {
        match self {
            ColumnBuilder::Integers(mut values, mut valid) => {
                pad(&mut values, &mut valid, rows);
                Column::Integers { values, valid }
            }
            ColumnBuilder::Numbers(mut values, mut valid) => {
                pad(&mut values, &mut valid, rows);
                Column::Numbers { values, valid }
            }
            ColumnBuilder::Booleans(mut values, mut valid) => {
                pad(&mut values, &mut valid, rows);
                Column::Booleans { values, valid }
            }
            ColumnBuilder::Timestamps(mut micros, mut nanos, mut valid) => {
                pad(&mut micros, &mut valid, rows);
                if nanos.iter().all(|&n| n == 0) {
                    nanos.clear();
                } else {
                    nanos.resize(rows, 0);
                }
                Column::Timestamps { micros, nanos, valid }
            }
            ColumnBuilder::Strings(interner, mut ids) => {
                ids.resize(rows, NULL);
                Column::Strings { dictionary: interner.strings, ids }
            }
        }
    }
}

/// Whether a column can be that of a field with this encoding in a batch of so many rows.
pub(super) fn fits(column: &Column, encoding: &Encoding, rows: usize) -> bool {
    if column.len() != rows {
        return false;
    }
    match (column, encoding) {
        (Column::Integers { values, .. }, Encoding::Integer) => values.len() == rows,
        (Column::Numbers { values, .. }, Encoding::Number { .. }) => values.len() == rows,
        (Column::Booleans { values, .. }, Encoding::Boolean) => values.len() == rows,
        (Column::Timestamps { micros, nanos, .. }, Encoding::Timestamp { .. }) => {
            micros.len() == rows && (nanos.is_empty() || nanos.len() == rows)
        }
        (
            Column::Strings { dictionary, ids },
            Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json,
        ) => ids.iter().all(|&id| id == NULL || (id as usize) < dictionary.len()),
        _ => false,
    }
}
