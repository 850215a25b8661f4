//! The stack of lambda/template.yaml on a local AWS that checks signatures and rights, its Athena the fake:
//! sent to the stream, stored by the ingest function on S3 under Glue, asked for over HTTP, the same bytes. And `fidelog-serve` over S3.

use std::{
    env, fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fidelog_lambda::{
    engine::local::{Limits, LocalEngine},
    handler::MAX_ROWS,
    sql::{self, Tables},
};
use fidelog_table::{Place, Store};
use serde_json::{Value, json};

use crate::{
    fake::Fake,
    programs::{Server, fidelog, program},
    world::records,
};

/// How long the ingest function may take.
const PATIENCE: Duration = Duration::from_secs(120);

const SCHEMA: &str = include_str!("../vectors/read.schema.json");

pub fn script(arguments: &[&str], input: &Value) -> Vec<u8> {
    let python = env::var_os("FIDELOG_PYTHON").expect("FIDELOG_PYTHON is a Python with botocore");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("read/deployed.py");
    let mut child = Command::new(python)
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    output.stdout
}

/// Records that are no lines would be other records in a file of lines.
fn lines() -> Vec<Vec<u8>> {
    records(500).into_iter().filter(|record| !record.contains(&b'\n')).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/test.sh runs it, on a local AWS"]
async fn from_the_stream_to_http_and_the_same_bytes() {
    let stack: Value = serde_json::from_slice(&tokio::task::block_in_place(|| {
        let [query, ingest] = ["fidelog-query", "fidelog-ingest"].map(program);
        script(&["deploy", query.to_str().unwrap(), ingest.to_str().unwrap()], &json!(null))
    }))
    .unwrap();
    let part = |name: &str| stack[name].as_str().unwrap().to_owned();
    let (stream, place) = (format!("kinesis:{}", part("stream")), format!("s3://{}/table", part("bucket")));
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let want = lines();
    fs::write(path("schema.json"), SCHEMA).unwrap();
    fs::write(path("logs.jsonl"), [want.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
    fidelog(&["setup", "--to", &place, "--schema", &path("schema.json")]);
    fidelog(&["produce", &path("logs.jsonl"), "--to", &stream]);

    let store = Store::open(Place::s3(&place).unwrap()).await.unwrap();
    let end = Instant::now() + PATIENCE;
    while store.stored().await.unwrap() < want.len() as u64 {
        assert!(Instant::now() < end, "the ingest function has not stored what was sent");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let schema = store.schema().await.unwrap();
    let (fake, athena) = Fake::serve(LocalEngine::new(store, Limits::default()).unwrap()).await;
    fake.table(&schema);
    let tables = Tables { name: "logs", schema: &schema, max_rows: Some(MAX_ROWS) };
    fake.expect(sql::prepare("SELECT * FROM logs", &[], &tables).unwrap());
    let mut task = stack.clone();
    task["athena"] = json!(athena);
    task["records"] = want.iter().map(|record| STANDARD.encode(record)).collect();
    tokio::task::block_in_place(|| script(&["ask"], &task));
}

/// All records that a server gives.
fn served(arguments: &[&str], sql: &str) -> Vec<Vec<u8>> {
    let server = Server::start(arguments);
    let mut answer = ureq::get(format!("{}/v1/query", server.url)).query("sql", sql).call().unwrap();
    let body = answer.body_mut().read_to_vec().unwrap();
    body.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
#[ignore = "scripts/test.sh runs it, on a local AWS"]
fn a_store_on_s3_is_served_from_here() {
    script(&["bucket", "served"], &json!(null));
    let place = "s3://served/app";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logs.jsonl");
    let mut want = lines();
    fs::write(&file, [want.join(&b'\n'), b"\n".to_vec()].concat()).unwrap();
    let table = ["--database", "served", "--table", "app"];
    fidelog(&[&["consume", "--from", file.to_str().unwrap(), "--to", place][..], &table].concat());
    let store = [&["--store", place][..], &table].concat();
    let mut got = served(&store, "SELECT * FROM app");
    want.sort();
    got.sort();
    assert!(got == want);
    let counted = served(&store, "SELECT count(*) AS n FROM App WHERE url IS NOT NULL");
    assert!(counted[0].starts_with(b"{\"n\":"), "{counted:?}");
}
