//! Contract 1: what goes in comes out, byte for byte, whatever it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use fidelog_codec::{Batch, Level, Limits, Schema, decode, encode, pack, unpack};
use proptest::prelude::*;

fn round_trip(schema: &Arc<Schema>, records: &[Vec<u8>]) {
    let slices = || records.iter().map(Vec::as_slice);
    let batch = Batch::split(schema, slices());
    for (row, record) in records.iter().enumerate() {
        let mut out = Vec::new();
        batch.record_into(row, &mut out).unwrap();
        assert_eq!(out, *record, "row {row} of the batch");
    }
    let block = decode(&encode(schema, slices(), Level::Fast), &Limits::default()).unwrap();
    assert_eq!(block.rows(), records.len());
    let back: Vec<Vec<u8>> = block.records().map(Result::unwrap).collect();
    assert_eq!(back, records);
}

fn wide_schema() -> Arc<Schema> {
    let json = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
        {"path":["i"],"column":"i","encoding":"integer"},
        {"path":["n"],"column":"n","encoding":"number","pattern":"shortest"},
        {"path":["f"],"column":"f","encoding":"number","pattern":"fixed:2"},
        {"path":["b"],"column":"b","encoding":"boolean"},
        {"path":["h"],"column":"h","encoding":"hex","case":"lower","bytes":2},
        {"path":["v"],"column":"v","encoding":"hex","case":"upper"},
        {"path":["u"],"column":"u","encoding":"uuid","case":"lower"},
        {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.f*Z"},
        {"path":["o","x"],"column":"o_x","encoding":"text"},
        {"path":["o","y"],"column":"o_y","encoding":"json"},
        {"path":["s"],"column":"s","encoding":"text"}]}"#;
    Arc::new(Schema::from_json(json).unwrap())
}

/// A value that some encoding may take, or just not.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,20}",
        "-?[0-9]{1,3}\\.[0-9]{1,3}([eE][+-]?[0-9]{1,2})?",
        "null|true|false|NaN|\\[\\]|\\{\\}",
        "\"[0-9a-fA-F]{0,6}\"",
        "\"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"",
        "\"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?Z\"",
        "\"([a-z/<é]|\\\\[nu\"\\\\/]|\\\\u00e9|\\\\ud83d){0,6}\"",
        "\\[1, *\\{\"a\":\"]\"\\}\\]",
        "\\{\"x\": \"[a-z]{0,3}\", \"y\": [0-9]{1,3}\\}",
    ]
}

/// JSON-like text: members in any order, doubled, missing or unknown, in either style, sometimes cut short.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let member = ("[infbhvutosxyz]", value(), any::<bool>())
        .prop_map(|(key, value, spaced)| format!("\"{key}\":{}{value}", if spaced { " " } else { "" }));
    let object =
        (prop::collection::vec(member, 0..14), prop_oneof![Just(", "), Just(","), Just(" ,\n")], 0usize..400)
            .prop_map(|(members, item, cut)| {
                let text = format!("{{{}}}", members.join(item));
                text.as_bytes()[..text.len().min(if cut < 350 { usize::MAX } else { cut - 350 })].to_vec()
            });
    prop_oneof![4 => object, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

/// A record in the wide schema's default skeleton, or nearly.
fn ordinary() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(value(), 11).prop_map(|v| {
        format!(
            "{{\"i\": {}, \"n\": {}, \"f\": {}, \"b\": {}, \"h\": {}, \"v\": {}, \"u\": {}, \"t\": {}, \"o\": {{\"x\": {}, \"y\": {}}}, \"s\": {}}}",
            v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]
        )
        .into_bytes()
    })
}

proptest! {
    #[test]
    fn any_bytes_under_any_schema(records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..8)) {
        round_trip(&wide_schema(), &records);
    }

    #[test]
    fn json_like_text(records in prop::collection::vec(prop_oneof![record(), ordinary()], 0..12)) {
        round_trip(&wide_schema(), &records);
        let inferred = Schema::infer(records.iter().map(Vec::as_slice)).schema;
        prop_assert_eq!(&Schema::from_json(&inferred.to_json()).unwrap(), &inferred);
        round_trip(&Arc::new(inferred), &records);
    }

    #[test]
    fn any_file_packs(file: Vec<u8>) {
        prop_assert_eq!(unpack(&pack(&file, Level::Default), &Limits::default()).unwrap(), file);
    }

    #[test]
    fn json_like_files_pack(
        records in prop::collection::vec(record(), 0..8),
        array: bool,
        separator in prop_oneof![Just("\n"), Just(",\n"), Just(", "), Just("\r\n")],
        end in "[\\]\n ]{0,3}",
    ) {
        let mut file = if array { b"[".to_vec() } else { Vec::new() };
        file.extend(records.join(separator.as_bytes()));
        file.extend(end.as_bytes());
        prop_assert_eq!(unpack(&pack(&file, Level::Small), &Limits::default()).unwrap(), file);
    }
}

#[test]
fn the_default_skeleton_is_found_and_free() {
    let schema = wide_schema();
    let record = br#"{"i": 1, "n": 1.5, "f": 0.10, "b": true, "h": "abcd", "v": "AB", "u": "123e4567-e89b-12d3-a456-426614174000", "t": "2022-01-06T06:09:45.117Z", "o": {"x": "a\n", "y": [1, 2]}, "s": null}"#;
    let batch = Batch::split(&schema, [&record[..]]);
    assert_eq!(batch.skeletons().ids, [u32::MAX]);
}
