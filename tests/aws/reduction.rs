//! Schemas that leave something out, on the way through a stream.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{Ground, census, same};

const SAID: &str = "only inDate, url, method are kept; the query of url is cut";

/// A sample's record as it is to come back, cut by its members' places in the text.
fn reduced(record: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(record).unwrap();
    let members: Value = serde_json::from_str(text).unwrap();
    let member = |name: &str| format!("\"{name}\": {}", members[name]);
    let url = members["url"].as_str().unwrap();
    let url = format!("\"url\": {}", Value::from(url.split('?').next().unwrap()));
    format!("{{{}, {url}, {}}}", member("inDate"), member("method")).into_bytes()
}

/// A sample, whose URLs have queries, and a schema that leaves these and some members out.
fn sample(ground: &Ground) -> (BTreeMap<Vec<u8>, usize>, BTreeMap<Vec<u8>, usize>) {
    ground.sample("plain", 3_000, 21);
    let text = std::fs::read_to_string(ground.path("plain")).unwrap();
    let text = text.replace("\", \"method\"", "?token=secret\", \"method\"");
    std::fs::write(ground.path("sample"), &text).unwrap();
    let infer = ["infer", "sample", "--keep", "inDate,url,method", "--strip", "url=query", "-o", "schema"];
    assert!(ground.fidelog(&infer).output().unwrap().status.success());
    let records = || text.lines().map(|line| line.as_bytes().to_vec());
    (census(records()), census(records().map(|record| reduced(&record))))
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn produce_leaves_out_what_its_schema_says() {
    let ground = Ground::new(2);
    let (_, left) = sample(&ground);
    let stream = ground.stream();
    for (store, more, times) in [("blocks", &["--source", "s"][..], 1), ("singly", &["--plain"], 2)] {
        let produce = [&["produce", "sample", "--to", &stream, "--schema", "schema"], more].concat();
        let output = ground.fidelog(&produce).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains(SAID), "{said}");
        // The store's own schema keeps all that comes.
        ground.consume(store, &[]);
        let expected = left.iter().map(|(record, n)| (record.clone(), n * times)).collect();
        same(&ground.stored(store), &expected);
    }
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn consume_leaves_out_what_the_table_says() {
    let ground = Ground::new(2);
    let (sent, left) = sample(&ground);
    let stream = ground.stream();
    ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "5000"]);
    let store = ground.s3("r");
    assert!(ground.on("setup", "--to", &store, &["--schema", "schema"]).status().unwrap().success());
    let output = ground.consumer(&store, &["--once", "--log-format", "json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let first: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&first["left_out"], &first["level"]), (&SAID.into(), &"WARN".into()), "{said}");
    same(&ground.stored(&store), &left);
    // The same again, and a store that keeps all.
    ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "9000"]);
    let counts = ground.consume(&store, &[]);
    assert_eq!((counts["stored"].as_u64(), counts["known"].as_u64()), (Some(0), Some(3_000)));
    same(&ground.stored(&store), &left);
    ground.consume("all", &[]);
    same(&ground.stored("all"), &sent);
    let verify = ground.on("verify", "--store", &store, &[]).output().unwrap();
    assert!(String::from_utf8_lossy(&verify.stdout).contains(SAID), "{verify:?}");
}
