//! Questions people ask, through the API.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Server, fidelog, run_with};

const ID_A: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const ID_B: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f";

fn record(game: &str, id: &str, time: &str, url: &str, method: &str, table: &str) -> String {
    format!(
        "{{\"game_id\": {game}, \"gamer_id\": \"{id}\", \"inDate\": \"{time}\", \"url\": \"{url}\", \"method\": \"{method}\", \"tableAndColumn\": {table}}}"
    )
}

fn records() -> Vec<String> {
    vec![
        record(
            "7",
            ID_A,
            "2031-05-17T21:04:08.250Z",
            "/save",
            "POST",
            "[{\"columns\": [\"hp\"], \"tableName\": \"Bag\"}]",
        ),
        record("7", ID_A, "2031-05-17T21:04:09.000Z", "/load", "GET", "null"),
        record(
            "8",
            ID_B,
            "2031-05-17T21:05:00.001Z",
            "/save",
            "POST",
            "[{\"columns\": [], \"tableName\": \"Map\"}]",
        ),
        // Misfits: NULL to SQL, exact in the record.
        record("\"8\"", &ID_B.to_uppercase(), "yesterday", "/save", "PUT", "null"),
    ]
}

fn store(folder: &Path) -> Server {
    let schema = fidelog_tests::vectors::directory().join("game.schema.json");
    let mut command = fidelog();
    command
        .args(["consume", "--from", "-", "--format", "lines", "--schema"])
        .arg(schema)
        .arg("--to")
        .arg(folder);
    let output = run_with(&mut command, records().join("\n").as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Server::start(folder)
}

fn rows(server: &Server, sql: &str) -> Value {
    server.pages(sql, "application/json")[0].json()["rows"].take()
}

#[test]
fn logical_values_in_and_original_spelling_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = store(folder.path());
    let cases = [
        ("SELECT count(*) FROM logs", json!([[4]])),
        ("SELECT count(*) FROM logs WHERE game_id IS NULL", json!([[1]])),
        (
            "SELECT method, count(*) AS n FROM logs GROUP BY method ORDER BY n DESC, method",
            json!([["POST", 2], ["GET", 1], ["PUT", 1]]),
        ),
        (
            "SELECT inDate, url FROM logs WHERE gamer_id = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' AND inDate >= '2031-05-17T21:04:08.5Z'",
            json!([["2031-05-17T21:04:09.000Z", "/load"]]),
        ),
        ("SELECT DISTINCT gamer_id FROM logs WHERE game_id = 8", json!([[ID_B]])),
        ("SELECT substr(gamer_id, 1, 4) FROM logs WHERE game_id = 8", json!([["f0e1"]])),
        (
            "SELECT date_trunc('minute', inDate) AS m, count(*) FROM logs WHERE inDate IS NOT NULL GROUP BY 1 ORDER BY 1",
            json!([["2031-05-17T21:04:00.000Z", 2], ["2031-05-17T21:05:00.000Z", 1]]),
        ),
        (
            "SELECT json_extract_scalar(tableAndColumn, '$[0].tableName') AS t FROM logs WHERE tableAndColumn IS NOT NULL ORDER BY 1",
            json!([["Bag"], ["Map"]]),
        ),
        ("SELECT count(*) FROM logs WHERE gamer_id = 'no such id'", json!([[0]])),
        ("SELECT count(*) FROM logs WHERE gamer_id NOT IN ('no such id')", json!([[3]])),
        ("SELECT approx_distinct(gamer_id) FROM logs", json!([[2]])),
    ];
    for (sql, expected) in cases {
        assert_eq!(rows(&server, sql), expected, "{sql}");
    }
}

#[test]
fn an_exact_query_gives_the_records_that_match() {
    let folder = tempfile::tempdir().unwrap();
    let server = store(folder.path());
    let page = &server
        .pages("SELECT * FROM logs WHERE url = '/save' AND method <> 'POST'", "application/x-ndjson")[0];
    assert_eq!(page.header("fidelog-exact"), Some("true"));
    assert_eq!(page.header("fidelog-rows"), Some("1"));
    assert_eq!(String::from_utf8_lossy(&page.body), records()[3].clone() + "\n");
}

#[test]
fn a_query_can_be_started_watched_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = store(folder.path());
    let started =
        server.post("/v1/queries", &json!({"sql": "SELECT url FROM logs WHERE game_id = ?", "params": [8]}));
    assert_eq!(started.status, 202, "{}", String::from_utf8_lossy(&started.body));
    let id = started.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(started.header("location"), Some(format!("/v1/queries/{id}").as_str()));
    let state = loop {
        let state = server.get(&format!("/v1/queries/{id}"), &[], &[]).json();
        if !matches!(state["state"].as_str(), Some("QUEUED" | "RUNNING")) {
            break state;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(state["state"], "SUCCEEDED", "{state}");
    let results = server.get(&format!("/v1/queries/{id}/results"), &[], &[]);
    assert_eq!(results.body, b"{\"url\":\"/save\"}\n");
    let schema = server.get("/v1/schema", &[], &[]).json();
    assert!(schema.to_string().contains("gamer_id"), "{schema}");
    assert_eq!(server.get("/v1/health", &[], &[]).status, 200);
    assert_eq!(server.get("/v1/nothing", &[], &[]).status, 404);
}
