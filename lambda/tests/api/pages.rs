//! Records out in every form, page by page.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fidelog_codec::{Block, Limits, Schema, decode, schema::Field};
use fidelog_lambda::{
    engine::{Kind, Typed},
    response::MAX_RESPONSE,
};
use serde_json::json;

use crate::{
    caller::{Caller, json, problem, text},
    engine::Fake,
};

const BLOCK: &str = "application/vnd.fidelog.block";
const NDJSON: &str = "application/x-ndjson";

pub fn schema() -> Schema {
    Schema::from_json(
        r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
            {"path":["n"],"column":"n","encoding":"integer"},
            {"path":["id"],"column":"id","encoding":"hex"},
            {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.fffZ"},
            {"path":["s"],"column":"s","encoding":"text"}]}"#,
    )
    .unwrap()
}

const RECORDS: [&[u8]; 7] = [
    br#"{"n": 1, "id": "0a", "t": "2022-01-06T06:09:45.117Z", "s": "x"}"#,
    br#"{"id": "0b", "n": -9223372036854775808, "t": null, "s": "\u00e9"}"#,
    br#"{"n": 1.0, "id": "0B", "extra": [1, 2 ]}"#,
    b"",
    b"\xff not json",
    b"{\"n\": 2,\n \"s\": \"two lines\"}",
    br#"{"n": 1, "id": "0a", "t": "2022-01-06T06:09:45.117Z", "s": "x"}"#,
];

fn client() -> Caller {
    let records: Vec<(u32, &[u8])> = RECORDS.iter().map(|r| (1, *r)).collect();
    Caller::of(Arc::new(Fake::of_records(&[schema()], &records)))
}

pub fn records(block: &Block) -> Vec<Vec<u8>> {
    block.records().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn exact_records_in_every_form() {
    let client = client();
    let lines = [RECORDS.join(&b'\n'), vec![b'\n']].concat();
    for accept in ["*/*", NDJSON] {
        let response = client.query("SELECT * FROM logs", accept).await;
        assert_eq!((response.status, response.header("Content-Type")), (200, Some(NDJSON)));
        assert_eq!(response.body, lines);
        assert_eq!(response.header("Fidelog-Rows"), Some("7"));
        assert_eq!(response.header("Fidelog-Exact"), Some("true"));
        assert_eq!(response.header("Fidelog-Multiline"), Some("1"));
        assert_eq!(response.header("Fidelog-Next"), None);
        assert!(response.header("Fidelog-Query-Id").is_some());
    }
    let response = client.query("SELECT * FROM logs", BLOCK).await;
    assert_eq!(response.header("Content-Type"), Some(BLOCK));
    assert_eq!(records(&decode(&response.body, &Limits::default()).unwrap()), RECORDS);
    let response = client.query("SELECT * FROM logs", "application/json; block=base64").await;
    let body = json(&response);
    let payload = STANDARD.decode(body["block"].as_str().unwrap()).unwrap();
    assert_eq!(records(&decode(&payload, &Limits::default()).unwrap()), RECORDS);
    assert!(body["next"].is_null());
    let body = json(&client.query("SELECT * FROM logs", "application/json").await);
    assert_eq!(body["columns"][1], json!({"name": "id", "type": "varchar"}));
    assert_eq!(body["rows"][0], json!([1, "0a", "2022-01-06T06:09:45.117Z", "x"]));
    assert_eq!(body["rows"][1], json!([i64::MIN, "0b", null, null]));
    assert_eq!(body["rows"][4], json!([null, null, null, null]));
}

#[tokio::test]
async fn pages_join_to_the_whole() {
    let client = client();
    let id = client.start("SELECT * FROM logs").await;
    for (limit, count) in [(1, 7), (2, 4), (3, 3), (6, 2), (7, 1), (100, 1)] {
        let pages = client.pages(&id, BLOCK, limit).await;
        assert_eq!(pages.len(), count);
        let all: Vec<Vec<u8>> =
            pages.iter().flat_map(|page| records(&decode(&page.body, &Limits::default()).unwrap())).collect();
        assert_eq!(all, RECORDS);
        let pages = client.pages(&id, "application/json", limit).await;
        let next: Vec<_> = pages.iter().map(|page| json(page)["next"].as_str().map(str::to_owned)).collect();
        let headers: Vec<_> =
            pages.iter().map(|page| page.header("Fidelog-Next").map(str::to_owned)).collect();
        assert_eq!(next, headers);
    }
}

#[tokio::test]
async fn ids_and_cursors_are_their_callers_own() {
    let (ann, other) = (client(), "SELECT * FROM logs WHERE n = 1");
    let bob = ann.named("bob");
    let id = ann.start("SELECT * FROM logs").await;
    for target in [format!("/v1/queries/{id}"), format!("/v1/queries/{id}/results")] {
        assert_eq!(problem(&bob.get(&target, "*/*").await), (404, "not_found".into()));
        assert_eq!(ann.get(&target, "*/*").await.status, 200);
    }
    assert_eq!(
        problem(&bob.send("DELETE", &format!("/v1/queries/{id}"), &[], b"").await),
        (404, "not_found".into())
    );
    let page = ann.get(&format!("/v1/queries/{id}/results?limit=2"), "*/*").await;
    let cursor = page.header("Fidelog-Next").unwrap();
    let mut changed = cursor.to_owned().into_bytes();
    changed[0] = if changed[0] == b'A' { b'B' } else { b'A' };
    let second = ann.start(other).await;
    let bobs = bob.start("SELECT * FROM logs").await;
    let bobs_page = bob.get(&format!("/v1/queries/{bobs}/results?limit=2"), "*/*").await;
    let bobs_cursor = bobs_page.header("Fidelog-Next").unwrap();
    for (id, cursor) in [
        (&id, String::from_utf8(changed).unwrap()),
        (&id, String::new()),
        (&id, bobs_cursor.to_owned()),
        (&second, cursor.to_owned()),
        (&id, id.clone()),
    ] {
        let response = ann.get(&format!("/v1/queries/{id}/results?cursor={cursor}"), "*/*").await;
        assert_eq!(problem(&response), (400, "bad_cursor".into()), "{cursor}");
    }
    assert_eq!(problem(&ann.get(&format!("/v1/queries/{cursor}"), "*/*").await), (404, "not_found".into()));
}

#[tokio::test]
async fn rows_of_two_schema_versions() {
    let old = schema();
    let flag = r#"{"path":["b"],"column":"b","encoding":"integer"}"#;
    let new = old.widened(vec![serde_json::from_str::<Field>(flag).unwrap()]).unwrap();
    let written: [(u32, &[u8]); 5] = [
        (1, RECORDS[0]),
        (2, br#"{"n": 1, "id": "0a", "t": "2022-01-06T06:09:45.117Z", "s": "x", "b": 5}"#),
        (1, br#"{"n": 1, "id": "0a", "t": "2022-01-06T06:09:45.117Z", "s": "x", "b": 5}"#),
        (2, RECORDS[4]),
        (1, RECORDS[2]),
    ];
    let client = Caller::of(Arc::new(Fake::of_records(&[old, new], &written)));
    let want: Vec<&[u8]> = written.iter().map(|(_, record)| *record).collect();
    let response = client.query("SELECT * FROM logs", NDJSON).await;
    assert_eq!(response.body, [want.join(&b'\n'), vec![b'\n']].concat(), "{}", text(&response));
    let response = client.query("SELECT * FROM logs", BLOCK).await;
    assert_eq!(records(&decode(&response.body, &Limits::default()).unwrap()), want);
}

#[tokio::test]
async fn no_page_is_larger_than_a_gateway_takes() {
    // Incompressible letters, so that blocks are large too.
    let mut state = 1u64;
    let mut letter = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"[(state >> 58) as usize]
    };
    let large: Vec<Vec<u8>> = (0..9).map(|_| (0..1_500_000).map(|_| letter()).collect()).collect();
    let written: Vec<(u32, &[u8])> = large.iter().map(|record| (1, record.as_slice())).collect();
    let client = Caller::of(Arc::new(Fake::of_records(&[schema()], &written)));
    let id = client.start("SELECT * FROM logs").await;
    for accept in [NDJSON, BLOCK, "application/json; block=base64"] {
        let pages = client.pages(&id, accept, 100).await;
        assert!(pages.len() > 1 && pages.iter().all(|page| page.body.len() <= page.room()), "{accept}");
        let rows: usize =
            pages.iter().map(|page| page.header("Fidelog-Rows").unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(rows, large.len(), "{accept}");
    }
    // One byte decides.
    let page = async |size: usize| {
        let record = vec![b'x'; size];
        let client = Caller::of(Arc::new(Fake::of_records(&[schema()], &[(1, &record)])));
        (client.query("SELECT * FROM logs", NDJSON).await, client)
    };
    let (mut fits, mut too_large) = (MAX_RESPONSE / 4 * 3 - 8_000, MAX_RESPONSE / 4 * 3);
    while fits + 1 < too_large {
        let size = fits.midpoint(too_large);
        let (response, client) = page(size).await;
        match response.status {
            200 => fits = size,
            _ => {
                assert_eq!(problem(&response), (413, "too_large".into()));
                let block = client.query("SELECT * FROM logs", BLOCK).await;
                assert_eq!(block.status, 200, "it compresses well");
                too_large = size;
            }
        }
    }
    // What the page might yet have got as headers is all that is left.
    let (response, _) = page(fits).await;
    let left = response.room() - response.body.len();
    assert!(left < 250, "{left}");
}

#[tokio::test]
async fn rows_in_every_form() {
    let mut fake = Fake::of_records(&[schema()], &[(1, RECORDS[0]), (1, RECORDS[1])]);
    let stored: Vec<Typed> = fake.columns.drain(..3).collect();
    fake.columns = vec![stored[0].clone(), stored[2].clone(), stored[2].clone()];
    assert_eq!(fake.columns[1].kind, Kind::Timestamp);
    let client = Caller::of(Arc::new(fake));
    let sql = r#"SELECT n + 1, t, max(t) OVER () AS "the \ ""last""" FROM logs"#;
    let response = client.query(sql, NDJSON).await;
    let want = concat!(
        r#"{"_col0":1,"t":"2022-01-06T06:09:45.117Z","the \\ \"last\"":"2022-01-06T06:09:45.117Z"}"#,
        "\n",
        r#"{"_col0":-9223372036854775808,"t":null,"the \\ \"last\"":null}"#,
        "\n",
    );
    assert_eq!(text(&response), want);
    assert_eq!(response.header("Fidelog-Exact"), Some("false"));
    let block = decode(&client.query(sql, BLOCK).await.body, &Limits::default()).unwrap();
    let lines: Vec<u8> =
        records(&block).into_iter().flat_map(|record| [record, vec![b'\n']].concat()).collect();
    assert_eq!(String::from_utf8(lines).unwrap(), want);
    assert!(
        block.batches()[0].skeletons().ids.iter().all(|&id| id == fidelog_codec::column::NULL),
        "typed columns"
    );
    let body = json(&client.query(sql, "application/json").await);
    let names: Vec<_> =
        body["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["_col0", "t", "the \\ \"last\""]);
    assert_eq!(body["rows"][1], json!([i64::MIN, null, null]));
}
