//! Fidelog's decoder in JavaScript: what `fidelog.mjs` puts its classes around. Each function calls the codec once.
//!
//! Everything that is returned is a copy: no view into this module's memory, which moves when it grows, gets out. Lists go
//! as bytes: each kind of list that wasm-bindgen converts by itself would cost a kilobyte of the module.

mod column;
mod host;

use fidelog_codec::Limits;
use wasm_bindgen::prelude::*;

use column::find;
use host::FidelogError;

/// What a tab decodes at most: its memory is small, and running out of it cannot be caught.
const LIMITS: Limits = Limits { max_rows: 1 << 24, max_bytes: 1 << 30 };

/// A decoded payload.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawBlock(fidelog_codec::Block);

#[wasm_bindgen]
impl RawBlock {
    /// Decodes a payload (a block or a `.fdl` file).
    pub fn decode(bytes: &[u8]) -> Result<Self, FidelogError> {
        Ok(RawBlock(fidelog_codec::decode(bytes, &LIMITS)?))
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The names of the fields that have a column, in the schema's order.
    pub fn columns(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.field_names().iter().for_each(|name| put(name.as_bytes(), &mut out));
        out
    }

    /// A field's values in some rows, spelled as JSON the way the records spell them; `null` where there is none.
    pub fn spellings(&self, name: &str, from: usize, to: usize) -> Vec<u8> {
        let (mut out, mut json, mut first) = (Vec::new(), Vec::new(), 0);
        for batch in self.0.batches() {
            let found = find(batch, name);
            for row in from.max(first)..to.min(first + batch.rows()) {
                json.clear();
                let is_spelled = found.is_some_and(|(index, field)| {
                    let style = batch.schema().style().within(field.depth());
                    batch
                        .value(index, row - first)
                        .is_some_and(|v| field.encoding.render(v, style, &mut json))
                });
                put(if is_spelled { &json } else { b"null" }, &mut out);
            }
            first += batch.rows();
        }
        out
    }

    /// The exact bytes of record `index`.
    pub fn record(&self, index: usize) -> Result<Vec<u8>, FidelogError> {
        let mut record = Vec::new();
        self.0.record_into(index, &mut record)?;
        Ok(record)
    }

    /// All records, each followed by a newline.
    pub fn ndjson(&self) -> Result<Vec<u8>, FidelogError> {
        Ok(self.0.lines()?)
    }
}

/// Gives a packed file back, byte for byte.
#[wasm_bindgen]
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, FidelogError> {
    Ok(fidelog_codec::unpack(bytes, &LIMITS)?)
}

/// Appends a text of a list, behind its length.
fn put(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}
