//! Fidelog's decoder in JavaScript: what `fidelog.mjs` puts its classes around.
//!
//! Each function converts, calls the codec once and maps the error. Everything that is returned is a copy: no view into
//! this module's memory, which moves when it grows, gets out.

mod column;

use fidelog_codec::{Error, Limits, error::Kind, error::Stage, schema::Field};
use wasm_bindgen::prelude::*;

/// What a tab decodes at most: its memory is small, and running out of it cannot be caught.
const LIMITS: Limits = Limits { max_rows: 1 << 24, max_bytes: 1 << 30 };

#[wasm_bindgen(raw_module = "../error.mjs")]
extern "C" {
    /// What every function throws.
    pub type FidelogError;

    #[wasm_bindgen(constructor)]
    fn new(message: &str, kind: &str, stage: &str, offset: usize) -> FidelogError;
}

impl From<Error> for FidelogError {
    fn from(error: Error) -> Self {
        FidelogError::new(&error.to_string(), error.kind.name(), error.stage.name(), error.offset)
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
    #[wasm_bindgen(getter)]
    pub fn columns(&self) -> Vec<String> {
        self.0.field_names()
    }

    /// A field's values in some rows, spelled as JSON the way the records spell them; `null` where there is none.
    pub fn spellings(&self, name: &str, from: usize, to: usize) -> Vec<String> {
        let mut spellings = Vec::new();
        let mut first = 0;
        for batch in self.0.batches() {
            let mut declared = batch.schema().fields().iter().take(batch.declared());
            let index = declared.position(|field| field.name() == name);
            let field = index.and_then(|index| batch.schema().fields().get(index));
            for row in from.max(first)..to.min(first + batch.rows()) {
                let mut json = Vec::new();
                let value = index.and_then(|index| batch.value(index, row - first));
                let style = batch.schema().style().within(field.map_or(0, Field::depth));
                match (field, value) {
                    (Some(field), Some(value)) if field.encoding.render(value, style, &mut json) => {
                        spellings.push(String::from_utf8_lossy(&json).into_owned());
                    }
                    _ => spellings.push("null".into()),
                }
            }
            first += batch.rows();
        }
        spellings
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

/// An error about a column that was asked for.
fn no_such_column(detail: &'static str) -> FidelogError {
    Error::new(Kind::Unsupported, Stage::Column, 0, detail).into()
}
