//! Fidelog's decoder in JavaScript: what `fidelog.mjs` puts its classes around.
//!
//! Each function converts, calls the codec once and maps the error. Everything that is returned is a copy: no view into
//! this module's memory, which moves when it grows, gets out. Lists go as bytes: each kind of list that wasm-bindgen
//! converts by itself would cost a kilobyte of the module.

mod column;

use fidelog_codec::{Error, Limits};
use wasm_bindgen::prelude::*;

use column::find;

/// A quarter of the size of the standard one.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What a tab decodes at most: its memory is small, and running out of it cannot be caught.
const LIMITS: Limits = Limits { max_rows: 1 << 24, max_bytes: 1 << 30 };

#[wasm_bindgen(raw_module = "../error.mjs")]
extern "C" {
    /// What every function throws.
    pub type FidelogError;

    #[wasm_bindgen(js_name = decodeError)]
    fn decode_error(detail: &str, kind: &str, stage: &str, offset: usize) -> FidelogError;
}

impl From<Error> for FidelogError {
    fn from(error: Error) -> Self {
        decode_error(&error.detail, error.kind.name(), error.stage.name(), error.offset)
    }
}

/// A decoded payload. Records are made when asked for, so a million of them do not freeze a tab.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawBlock(fidelog_codec::Block);

#[wasm_bindgen]
impl RawBlock {
    /// How many records.
    #[wasm_bindgen(getter, js_name = rowCount)]
    pub fn row_count(&self) -> usize {
        self.0.rows()
    }

    /// The names of the fields that have a column, in the schema's order.
    pub fn columns(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.field_names().iter().for_each(|name| put_text(name.as_bytes(), &mut out));
        out
    }

    /// A field's values in some rows, spelled as JSON the way the records spell them; `null` where there is none.
    pub fn spellings(&self, name: &str, from: usize, to: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let mut json = Vec::new();
        let mut first = 0;
        for batch in self.0.batches() {
            let style = batch.schema().style();
            let found = find(batch, name);
            for row in from.max(first)..to.min(first + batch.rows()) {
                json.clear();
                let is_spelled = found.is_some_and(|(index, field)| {
                    let value = batch.value(index, row - first);
                    value.is_some_and(|value| {
                        field.encoding.render(value, style.within(field.depth()), &mut json)
                    })
                });
                put_text(if is_spelled { &json } else { b"null" }, &mut out);
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

/// Decodes a payload (a block or a `.fdl` file).
#[wasm_bindgen]
pub fn decode(bytes: &[u8]) -> Result<RawBlock, FidelogError> {
    Ok(RawBlock(fidelog_codec::decode(bytes, &LIMITS)?))
}

/// Gives a packed file back, byte for byte.
#[wasm_bindgen]
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, FidelogError> {
    Ok(fidelog_codec::unpack(bytes, &LIMITS)?)
}

/// Appends a text of a list, behind its length.
fn put_text(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}
