//! A schema inferred from any records is valid, names its columns safely, and takes the records.

use std::{collections::BTreeSet, sync::Arc};

use fidelog_codec::Schema;

use crate::round_trip::{self, LEVELS};

/// Tries one input: records, one a line.
///
/// # Panics
/// If a law is broken.
pub fn run(data: &[u8]) {
    let records: Vec<&[u8]> = data.split(|&c| c == b'\n').collect();
    let inference = Schema::infer(records.iter().copied());
    assert_eq!(inference.records, records.len());
    assert!(inference.objects <= inference.records);
    assert!(inference.summary().contains("records"));
    let schema = inference.schema;
    assert!(Schema::from_json(&schema.to_json()).as_ref() == Ok(&schema), "{}", schema.to_json());
    assert_eq!(inference.fields.len(), schema.fields().len(), "the evidence is about other fields");
    let mut columns = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for (field, report) in schema.fields().iter().zip(&inference.fields) {
        let column = field.column.as_str();
        let first = column.bytes().next();
        assert!(first.is_some_and(|c| c == b'_' || c.is_ascii_lowercase()), "column {column}");
        assert!(column.bytes().all(|c| c == b'_' || c.is_ascii_lowercase() || c.is_ascii_digit()));
        // The way back from a column is its field, so neither may be there twice.
        assert!(columns.insert(column), "two columns {column}");
        assert!(paths.insert(&field.path), "two fields {:?}", field.path);
        assert_eq!((&report.column, report.encoding), (&field.column, field.encoding.name()));
        assert!(report.fits <= report.seen, "{report:?}");
    }
    assert!(schema.event_time().is_none_or(|i| i < schema.fields().len()));
    round_trip::check(&Arc::new(schema), &records, LEVELS[data.len() % 3], false);
}
