//! `fidelog export`

use std::io::Write;

use fidelog_codec::Limits;

use crate::run::{Sandbox, lines, sorted};

#[test]
fn what_is_exported_is_what_was_stored() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "3000", "--format", "lines", "-o", "s.jsonl"]).done();
    // Several schemas' rows, several files, and what is no line.
    sandbox.run(&["consume", "--from", "s.jsonl", "--to", "store"]).done();
    sandbox.pipe(b"[{\"a\":\n1},\"x\"]", &["consume", "--from", "-", "--to", "store"]).done();
    let mut all = lines(&sandbox.read("s.jsonl"));
    all.extend([b"{\"a\":\n1}".to_vec(), b"\"x\"".to_vec()]);
    all.sort();

    let ran = sandbox.run(&["export", "--store", "store", "--format", "fdl", "-o", "all.fdl"]).done();
    assert!(ran.err.contains("3,002 records"), "{ran:?}");
    let records = |file: &[u8]| -> Vec<Vec<u8>> {
        let block = fidelog_codec::decode(file, &Limits::default()).unwrap();
        let mut records: Vec<Vec<u8>> = block
            .batches()
            .iter()
            .flat_map(|batch| {
                (0..batch.rows())
                    .map(|row| {
                        let mut record = Vec::new();
                        batch.record_into(row, &mut record).unwrap();
                        record
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        records.sort();
        records
    };
    assert!(records(&sandbox.read("all.fdl")) == all);
    let ran = sandbox.run(&["export", "--store", "store", "-o", "-"]).done();
    assert!(ran.err.contains("1 records hold line feeds"), "{}", ran.err);
    assert!(sorted(ran.out.split(|&c| c == b'\n')).len() == all.len() + 2);

    // A span, against the times in the records themselves.
    let time = |record: &[u8]| {
        let record: serde_json::Value = serde_json::from_slice(record).ok()?;
        Some(record.get("inDate")?.as_str()?.to_owned())
    };
    let mut times: Vec<String> = all.iter().filter_map(|r| time(r)).collect();
    times.sort();
    let (from, to) = (&times[500], &times[1500]);
    let ran = sandbox.run(&["export", "--store", "store", "--from", from, "--to", to, "-o", "-"]).done();
    let expected: Vec<&[u8]> = all
        .iter()
        .filter(|r| time(r).is_some_and(|time| time >= *from && time < *to))
        .map(Vec::as_slice)
        .collect();
    assert!(expected.len() >= 900);
    assert!(lines(&ran.out) == sorted(expected));

    let none =
        ["export", "--store", "store", "--to", "1970-01-01T00:00:00Z", "--format", "fdl", "-o", "none.fdl"];
    sandbox.run(&none).done();
    assert!(records(&sandbox.read("none.fdl")).is_empty());
}

#[test]
fn a_store_without_times_has_no_span() {
    let sandbox = Sandbox::new();
    sandbox.pipe(b"{\"a\":1}\n", &["consume", "--from", "-", "--to", "store"]).done();
    let args = ["export", "--store", "store", "--from", "2026-01-01T00:00:00Z", "-o", "x"];
    sandbox.run(&args).failed(&["no event time"]);
    assert!(!sandbox.path("x").exists());
}

#[test]
fn gzip_is_read_and_a_rotated_file_is_refused() {
    let sandbox = Sandbox::new();
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let consume = ["consume", "--from", "log", "--to", "store", "--source", "log", "--json"];
    sandbox.write("log", [gzip(b"{\"a\":1}\n"), gzip(b"{\"a\":2}\n")].concat());
    assert_eq!(sandbox.run(&consume).done().json()["stored"], 2);
    // It grew, and is not compressed any more.
    sandbox.write("log", b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    assert_eq!(sandbox.run(&consume).done().json()["stored"], 1);
    // Another one under its name: shorter, so that every position in it is known.
    sandbox.write("log", b"{\"a\":9}\n");
    sandbox.run(&consume).failed(&["\"log\"", "another input", "nothing was stored"]);
    assert_eq!(sandbox.stored("store").len(), 3);
    sandbox.write("cut", &gzip(b"{\"a\":1}\n")[..12]);
    sandbox.run(&["consume", "--from", "cut", "--to", "other"]).failed(&["cut", "gzip"]);
}
