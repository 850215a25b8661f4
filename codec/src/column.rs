//! One field's typed values over many records.

use alloc::{vec, vec::Vec};

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

    /// Some rows, in this order; a row past the end becomes a null. A dictionary keeps what they use, in order of first use.
    #[must_use]
    pub fn gather(&self, rows: &[usize]) -> Self {
        fn pick<T: Copy + Default>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&row| values.get(row).copied().unwrap_or_default()).collect()
        }
        let is_whole = rows.len() == self.len() && rows.iter().enumerate().all(|(i, &row)| i == row);
        if is_whole && self.is_tight() {
            return self.clone();
        }
        match self {
            Column::Integers { values, valid } => {
                Column::Integers { values: pick(values, rows), valid: pick(valid, rows) }
            }
            Column::Numbers { values, valid } => {
                Column::Numbers { values: pick(values, rows), valid: pick(valid, rows) }
            }
            Column::Booleans { values, valid } => {
                Column::Booleans { values: pick(values, rows), valid: pick(valid, rows) }
            }
            Column::Timestamps { micros, nanos, valid } => Column::Timestamps {
                micros: pick(micros, rows),
                nanos: if nanos.is_empty() { Vec::new() } else { pick(nanos, rows) },
                valid: pick(valid, rows),
            },
            Column::Strings { dictionary, ids } => {
                let mut kept = Strings::default();
                let mut new_ids = vec![NULL; dictionary.len()];
                let mut renumber = |id: u32| match (new_ids.get_mut(id as usize), dictionary.get(id as usize))
                {
                    (Some(new), Some(text)) => {
                        if *new == NULL {
                            *new = kept.len() as u32;
                            kept.push(text);
                        }
                        *new
                    }
                    _ => NULL,
                };
                let ids = rows.iter().map(|&row| renumber(ids.get(row).copied().unwrap_or(NULL))).collect();
                Column::Strings { dictionary: kept, ids }
            }
        }
    }

    /// Whether a dictionary holds what the rows use, in order of first use, and nothing else.
    fn is_tight(&self) -> bool {
        let Column::Strings { dictionary, ids } = self else { return true };
        let mut next = 0;
        ids.iter().all(|&id| {
            next += u32::from(id == next);
            id == NULL || id < next
        }) && next as usize == dictionary.len()
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

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    fn texts(column: &Column) -> Vec<Option<Vec<u8>>> {
        let Column::Strings { dictionary, ids } = column else { return Vec::new() };
        ids.iter().map(|&id| dictionary.get(id as usize).map(<[u8]>::to_owned)).collect()
    }

    #[test]
    fn gathered_rows_keep_their_values_and_what_they_need() {
        let mut dictionary = Strings::default();
        ["a", "b", "c"].iter().for_each(|text| dictionary.push(text.as_bytes()));
        let column = Column::Strings { dictionary, ids: vec![2, NULL, 0, 2] };
        let own = texts(&column);
        for rows in [vec![], vec![0], vec![3, 1, 0, 9], vec![0, 1, 2, 3]] {
            let gathered = column.gather(&rows);
            let want: Vec<_> = rows.iter().map(|&row| own.get(row).cloned().flatten()).collect();
            assert_eq!(texts(&gathered), want, "{rows:?}");
            assert!(gathered.is_tight(), "{rows:?}");
        }
        let times = Column::Timestamps { micros: vec![1, 2], nanos: vec![], valid: vec![true, true] };
        let want = Column::Timestamps { micros: vec![2, 0], nanos: vec![], valid: vec![true, false] };
        assert_eq!(times.gather(&[1, 2]), want);
    }
}
