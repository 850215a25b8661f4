//! One field's column over all blocks of a payload, array by array.

use fidelog_codec::{
    batch::Batch,
    column::{Column, NULL, Strings},
    encoding::{Case, Encoding},
    schema::Field,
};
use wasm_bindgen::prelude::*;

use crate::{FidelogError, RawBlock, no_such_column};

#[wasm_bindgen]
impl RawBlock {
    /// The field's encoding: `integer`, `number`, `boolean`, `timestamp`, `hex`, `uuid`, `text` or `json`; then `upper`
    /// where letters of hex digits are written large.
    pub fn encoding(&self, name: &str) -> Result<String, FidelogError> {
        let mut encodings = self.fields(name).flatten().map(|(field, _)| &field.encoding);
        let encoding =
            encodings.next().ok_or_else(|| no_such_column("a name of the payload's fields expected"))?;
        if encodings.any(|other| other != encoding) {
            return Err(no_such_column("one encoding of the field in all blocks expected"));
        }
        Ok(match encoding {
            Encoding::Hex { case: Case::Upper, .. } | Encoding::Uuid { case: Case::Upper } => {
                [encoding.name(), " upper"].concat()
            }
            _ => encoding.name().into(),
        })
    }

    /// One flag a row, 0 where there is no value. For all encodings but those with a dictionary.
    pub fn valid(&self, name: &str) -> Vec<u8> {
        self.gather(name, 0, |column, out| match column {
            Column::Integers { valid, .. }
            | Column::Numbers { valid, .. }
            | Column::Booleans { valid, .. }
            | Column::Timestamps { valid, .. } => out.extend(valid.iter().map(|&v| u8::from(v))),
            Column::Strings { .. } => {}
        })
    }

    /// Integers, or microseconds since 1970.
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.gather(name, 0, |column, out| {
            if let Column::Integers { values, .. } | Column::Timestamps { micros: values, .. } = column {
                out.extend_from_slice(values);
            }
        })
    }

    /// The nanoseconds (0 to 999) below a time's microseconds; nothing where all are 0.
    pub fn nanos(&self, name: &str) -> Vec<u16> {
        let mut all = self.gather(name, 0, |column, out| {
            if let Column::Timestamps { nanos, .. } = column {
                out.extend_from_slice(nanos);
            }
        });
        if all.iter().all(|&n| n == 0) {
            all.clear();
        }
        all
    }

    /// Numbers.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.gather(name, 0.0, |column, out| {
            if let Column::Numbers { values, .. } = column {
                out.extend_from_slice(values);
            }
        })
    }

    /// 0 or 1 a row.
    pub fn booleans(&self, name: &str) -> Vec<u8> {
        self.gather(name, 0, |column, out| {
            if let Column::Booleans { values, .. } = column {
                out.extend(values.iter().map(|&v| u8::from(v)));
            }
        })
    }

    /// An index into the dictionary a row, 2³² − 1 where there is no value.
    pub fn indices(&self, name: &str) -> Vec<u32> {
        let mut base = 0;
        self.gather(name, NULL, |column, out| {
            if let Column::Strings { dictionary, ids } = column {
                out.extend(ids.iter().map(|&id| if id == NULL { NULL } else { base + id }));
                base += dictionary.len() as u32;
            }
        })
    }

    /// The dictionary's strings, end to end.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.dictionaries(name).flat_map(|strings| strings.bytes.iter().copied()).collect()
    }

    /// Where each of the dictionary's strings ends.
    pub fn ends(&self, name: &str) -> Vec<u32> {
        let mut base = 0;
        let mut all = Vec::new();
        for strings in self.dictionaries(name) {
            all.extend(strings.ends.iter().map(|&end| base + end));
            // The limits keep a payload's strings below 4 GiB.
            base += strings.bytes.len() as u32;
        }
        all
    }
}

impl RawBlock {
    /// The field in each block that has it, with its column.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = Option<(&Field, &Column)>> {
        self.0.batches().iter().map(move |batch| find(batch, name))
    }

    /// A column's values over all blocks, with `absent` for the rows of a block that lacks the field.
    fn gather<T: Clone>(&self, name: &str, absent: T, mut put: impl FnMut(&Column, &mut Vec<T>)) -> Vec<T> {
        let mut all = Vec::with_capacity(self.0.rows());
        let mut rows = 0;
        for (batch, field) in self.0.batches().iter().zip(self.fields(name)) {
            if let Some((_, column)) = field {
                put(column, &mut all);
            }
            rows += batch.rows();
            all.resize(rows, absent.clone());
        }
        all
    }

    fn dictionaries(&self, name: &str) -> impl Iterator<Item = &Strings> {
        self.fields(name).flatten().filter_map(|(_, column)| match column {
            Column::Strings { dictionary, .. } => Some(dictionary),
            _ => None,
        })
    }
}

/// The declared field of a name in a block, with its column.
fn find<'b>(batch: &'b Batch, name: &str) -> Option<(&'b Field, &'b Column)> {
    let declared = batch.schema().fields().iter().zip(batch.columns()).take(batch.declared());
    declared.into_iter().find(|(field, _)| field.name() == name)
}
