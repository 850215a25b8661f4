//! `fidelog consume`

use std::process::Stdio;

use crate::run::{Sandbox, lines, sorted};

#[test]
fn every_record_is_stored_exactly() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "10000", "--format", "lines", "-o", "s.jsonl"]).done();
    let ran = sandbox.run(&["consume", "--from", "s.jsonl", "--to", "store"]).done();
    assert_eq!(
        ran.text(),
        "10,000 records received, 10,000 stored, 0 trimmed as already seen; the schema was inferred and is kept in store\n"
    );
    assert_eq!(ran.err, "");
    assert!(sandbox.stored("store") == lines(&sandbox.read("s.jsonl")));
    let data: Vec<_> = find(&sandbox.path("store"), "parquet");
    assert_eq!(data.len(), 1, "{data:?}");
}

fn find(directory: &std::path::Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(find(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

#[test]
fn odd_records_are_records() {
    let sandbox = Sandbox::new();
    let records: [&[u8]; 8] = [
        b"{\"a\": 1}",
        b"",
        b"",
        b"\xff\xfe",
        b"{\"a\":1.0}",
        b"no json\r",
        b"{\"a\": 1, \"a\": 2}",
        b"\xef\xbb\xbf{}",
    ];
    let file = records.join(&b'\n');
    sandbox.pipe(&file, &["consume", "--from", "-", "--to", "store"]).done();
    assert_eq!(sandbox.stored("store"), sorted(records));
}

#[test]
fn arrays_lines_and_forced_formats() {
    let sandbox = Sandbox::new();
    let array = b"[{\"a\": 1},\n {\"a\": 2}]";
    sandbox.pipe(array, &["consume", "--from", "-", "--to", "auto"]).done();
    assert_eq!(sandbox.stored("auto"), sorted([&b"{\"a\": 1}"[..], b"{\"a\": 2}"]));
    sandbox.pipe(array, &["consume", "--from", "-", "--to", "lines", "--format", "lines"]).done();
    assert_eq!(sandbox.stored("lines"), sorted([&b"[{\"a\": 1},"[..], b" {\"a\": 2}]"]));
    let no_array =
        sandbox.pipe(b"{\"a\": 1}\n", &["consume", "--from", "-", "--to", "none", "--format", "array"]);
    no_array.failed(&["standard input", "array", "--format lines"]);
    assert!(!sandbox.path("none").exists());
}

#[test]
fn without_a_source_every_run_is_new_and_with_one_only_new_records_are() {
    let sandbox = Sandbox::new();
    let consume = |input: &[u8], source: &[&str]| {
        let args =
            [&["consume", "--from", "-", "--to", "store", "--json", "--batch-records", "2"], source].concat();
        let ran = sandbox.pipe(input, &args).done().json();
        ["received", "stored", "already_stored"].map(|k| ran[k].as_u64().unwrap())
    };
    let (three, five) = (
        b"{\"a\": 1}\n{\"a\": 1}\n{\"a\": 2}\n",
        b"{\"a\": 1}\n{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}\n{\"a\": 4}\n",
    );
    assert_eq!(consume(three, &[]), [3, 3, 0]);
    assert_eq!(consume(three, &[]), [3, 3, 0]);
    assert_eq!(consume(three, &["--source", "x"]), [3, 3, 0]);
    assert_eq!(consume(three, &["--source", "x"]), [3, 0, 3]);
    assert_eq!(consume(five, &["--source", "x"]), [5, 2, 3]);
    assert_eq!(consume(five, &["--source", "y"]), [5, 5, 0]);
    assert_eq!(sandbox.stored("store").len(), 3 + 3 + 5 + 5);
}

#[test]
fn an_empty_input_makes_nothing() {
    let sandbox = Sandbox::new();
    let ran = sandbox.pipe(b"", &["consume", "--from", "-", "--to", "store"]).done();
    assert!(ran.text().starts_with("0 records received"), "{ran:?}");
    assert!(!sandbox.path("store").exists());
}

#[test]
fn schemas_given_kept_and_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"a\": 1, \"t\": \"2024-01-02T03:04:05Z\"}\n");
    sandbox.write("b.jsonl", "{\"b\": true}\n{\"b\": false}\n");
    sandbox.run(&["infer", "a.jsonl", "-o", "a.schema"]).done();
    sandbox.run(&["infer", "b.jsonl", "-o", "b.schema"]).done();
    let consume = |file: &str, schema: &str| {
        let with: &[&str] = if schema.is_empty() { &[] } else { &["--schema", schema] };
        sandbox.run(&[&["consume", "--from", file, "--to", "store", "--json"], with].concat())
    };
    consume("b.jsonl", "a.schema").failed(&["a.schema", "b.jsonl", "does not fit", "a, t", "fidelog infer"]);
    assert!(!sandbox.path("store").exists(), "nothing is written under a schema that does not fit");
    assert_eq!(consume("a.jsonl", "a.schema").done().json()["schema"], "given");
    assert_eq!(consume("a.jsonl", "a.schema").done().json()["stored"], 1);
    assert_eq!(consume("a.jsonl", "").done().json()["schema"], "store");
    consume("b.jsonl", "b.schema").failed(&["store", "schema"]);
    let odd = consume("b.jsonl", "").done();
    assert!(odd.err.contains("fits none of the first 2 records"), "{odd:?}");
    assert_eq!(sandbox.stored("store").len(), 5);
}

#[test]
fn a_schema_is_inferred_from_more_than_the_first_commit() {
    let sandbox = Sandbox::new();
    let input = b"{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3, \"b\": true}\n";
    sandbox.pipe(input, &["consume", "--from", "-", "--to", "store", "--batch-records", "1"]).done();
    assert_eq!(sandbox.stored("store"), lines(input));
    assert_eq!(find(&sandbox.path("store"), "parquet").len(), 3, "one for each commit");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let schema = runtime.block_on(async {
        fidelog_table::Store::open(sandbox.path("store")).await.unwrap().schema().await.unwrap()
    });
    assert_eq!(schema.fields().iter().map(|f| f.name()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn processes_that_infer_different_schemas_make_one_store() {
    for _ in 0..5 {
        let sandbox = Sandbox::new();
        let names = ["a", "b", "c"];
        for name in names {
            sandbox.write(name, format!("{{\"{name}\": 1}}\n"));
        }
        let children = names.map(|name| {
            let mut command = sandbox.command(&["consume", "--from", name, "--to", "store"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        });
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        assert_eq!(sandbox.stored("store").len(), 3);
    }
}
