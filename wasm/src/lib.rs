//! Fidelog's decoder in JavaScript: `decode(bytes)` to records on demand, `unpack(bytes)` to the packed file.
//!
//! Each function converts, calls the codec once and maps the error.

use fidelog_codec::{Error, Limits};
use wasm_bindgen::prelude::*;

/// What a tab decodes at most: its memory is small, and running out of it cannot be caught.
const LIMITS: Limits = Limits { max_rows: 1 << 24, max_bytes: 1 << 30 };

#[wasm_bindgen]
extern "C" {
    /// JavaScript's own `Error`, with the fields that say where decoding stopped.
    #[wasm_bindgen(js_name = Error)]
    pub type DecodeError;

    #[wasm_bindgen(constructor, js_class = "Error")]
    fn new(message: &str) -> DecodeError;

    #[wasm_bindgen(method, setter)]
    fn set_name(this: &DecodeError, name: &str);

    #[wasm_bindgen(method, setter)]
    fn set_kind(this: &DecodeError, kind: &str);

    #[wasm_bindgen(method, setter)]
    fn set_stage(this: &DecodeError, stage: &str);

    #[wasm_bindgen(method, setter)]
    fn set_offset(this: &DecodeError, offset: usize);
}

impl From<Error> for DecodeError {
    fn from(error: Error) -> Self {
        let thrown = DecodeError::new(&error.to_string());
        thrown.set_name("DecodeError");
        thrown.set_kind(error.kind.name());
        thrown.set_stage(error.stage.name());
        thrown.set_offset(error.offset);
        thrown
    }
}

/// A decoded payload. Records are made when asked for, so a million of them do not freeze a tab.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Block(fidelog_codec::Block);

#[wasm_bindgen]
impl Block {
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

    /// The exact bytes of record `index`.
    pub fn record(&self, index: usize) -> Result<Vec<u8>, DecodeError> {
        let mut record = Vec::new();
        self.0.record_into(index, &mut record)?;
        Ok(record)
    }

    /// All records, each followed by a newline.
    pub fn ndjson(&self) -> Result<Vec<u8>, DecodeError> {
        Ok(self.0.lines()?)
    }
}

/// Decodes a payload (a block or a `.fdl` file).
#[wasm_bindgen]
pub fn decode(bytes: &[u8]) -> Result<Block, DecodeError> {
    Ok(Block(fidelog_codec::decode(bytes, &LIMITS)?))
}

/// Gives a packed file back, byte for byte.
#[wasm_bindgen]
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    Ok(fidelog_codec::unpack(bytes, &LIMITS)?)
}
