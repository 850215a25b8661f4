//! The local engine over a store.

use std::{fs, path::Path, sync::Arc, time::Duration};

use fidelog_codec::{Limits, Schema, batch::Batch, decode};
use fidelog_lambda::engine::local::{self, LocalEngine};
use fidelog_table::{Options, Part, Store};
use futures::FutureExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    caller::{Caller, JSON, json, problem, text},
    pages::records,
};

pub fn schema() -> Schema {
    Schema::from_json(include_str!("../../../tests/vectors/read.schema.json")).unwrap()
}

/// Records as senders write them, the odd ones among them.
pub fn sample() -> Vec<Vec<u8>> {
    let ordinary = (0..40).map(|i| {
        let table = if i % 4 == 0 { r#"[{"tableName": "users", "columns": ["a", "b"]}]"# } else { "null" };
        format!(
            r#"{{"game_id": {}, "gamer_id": "{:08x}", "inDate": "2022-01-06T06:09:{:02}.{:03}Z", "url": "/data/{}/x,y", "method": "{}", "tableAndColumn": {table}, "score": {}.5, "ok": {}, "exact": "2022-01-06 06:09:45.117123{:03}"}}"#,
            i % 3, i % 5, 59 - i, i, i % 7, if i % 2 == 0 { "GET" } else { "PUT" }, i, i % 2 == 0, i,
        )
        .into_bytes()
    });
    let odd: [&[u8]; 14] = [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{\"game_id\": 1}",
        b"{\"game_id\": 1}\r",
        br#"{"game_id": 1.0, "gamer_id": "ABCDEF01", "inDate": "yesterday"}"#,
        br#"{"game_id": 123456789012345678901234567890, "score": 1E5, "ok": "true"}"#,
        br#"{"game_id": 1, "game_id": 2}"#,
        br#"{ "url" : "\ud800\/\u00E9" , "new": {"deep": [1,  2]} }"#,
        br#"{"inDate": "9999-12-31T23:59:59.999Z", "exact": "0001-01-01 00:00:00.000000001"}"#,
        br#"{"score": -0.0, "game_id": -0}"#,
        br#"[1, 2, 3]"#,
        br#"{"game_id": null, "gamer_id": null, "inDate": null, "url": null}"#,
        "{\"url\": \"é 🦀 \\\" \\\\ \"}".as_bytes(),
    ];
    ordinary.chain(odd.iter().map(|record| record.to_vec())).collect()
}

pub async fn store(dir: &Path, schema: &Schema, records: &[Vec<u8>]) -> Store {
    let store = Store::open_or_create(dir, schema, Options::default()).await.unwrap();
    append(&store, schema, records).await;
    store
}

async fn append(store: &Store, schema: &Schema, records: &[Vec<u8>]) {
    let batch = Batch::split(&Arc::new(schema.clone()), records.iter().map(Vec::as_slice));
    store.append(&[Part { batch, source: None }]).await.unwrap();
}

pub async fn client(dir: &Path) -> Caller {
    let store = store(dir, &schema(), &sample()).await;
    Caller::of(Arc::new(LocalEngine::new(store, local::Limits::default()).unwrap()))
}

fn sorted<T: Ord>(mut records: Vec<T>) -> Vec<T> {
    records.sort();
    records
}

/// The rows of a query, as arrays.
pub async fn rows(client: &Caller, sql: &str) -> Value {
    let response = client.query(sql, "application/json").await;
    assert_eq!(response.status, 200, "{sql}: {}", text(&response));
    json(&response)["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_records_come_back_in_every_form() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let want = sorted(sample());
    for sql in ["SELECT * FROM logs", "SELECT l.* FROM logs l ORDER BY inDate DESC"] {
        let response = client.query(sql, "application/x-ndjson").await;
        assert_eq!(response.header("Fidelog-Exact"), Some("true"), "{sql}");
        let lines =
            response.body.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec).collect();
        assert_eq!(sorted(lines), want, "{sql}");
        let response = client.query(sql, "application/vnd.fidelog.block").await;
        let block = decode(&response.body, &Limits::default()).unwrap();
        assert_eq!(sorted(records(&block)), want, "{sql}");
    }
    let id = client.start("SELECT * FROM logs ORDER BY inDate, url, game_id").await;
    client.finished(&id).await;
    let whole = client.pages(&id, "application/x-ndjson", 1_000).await.remove(0).body;
    let pages = client.pages(&id, "application/x-ndjson", 7).await;
    assert_eq!(pages.len(), want.len().div_ceil(7));
    assert_eq!(pages.into_iter().flat_map(|page| page.body).collect::<Vec<u8>>(), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_the_records() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let sample = sample();
    let of = |test: fn(usize) -> bool| -> Vec<Vec<u8>> {
        sorted(
            sample
                .iter()
                .take(40)
                .enumerate()
                .filter(|(i, _)| test(*i))
                .map(|(_, record)| record.clone())
                .collect(),
        )
    };
    for (condition, want) in [
        ("gamer_id = '00000002'", of(|i| i % 5 == 2)),
        ("gamer_id IN ('00000002', 'nonsense')", of(|i| i % 5 == 2)),
        (
            "\"inDate\" >= '2022-01-06T06:09:30Z' AND inDate < '2022-01-06T06:09:40.000Z'",
            of(|i| (20..30).contains(&i)),
        ),
        (
            "inDate BETWEEN timestamp '2022-01-06 06:09:30' AND timestamp '2022-01-06 06:09:31'",
            of(|i| i == 29),
        ),
        ("substr(gamer_id, 8, 1) = '4' AND method LIKE 'G%'", of(|i| i % 5 == 4 && i % 2 == 0)),
        ("CAST(score AS bigint) = 6", of(|i| i == 5)),
        ("CAST(score AS varchar) = '5.5'", of(|i| i == 5)),
        ("NOT (game_id = 1 AND CAST(game_id AS varchar) = '2') AND score = 4.5", of(|i| i == 4)),
        ("tableAndColumn IS NOT NULL AND ok", of(|i| i % 4 == 0)),
        ("tableAndColumn IS NOT NULL AND NOT ok", of(|_| false)),
        ("gamer_id > '00000003' AND gamer_id < '0000000a'", of(|i| i % 5 == 4)),
    ] {
        let response = client
            .query(&format!("SELECT * FROM logs WHERE {condition}"), "application/vnd.fidelog.block")
            .await;
        assert_eq!(response.status, 200, "{condition}: {}", text(&response));
        let block = decode(&response.body, &Limits::default()).unwrap();
        assert_eq!(sorted(records(&block)), want, "{condition}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_in_their_own_spelling() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let sql = "SELECT gamer_id, inDate, score, tableAndColumn, date_trunc('minute', inDate) AS minute, ok, \
               upper(gamer_id) FROM logs WHERE score = 4.5";
    let response = client.query(sql, "application/x-ndjson").await;
    let want = concat!(
        r#"{"gamer_id":"00000004","inDate":"2022-01-06T06:09:55.004Z","score":4.5,"#,
        r#""tableAndColumn":[{"tableName": "users", "columns": ["a", "b"]}],"minute":"2022-01-06T06:09:00.000Z","ok":true,"#,
        r#""_col6":"00000004"}"#,
        "\n",
    );
    assert_eq!(text(&response), want);
    let body = json(&client.query(sql, "application/json").await);
    let types: Vec<_> =
        body["columns"].as_array().unwrap().iter().map(|c| c["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["varchar", "timestamp", "double", "json", "timestamp", "boolean", "varchar"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_below_a_microsecond() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    // SQL sees microseconds, and does not claim to know more; whole records have all digits.
    let got = rows(&client, "SELECT exact FROM logs WHERE score = 4.5").await;
    assert_eq!(got, json!([["2022-01-06 06:09:45.117123"]]));
    let got = rows(&client, "SELECT * FROM logs WHERE score = 4.5").await;
    assert_eq!(got[0][8], json!("2022-01-06 06:09:45.117123004"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_query_sees_a_new_commit() {
    let dir = TempDir::new().unwrap();
    let store = store(dir.path(), &schema(), &sample()).await;
    let client = Caller::of(Arc::new(LocalEngine::new(store.clone(), local::Limits::default()).unwrap()));
    let before = rows(&client, "SELECT count(*) FROM logs").await;
    append(&store, &schema(), &sample()).await;
    let after = rows(&client, "SELECT count(*) FROM logs").await;
    assert_eq!((before, after), (json!([[54]]), json!([[108]])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_counted() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let scanned = async |sql: &str| {
        let id = client.start(sql).await;
        client.finished(&id).await;
        let query = json(&client.get(&format!("/v1/queries/{id}"), JSON).await);
        query["stats"]["bytes_scanned"].as_u64().unwrap()
    };
    let whole = scanned("SELECT * FROM logs").await;
    let one_column = scanned("SELECT method FROM logs").await;
    assert!(0 < one_column && one_column < whole, "{one_column} of {whole}");
    assert!(scanned("SELECT * FROM logs a JOIN logs b ON a.url = b.url").await > whole, "two scans");
    // Statistics tell that no file has such a time, and no file is opened.
    assert_eq!(scanned("SELECT * FROM logs WHERE inDate > '9999-12-31T23:59:59.999Z'").await, 0);
    assert_eq!(scanned("SELECT 1").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_without_internals() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    for (sql, status, code) in [
        ("SELECT 1 / (game_id - game_id) FROM logs", 422, "query_failed"),
        ("SELECT CAST(url AS bigint) FROM logs", 422, "query_failed"),
        ("SELECT regexp_like(url, '(') FROM logs", 422, "query_failed"),
        ("SELECT lower(score) FROM logs", 422, "query_failed"),
        ("SELECT score || CAST(ok AS date) FROM logs", 422, "query_failed"),
        ("SELECT sum(url) FROM logs", 422, "query_failed"),
        (
            "SELECT (SELECT max(b.url) FROM logs b WHERE b.url < a.url AND b.game_id = a.game_id) FROM logs a",
            501,
            "unsupported_here",
        ),
        ("SELECT md5(to_utf8(url)) FROM logs", 501, "unsupported_here"),
    ] {
        let response = client.query(sql, "*/*").await;
        assert_eq!(problem(&response), (status, code.into()), "{sql}: {}", text(&response));
        assert!(!text(&response).contains(dir.path().to_str().unwrap()), "{}", text(&response));
        assert!(!text(&response).contains("TypeSignature") && !text(&response).contains("relation"));
    }
    let damaged = find(dir.path(), "parquet");
    fs::write(&damaged, b"PAR1 but not really PAR1").unwrap();
    let response = client.query("SELECT * FROM logs", "*/*").await;
    assert_eq!(problem(&response), (500, "internal".into()));
    assert!(
        text(&response).contains("damaged") && !text(&response).contains("parquet"),
        "{}",
        text(&response)
    );
}

fn find(dir: &Path, extension: &str) -> std::path::PathBuf {
    let mut dirs = vec![dir.to_path_buf()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                return path;
            }
        }
    }
    panic!("no {extension} file");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_kept() {
    let dir = TempDir::new().unwrap();
    let store = store(dir.path(), &schema(), &sample()).await;
    let client = |limits| Caller::of(Arc::new(LocalEngine::new(store.clone(), limits).unwrap()));
    let endless = "SELECT count(*) FROM logs a, logs b, logs c, logs d, logs e, logs f \
                   WHERE a.score + b.score + c.score + d.score + e.score + f.score = 0.25";
    let all = local::Limits::default();

    let small = client(local::Limits { result: 1_000, ..all });
    let response = small.query("SELECT * FROM logs", "*/*").await;
    assert_eq!(problem(&response), (422, "query_failed".into()));

    // Rows that are kept count in what all queries share; the longest unused make room for new ones.
    let full = client(local::Limits { memory: 4 << 20, ..all });
    let first = full.start("SELECT * FROM logs").await;
    full.finished(&first).await;
    for _ in 0..300 {
        assert_eq!(full.query("SELECT * FROM logs", "*/*").await.status, 200);
    }
    assert_eq!(problem(&full.get(&format!("/v1/queries/{first}"), "*/*").await), (404, "not_found".into()));

    let quick = client(local::Limits { time: Duration::from_millis(200), ..all });
    assert_eq!(problem(&quick.query(endless, "*/*").await), (504, "timeout".into()));

    let busy = client(local::Limits { running: 1, waiting: 1, ..all });
    let first = busy.start(endless).await;
    let second = busy.start(endless).await;
    assert_eq!(problem(&busy.query("SELECT * FROM logs", "*/*").await), (429, "throttled".into()));
    let state = async |id: &str| json(&busy.get(&format!("/v1/queries/{id}"), "*/*").await)["state"].clone();
    assert_eq!(state(&second).await, "QUEUED");
    for id in [&first, &second] {
        let response = busy.send("DELETE", &format!("/v1/queries/{id}"), &[], b"").await;
        assert_eq!(json(&response)["state"], "CANCELLED");
    }
    assert_eq!(rows(&busy, "SELECT count(*) FROM logs").await, json!([[54]]), "the turn is free again");

    let forgetful = client(local::Limits { keep: Duration::from_millis(500), ..all });
    let id = forgetful.start("SELECT 1 FROM logs").await;
    forgetful.finished(&id).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    forgetful.start("SELECT 2 FROM logs").await;
    assert_eq!(
        problem(&forgetful.get(&format!("/v1/queries/{id}/results"), "*/*").await),
        (404, "not_found".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_engine_gives_its_turn_back() {
    let dir = TempDir::new().unwrap();
    let store = store(dir.path(), &schema(), &sample()).await;
    let limits = local::Limits { running: 1, ..local::Limits::default() };
    let client = Caller::of(Arc::new(LocalEngine::new(store, limits).unwrap()));
    // The gate cannot see what this offset comes to, and the engine adds it up in 64 bits.
    let faulty = "SELECT lag(url, 0 - 9223372036854775807) OVER (ORDER BY url) FROM logs";
    let long = "y".repeat(300);
    let longer = format!("SELECT regexp_replace(lpad(url, 1000000, 'x'), '', '{long}') FROM logs");
    for sql in [faulty, &longer, "SELECT lpad(url, 1000000000, 'x') FROM logs"] {
        let response = client.query(sql, "application/json").await;
        assert_eq!(problem(&response), (422, "query_failed".into()), "{sql}: {}", text(&response));
        assert!(!text(&response).contains("damaged"), "{}", text(&response));
    }
    assert_eq!(rows(&client, "SELECT count(*) FROM logs").await, json!([[54]]));
    let response = client.query("SELECT url FROM logs EXCEPT ALL SELECT url FROM logs", "*/*").await;
    assert_eq!(problem(&response), (501, "unsupported_here".into()));
}

/// On one thread, which never gets back to its runtime: the query must have threads of its own.
#[tokio::test]
async fn queries_leave_the_threads_of_requests_alone() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let path = format!("/v1/queries/{}", client.start("SELECT sum(game_id) FROM logs").await);
    let begun = std::time::Instant::now();
    loop {
        assert_eq!(client.get("/v1/health", "*/*").now_or_never().unwrap().status, 200);
        let status = json(&client.get(&path, "*/*").now_or_never().unwrap());
        if status["state"] == "SUCCEEDED" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{status}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_nests_as_deep_as_the_gate_lets_it() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let sum = format!("SELECT score {} FROM logs WHERE score = 4.5", "+ 1 ".repeat(300));
    assert_eq!(rows(&client, &sum).await, json!([[304.5]]));
    let any = format!("SELECT count(*) FROM logs WHERE score = 4.5 {}", "OR url = 'x' ".repeat(300));
    assert_eq!(rows(&client, &any).await, json!([[1]]));
}
