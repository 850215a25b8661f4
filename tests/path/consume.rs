//! Records into the table and back through the API.

use std::{fs, path::Path};

use fidelog_codec::{Limits, decode};
use fidelog_tests::{cases, vectors};

use crate::harness::{Server, fidelog, ok, run_with};

/// The cases that hold no newline: each is one line.
fn lines() -> Vec<Vec<u8>> {
    cases::records().into_iter().map(|c| c.record).filter(|r| !r.contains(&b'\n')).collect()
}

fn consume(store: &Path, input: &[u8], more: &[&str]) -> String {
    let mut command = fidelog();
    command.args(["consume", "--from", "-", "--to"]).arg(store).args(more);
    let output = run_with(&mut command, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn sorted(mut records: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    records.sort();
    records
}

/// Every record of the store, through `SELECT *` as ndjson.
fn as_ndjson(server: &Server) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for page in server.pages("SELECT * FROM logs", "application/x-ndjson") {
        assert_eq!(page.header("fidelog-exact"), Some("true"));
        let body = page.body.strip_suffix(b"\n").unwrap_or(&page.body);
        if !page.body.is_empty() {
            records.extend(body.split(|&c| c == b'\n').map(<[u8]>::to_vec));
        }
    }
    records
}

/// Every record of the store, through `SELECT *` as blocks.
fn as_blocks(server: &Server) -> Vec<Vec<u8>> {
    let pages = server.pages("SELECT * FROM logs", "application/vnd.fidelog.block");
    let blocks = pages.iter().map(|page| decode(&page.body, &Limits::default()).unwrap());
    blocks.flat_map(|block| block.records().map(Result::unwrap).collect::<Vec<_>>()).collect()
}

#[test]
fn odd_records_come_back_as_ndjson_and_as_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("a store");
    let schema = vectors::directory().join("game.schema.json");
    let input = lines().join(&b'\n');
    consume(&store, &input, &["--format", "lines", "--schema", schema.to_str().unwrap()]);
    let server = Server::start(&store);
    assert!(sorted(as_ndjson(&server)) == sorted(lines()), "ndjson differs");
    assert!(sorted(as_blocks(&server)) == sorted(lines()), "blocks differ");
}

#[test]
fn records_with_newlines_come_back_as_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let pretty = b"{\n  \"game_id\": 12\n}".to_vec();
    let input = [b"[".to_vec(), [pretty.clone(), cases::ordinary()].join(&b","[..]), b"]".to_vec()].concat();
    consume(folder.path(), &input, &[]);
    let server = Server::start(folder.path());
    assert_eq!(sorted(as_blocks(&server)), sorted(vec![pretty, cases::ordinary()]));
    let page = &server.pages("SELECT * FROM logs", "application/x-ndjson")[0];
    assert_eq!(page.header("fidelog-multiline"), Some("1"));
}

#[test]
fn each_call_appends_and_a_named_source_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let record = String::from_utf8(cases::ordinary()).unwrap();
    let first = format!("{record}\n{record}\n");
    consume(folder.path(), first.as_bytes(), &["--source", "app"]);
    let server = Server::start(folder.path());
    assert_eq!(as_ndjson(&server).len(), 2, "two identical records are two records");
    consume(folder.path(), first.as_bytes(), &["--source", "app"]);
    assert_eq!(as_ndjson(&server).len(), 2, "the same source again stores nothing");
    consume(folder.path(), format!("{first}{record}\n").as_bytes(), &["--source", "app"]);
    assert_eq!(as_ndjson(&server).len(), 3, "the source grew by one");
    consume(folder.path(), first.as_bytes(), &["--source", "other"]);
    consume(folder.path(), first.as_bytes(), &[]);
    consume(folder.path(), first.as_bytes(), &[]);
    assert_eq!(as_ndjson(&server).len(), 9, "other sources and nameless runs are new");
}

#[test]
fn a_sample_comes_back_in_many_pages() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.json");
    ok(fidelog().args(["sample", "-n", "25000", "--seed", "3", "--format", "lines", "-o"]).arg(&file));
    ok(fidelog().args(["consume", "--from"]).arg(&file).arg("--to").arg(folder.path().join("store")));
    let sent: Vec<Vec<u8>> =
        fs::read(&file).unwrap().split(|&c| c == b'\n').filter(|l| !l.is_empty()).map(Into::into).collect();
    let server = Server::start(&folder.path().join("store"));
    let pages = server.pages("SELECT * FROM logs", "application/vnd.fidelog.block");
    assert!(pages.len() > 1, "one page only");
    assert!(sorted(as_blocks(&server)) == sorted(sent));
}
