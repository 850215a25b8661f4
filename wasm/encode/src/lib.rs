//! Fidelog's encoder in JavaScript: what `encode.mjs` puts its functions around. A module of its own, so that who only
//! reads does not load it.

// A crate that is depended on would bring its exports along.
#[path = "../../src/host.rs"]
mod host;

use std::sync::Arc;

use fidelog_codec::{Level, Schema};
use wasm_bindgen::prelude::*;

use host::FidelogError;

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
