//! One field's typed values over many records.

use alloc::vec::Vec;

/// The id of a null in a [`Column::Strings`].
pub const NULL: u32 = u32::MAX;

/// Byte strings laid end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings {
    /// All strings' bytes, one after the other.
    pub bytes: Vec<u8>,
    /// Where each string ends in `bytes`.
    pub ends: Vec<u32>,
}

impl Strings {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// String `i`, if there is one.
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)? as usize;
        let start = if i == 0 { 0 } else { *self.ends.get(i - 1)? as usize };
        self.bytes.get(start..end)
    }

    /// Appends a string. A column holds less than 4 GiB: callers flush far below that.
    pub fn push(&mut self, string: &[u8]) {
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len() as u32);
    }

    /// The strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}

/// One field's typed values. Where `valid` is false the value is a null (and the slot holds a zero).
///
/// A row whose record lacks the member, or holds a misfit there, is null as well: its skeleton tells them apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Encoding `integer`.
    Integers {
        /// One value a row.
        values: Vec<i64>,
        /// One flag a row.
        valid: Vec<bool>,
    },
    /// Encoding `number`.
    Numbers {
        /// One value a row.
        values: Vec<f64>,
        /// One flag a row.
        valid: Vec<bool>,
    },
    /// Encoding `boolean`.
    Booleans {
        /// One value a row.
        values: Vec<bool>,
        /// One flag a row.
        valid: Vec<bool>,
    },
    /// Encoding `timestamp`.
    Timestamps {
        /// Microseconds since 1970-01-01T00:00:00Z, one a row.
        micros: Vec<i64>,
        /// Nanoseconds (0–999) below the microsecond, one a row; empty unless the pattern has more than 6 fraction digits.
        nanos: Vec<u16>,
        /// One flag a row.
        valid: Vec<bool>,
    },
    /// Encodings `hex` and `uuid` (raw bytes), `text` and `json` (UTF-8).
    Strings {
        /// The distinct values in order of first use.
        dictionary: Strings,
        /// An index into the dictionary, or [`NULL`], a row.
        ids: Vec<u32>,
    },
}

impl Column {
    /// How many rows the column has.
    pub fn len(&self) -> usize {
        match self {
            Column::Integers { valid, .. }
            | Column::Numbers { valid, .. }
            | Column::Booleans { valid, .. }
            | Column::Timestamps { valid, .. } => valid.len(),
            Column::Strings { ids, .. } => ids.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `rows` rows.
    pub(crate) fn head(&self, rows: usize) -> Self {
        fn head<T: Clone>(values: &[T], rows: usize) -> Vec<T> {
            values.get(..rows).unwrap_or(values).to_vec()
        }
        match self {
            Column::Integers { values, valid } => {
                Column::Integers { values: head(values, rows), valid: head(valid, rows) }
            }
            Column::Numbers { values, valid } => {
                Column::Numbers { values: head(values, rows), valid: head(valid, rows) }
            }
            Column::Booleans { values, valid } => {
                Column::Booleans { values: head(values, rows), valid: head(valid, rows) }
            }
            Column::Timestamps { micros, nanos, valid } => Column::Timestamps {
                micros: head(micros, rows),
                nanos: head(nanos, rows),
                valid: head(valid, rows),
            },
            Column::Strings { dictionary, ids } => {
                let ids = head(ids, rows);
                Column::Strings { dictionary: used(dictionary, &ids), ids }
            }
        }
    }
}

/// The strings up to the last one that the ids use.
pub(crate) fn used(dictionary: &Strings, ids: &[u32]) -> Strings {
    let n = ids.iter().filter(|&&id| id != NULL).max().map_or(0, |&id| id as usize + 1);
    let ends = dictionary.ends.get(..n).unwrap_or(&dictionary.ends).to_vec();
    let bytes =
        dictionary.bytes.get(..ends.last().map_or(0, |&end| end as usize)).unwrap_or_default().to_vec();
    Strings { bytes, ends }
}
