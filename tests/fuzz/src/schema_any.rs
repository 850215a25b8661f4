//! Any schema document is refused with a typed error, or it comes back and takes any records.

use std::sync::Arc;

use fidelog_codec::{Schema, error::Kind};

use crate::{
    round_trip::{self, LEVELS},
    samples,
};

/// Tries one input: a schema document.
///
/// # Panics
/// If a law is broken.
pub fn run(data: &[u8]) {
    let Ok(json) = core::str::from_utf8(data) else { return };
    let schema = match Schema::from_json(json) {
        Ok(schema) => schema,
        Err(error) => {
            assert_eq!(error.kind, Kind::Schema);
            assert!(error.offset <= data.len(), "{error}");
            return;
        }
    };
    for text in [schema.to_json(), schema.to_compact_json()] {
        assert!(Schema::from_json(&text).as_ref() == Ok(&schema), "not the schema that was written: {text}");
    }
    assert!(schema.event_time().is_none_or(|i| i < schema.fields().len()));
    // A record in the schema's own members, as its columns name them, and records that know nothing of it.
    let mut records = samples::fitting(&schema);
    records.extend(samples::records());
    if let Some(reduction) = schema.reduction() {
        for record in &records {
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            reduction.apply(record, &mut once);
            reduction.apply(&once, &mut twice);
            assert!(once.len() <= record.len() && once == twice, "reduced twice is not reduced once");
        }
    }
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let schema = Arc::new(schema);
    round_trip::check(&schema, &records, LEVELS[data.len() % 3], false);
}
