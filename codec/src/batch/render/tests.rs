use alloc::{format, string::String, sync::Arc};
use std::vec;

use proptest::prelude::*;

use super::*;
use crate::{
    batch::Skeletons,
    column::{Column, NULL, Strings},
    schema::Schema,
};

fn schema() -> Arc<Schema> {
    let json = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
        {"path":["i"],"column":"i","encoding":"integer"},
        {"path":["a rather long name of a field"],"column":"n","encoding":"number","pattern":"shortest"},
        {"path":["b"],"column":"b","encoding":"boolean"},
        {"path":["h"],"column":"h","encoding":"hex","case":"lower"},
        {"path":["u"],"column":"u","encoding":"uuid","case":"upper"},
        {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.fffZ"},
        {"path":["e"],"column":"e","encoding":"timestamp","pattern":"epoch_ms"},
        {"path":["s"],"column":"s","encoding":"text"},
        {"path":["j"],"column":"j","encoding":"json"}]}"#;
    Arc::new(Schema::from_json(json).unwrap())
}

/// A value for a member: fitting, null, a misfit, empty, or longer than the buffer.
fn value() -> impl Strategy<Value = String> {
    let instant = (0..40i64, 0..1_000i64).prop_map(|(day, ms)| {
        format!("\"2024-0{}-{:02}T{:02}:09:{:02}.{ms:03}Z\"", day % 9 + 1, day % 3 + 1, day % 24, ms % 60)
    });
    prop_oneof![
        4 => "-?[1-9][0-9]{0,18}|[0-9]",
        2 => "[0-9]{1,2}\\.[1-9]",
        2 => "true|false",
        4 => "null|\"\"|x?",
        2 => "\"([0-9a-f]{2}){0,70}\"",
        2 => "\"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}\"",
        6 => instant,
        2 => "\"[ -!#-\\[\\]-~é]{0,300}\"",
        1 => (0usize..40_000).prop_map(|n| format!("\"{}\"", "é".repeat(n))),
    ]
}

/// Records of the default skeleton, or with members in another order, doubled, unknown, missing; or no JSON.
fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    const KEYS: [&str; 10] = ["i", "a rather long name of a field", "b", "h", "u", "t", "e", "s", "j", "z"];
    let object = (prop::collection::vec(value(), 10), prop::collection::vec(0usize..10, 0..12), 0u8..4)
        .prop_map(|(values, odd, kind)| {
            let keys = if kind == 0 { odd } else { (0..9).collect() };
            let members: Vec<String> =
                keys.iter().map(|&k| format!("\"{}\": {}", KEYS[k], values[k])).collect();
            format!("{{{}}}", members.join(", ")).into_bytes()
        });
    // From few records, so that values and skeletons recur.
    let record = prop_oneof![9 => object, 1 => prop::collection::vec(any::<u8>(), 0..40)];
    (prop::collection::vec(record, 1..8), prop::collection::vec(any::<prop::sample::Index>(), 0..200))
        .prop_map(|(few, rows)| rows.iter().map(|i| i.get(&few).clone()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn many_rows_are_the_rows_one_by_one(
        records in records(),
        separator in prop_oneof![Just("".into()), Just("\n".into()), "[, ]{0,100}"],
        cuts: [prop::sample::Index; 2],
    ) {
        let batch = Batch::split(&schema(), records.iter().map(Vec::as_slice));
        let mut renderer = batch.renderer();
        let cut = |i: usize| cuts[i].index(batch.rows() + 1);
        let (start, end) = (cut(0).min(cut(1)), cut(0).max(cut(1)));
        for rows in [0..batch.rows(), start..end] {
            let expected = records[rows.clone()].join(separator.as_bytes());
            let mut out = b"before".to_vec();
            renderer.join_into(rows.clone(), separator.as_bytes(), expected.len() + 6, &mut out).unwrap();
            prop_assert!(out == [&b"before"[..], &expected].concat());
            if !expected.is_empty() {
                let mut out = Vec::new();
                let over = renderer.join_into(rows, separator.as_bytes(), expected.len() - 1, &mut out).unwrap_err();
                prop_assert_eq!(over.kind, Kind::Limit);
                prop_assert!(out.len() < expected.len());
            }
        }
        for (row, record) in records.iter().enumerate() {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            renderer.record_into(row, &mut one).unwrap();
            batch.record_into(row, &mut other).unwrap();
            prop_assert!(one == *record && other == *record);
        }
    }

    /// Whatever the columns and skeletons are, a renderer fails where a single record does.
    #[test]
    fn parts_that_do_not_fit(
        rows in prop::collection::vec((0u32..6, 0i64..4, any::<bool>(), 0u32..4), 1..100),
        holes in prop::collection::vec(0u8..10, 0..6),
    ) {
        let n = rows.len();
        let mut skeleton = Vec::new();
        for hole in &holes {
            skeleton.extend_from_slice(&[2, b'<', b'>', *hole]);
        }
        let mut dictionary = Strings::default();
        let mut whole = skeleton.clone();
        whole.extend_from_slice(&[1, b'.']);
        for bytes in [&whole[..], &skeleton, &[0], &[1, b'x', 0, 0]] {
            dictionary.push(bytes);
        }
        let ids = rows.iter().map(|r| if r.0 > 3 { NULL } else { r.0 }).collect();
        let valid: Vec<bool> = rows.iter().map(|r| r.2).collect();
        let mut words = Strings::default();
        for word in [&b""[..], b"0123456789abcdef", b"\xff"] {
            words.push(word);
        }
        let column = |i: usize| match i {
            0 => Column::Integers { values: rows.iter().map(|r| r.1).collect(), valid: valid.clone() },
            1 => Column::Numbers { values: rows.iter().map(|r| 0.5 / r.1 as f64).collect(), valid: valid.clone() },
            2 => Column::Booleans { values: rows.iter().map(|r| r.1 > 1).collect(), valid: valid.clone() },
            5 | 6 => Column::Timestamps {
                micros: rows.iter().map(|r| (r.1 - 1) * 999_500).collect(),
                nanos: vec![],
                valid: valid.clone(),
            },
            _ => Column::Strings {
                dictionary: words.clone(),
                ids: rows.iter().map(|r| if r.3 > 2 { NULL } else { r.3 }).collect(),
            },
        };
        let skeletons = Skeletons { dictionary, ids };
        let batch = Batch::from_checked(schema(), 9, (0..9).map(column).collect(), skeletons).unwrap();
        let mut renderer = batch.renderer();
        for row in 0..n {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            let done = renderer.record_into(row, &mut one);
            // A skeleton that is broken and has a value that does not fit has two errors.
            prop_assert_eq!(done.is_ok(), batch.record_into(row, &mut other).is_ok());
            prop_assert!(done.is_err() || one == other);
        }
    }
}

#[test]
fn a_record_without_end_is_cut_off() {
    let mut words = Strings::default();
    words.push(&[b'1'; 1 << 16]);
    let mut skeleton = Vec::new();
    for _ in 0..1 << 16 {
        skeleton.extend_from_slice(&[0, 8]);
    }
    skeleton.push(0);
    let mut dictionary = Strings::default();
    dictionary.push(&skeleton);
    let mut columns: Vec<Column> = Batch::split(&schema(), [&b"x"[..]]).columns().to_vec();
    columns[8] = Column::Strings { dictionary: words, ids: vec![0] };
    let batch = Batch::from_checked(schema(), columns.len(), columns, Skeletons { dictionary, ids: vec![0] })
        .unwrap();
    let mut out = Vec::new();
    let over = batch.renderer().join_into(0..1, b"\n", 1 << 20, &mut out).unwrap_err();
    assert_eq!(over.kind, Kind::Limit);
    assert!(out.len() <= 1 << 20 && out.capacity() <= 1 << 21);
}
