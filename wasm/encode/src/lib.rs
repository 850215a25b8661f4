//! Fidelog's encoder in JavaScript: what `encode.mjs` puts its functions around. A module of its own, so that who only
//! reads does not load it.

use std::sync::Arc;

use fidelog_codec::{Error, Level, Schema};
use wasm_bindgen::prelude::*;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen(raw_module = "../error.mjs")]
extern "C" {
    /// What every function throws.
    pub type FidelogError;

    #[wasm_bindgen(js_name = moduleError)]
    fn module_error(detail: &str, kind: &str, stage: &str, offset: usize) -> FidelogError;
}

impl From<Error> for FidelogError {
    fn from(error: Error) -> Self {
        module_error(&error.detail, error.kind.name(), error.stage.name(), error.offset)
    }
}

/// Encodes records, which stand end to end, under a schema document as one payload.
#[wasm_bindgen]
pub fn encode(bytes: &[u8], ends: &[u32], schema: &str, level: &str) -> Result<Vec<u8>, FidelogError> {
    let schema = Arc::new(Schema::from_json(schema)?);
    Ok(fidelog_codec::encode(&schema, records(bytes, ends), level.parse::<Level>()?))
}

/// The schema document that suits records.
#[wasm_bindgen]
pub fn infer(bytes: &[u8], ends: &[u32]) -> String {
    Schema::infer(records(bytes, ends)).schema.to_json()
}

/// A schema document as this library writes it; an error if it says something impossible.
#[wasm_bindgen]
pub fn read_schema(document: &str) -> Result<String, FidelogError> {
    Ok(Schema::from_json(document)?.to_json())
}

/// The records of which each ends there.
fn records<'a>(bytes: &'a [u8], ends: &'a [u32]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, &end)| bytes.get(start as usize..end as usize).unwrap_or_default())
}
