//! Contract 1: what goes in comes out, byte for byte, whatever it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use fidelog_codec::{
    Encoder, Level, Limits, Schema,
    batch::{Batch, Skeletons},
    column::Column,
    container::encode_batch,
    decode, encode, pack, unpack,
};
use proptest::prelude::*;

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

fn round_trip(schema: &Arc<Schema>, records: &[Vec<u8>]) {
    let slices = || records.iter().map(Vec::as_slice);
    let batch = Batch::split(schema, slices());
    for (row, record) in records.iter().enumerate() {
        let mut out = Vec::new();
        batch.record_into(row, &mut out).unwrap();
        assert_eq!(out, *record, "row {row} of the batch");
    }
    for level in LEVELS {
        let block = decode(&encode(schema, slices(), level), &Limits::default()).unwrap();
        assert_eq!(block.rows(), records.len());
        let back: Vec<Vec<u8>> = block.records().map(Result::unwrap).collect();
        assert_eq!(back, records, "{level:?}");
        // A batch without its records, as a table or a query gives it.
        let block = decode(&encode_batch(&batch, level), &Limits::default()).unwrap();
        let back: Vec<Vec<u8>> = block.records().map(Result::unwrap).collect();
        assert_eq!(back, records, "{level:?}");
    }
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
        {"path":["o","e","\"","i"],"column":"o_e_i","encoding":"integer"},
        {"path":["o","e","\"","t"],"column":"o_e_t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ssZ"},
        {"path":["o","e","\"","s"],"column":"o_e_s","encoding":"text"},
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
        // JSON in a string, well spelled or not.
        "\\{\"e\": \"\\{( |\\\\n)?(\\\\\"|\\\\u0022)[is]\\\\\": ([0-9]{1,3}|\\\\\"[a-zé]\\\\\")\\}?\"\\}",
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
    prop::collection::vec(value(), 14).prop_map(|v| {
        let inner = format!("{{\"i\": {}, \"t\": {}, \"s\": {}}}", v[10], v[11], v[12]);
        let inner = inner.replace('\\', "\\\\").replace('"', "\\\"");
        format!(
            "{{\"i\": {}, \"n\": {}, \"f\": {}, \"b\": {}, \"h\": {}, \"v\": {}, \"u\": {}, \"t\": {}, \"o\": {{\"x\": {}, \"y\": {}, \"e\": \"{inner}\"}}, \"s\": {}}}",
            v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[13]
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
    let record = br#"{"i": 1, "n": 1.5, "f": 0.10, "b": true, "h": "abcd", "v": "AB", "u": "123e4567-e89b-12d3-a456-426614174000", "t": "2022-01-06T06:09:45.117Z", "o": {"x": "a\n", "y": [1, 2], "e": "{\"i\": 1, \"t\": \"2022-01-06T06:09:45Z\", \"s\": \"\\\"\"}"}, "s": null}"#;
    let batch = Batch::split(&schema, [&record[..]]);
    assert_eq!(batch.skeletons().ids, [u32::MAX]);
}

/// Records of several shapes whose values depend on each other, with members that no schema declares.
fn stream(n: usize, salt: usize) -> Vec<Vec<u8>> {
    let record = |i: usize| {
        let x = (i + salt).wrapping_mul(2_654_435_761) >> 7;
        let (user, page) = (x % 37, (x / 37) % 11 * (x % 3 + 1));
        match x % 5 {
            0 => format!(
                "{{\"i\": {user}, \"t\": \"2022-01-06T06:{:02}:{:02}.5Z\", \"extra\": {{\"page\": {page}}}}}",
                i / 60 % 60,
                i % 60
            ),
            1 => format!(
                "{{\"extra\": {{\"page\": {page}, \"ms\": {}.25}}, \"i\": {user}, \"b\": {}}}",
                x % 1000,
                x.is_multiple_of(2)
            ),
            2 => format!("user {user} saw page {page} at {i}"),
            _ => format!(
                "{{\"i\": {user}, \"n\": {}.5, \"h\": \"{:04x}\", \"s\": \"/p/{page}?u={user}\"}}",
                x % 1000,
                x & 0xffff
            ),
        }
    };
    (0..n).map(|i| record(i).into_bytes()).collect()
}

#[test]
fn a_stream_of_batches_keeps_its_plan() {
    for level in LEVELS {
        let mut encoder = Encoder::new(&wide_schema(), level);
        for (salt, n) in [(0, 700), (7_000, 300), (99, 1), (5, 0), (1_234, 2_000), (3, 40)] {
            let records = stream(n, salt);
            let payload = encoder.encode(records.iter().map(Vec::as_slice));
            let block = decode(&payload, &Limits::default()).unwrap();
            let back: Vec<Vec<u8>> = block.records().map(Result::unwrap).collect();
            assert!(back == records, "{level:?}, {n} records");
        }
    }
}

#[test]
fn undeclared_members_are_learned() {
    let records = stream(2_000, 0);
    let block = decode(
        &encode(&wide_schema(), records.iter().map(Vec::as_slice), Level::Default),
        &Limits::default(),
    )
    .unwrap();
    let [batch] = block.batches() else { panic!("one block expected") };
    assert_eq!(batch.declared(), wide_schema().fields().len());
    let names: Vec<String> = batch.schema().fields()[batch.declared()..].iter().map(|f| f.name()).collect();
    assert_eq!(names, ["extra.page", "extra.ms"]);
    let declared = batch.declared_only().unwrap();
    assert_eq!(*declared, Batch::split(&wide_schema(), records.iter().map(Vec::as_slice)));
    // The same from a batch that was split without them.
    let split = Batch::split(&wide_schema(), records.iter().map(Vec::as_slice));
    let again = decode(&encode_batch(&split, Level::Default), &Limits::default()).unwrap();
    assert_eq!(again.batches(), block.batches());
}

#[test]
fn columns_from_elsewhere_keep_every_bit() {
    let schema = wide_schema();
    let rows = 300;
    let numbers: Vec<f64> = (0..rows as u64)
        .map(|i| match i {
            0 => f64::NAN,
            1 => -0.0,
            2 => f64::INFINITY,
            3 => f64::from_bits(1),
            _ => f64::from_bits(i.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        })
        .collect();
    let columns: Vec<Column> = Batch::split(&schema, vec![&b"{}"[..]; rows])
        .columns()
        .iter()
        .map(|column| match column {
            Column::Numbers { .. } => Column::Numbers { values: numbers.clone(), valid: vec![true; rows] },
            Column::Integers { .. } => {
                let values =
                    (0..rows as i64).map(|i| if i % 2 == 0 { i64::MIN + i } else { i64::MAX - i }).collect();
                Column::Integers { values, valid: (0..rows).map(|i| i % 3 != 0).collect() }
            }
            other => other.clone(),
        })
        .collect();
    let skeletons = Skeletons { ids: vec![u32::MAX; rows], ..Skeletons::default() };
    let batch = Batch::from_parts(schema, columns, skeletons).unwrap();
    for level in LEVELS {
        let block = decode(&encode_batch(&batch, level), &Limits::default()).unwrap();
        let [decoded] = block.batches() else { panic!("one block expected") };
        for (one, other) in decoded.columns().iter().zip(batch.columns()) {
            match (one, other) {
                (Column::Numbers { values: a, .. }, Column::Numbers { values: b, .. }) => {
                    assert!(a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()));
                }
                (Column::Integers { values: a, valid: v }, Column::Integers { values: b, valid: w }) => {
                    assert_eq!(v, w);
                    assert!(a.iter().zip(b).zip(v).all(|((a, b), valid)| !valid || a == b));
                }
                _ => assert_eq!(one, other),
            }
        }
    }
}

#[test]
fn a_single_record_costs_little_beside_its_values() {
    let record = br#"{"game_id": 2319, "gamer_id": "517c0a2a7e4f1d58b0d1e8c3a5f49b6627e1c0d9f8a7b6c5d4e3f2a1b0c9d8e7", "inDate": "2022-01-06T06:09:45.117Z", "url": "/v5/users/me", "method": "GET", "tableAndColumn": null}"#;
    let schema = Arc::new(Schema::infer([&record[..]]).schema);
    for level in LEVELS {
        let payload = encode(&schema, [&record[..]], level);
        // The id's 32 bytes, the time's 6 or so, the url's 12, and the integers.
        assert!(payload.len() < 150 + 60, "{level:?}: {} bytes", payload.len());
    }
}
