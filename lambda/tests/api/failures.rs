//! What goes wrong, and how it is said.

use std::{sync::Arc, time::Duration};

use fidelog_lambda::{Handler, engine::EngineError, handler::Options, token::Signer};
use serde_json::json;

use crate::{
    caller::{Caller, json, problem, text},
    engine::{Ended, Fake},
    pages::schema,
};

fn client(outcome: Ended) -> Caller {
    let mut fake = Fake::of_records(&[schema()], &[(1, b"{}")]);
    fake.outcome = outcome;
    Caller::of(Arc::new(fake))
}

#[tokio::test]
async fn a_query_that_runs_has_no_results_yet() {
    let client = client(None);
    let id = client.start("SELECT * FROM logs").await;
    let response = client.get(&format!("/v1/queries/{id}/results"), "*/*").await;
    assert_eq!(problem(&response), (409, "not_finished".into()));
    assert!(response.header("Retry-After").is_some());
    assert_eq!(json(&client.get(&format!("/v1/queries/{id}"), "*/*").await)["state"], "RUNNING");
    let response = client.query("SELECT * FROM logs", "*/*").await;
    assert_eq!((response.status, json(&response)["state"].as_str()), (202, Some("RUNNING")));
    let location = response.header("Location").unwrap();
    assert_eq!(client.get(location, "*/*").await.status, 200);
    let response = client.send("DELETE", &format!("/v1/queries/{id}"), &[], b"").await;
    assert_eq!((response.status, json(&response)["state"].as_str()), (200, Some("CANCELLED")));
    assert_eq!(
        problem(&client.get(&format!("/v1/queries/{id}/results"), "*/*").await),
        (422, "cancelled".into())
    );
}

#[tokio::test]
async fn a_caller_has_so_many_queries_at_once() {
    let mut fake = Fake::of_records(&[schema()], &[(1, b"{}")]);
    fake.outcome = None;
    let options = Options { queries_per_caller: 2, ..Options::default() };
    let handler = Handler::new(Arc::new(fake), Signer::new(b"test"), options);
    let ann = Caller { handler, name: "ann".into() };
    let sql = "SELECT * FROM logs";
    let first = ann.start(sql).await;
    ann.start(sql).await;
    let refused = ann.query(sql, "*/*").await;
    assert_eq!(problem(&refused), (429, "throttled".into()));
    ann.named("bob").start(sql).await;
    ann.send("DELETE", &format!("/v1/queries/{first}"), &[], b"").await;
    ann.start(sql).await;
    assert_eq!(ann.query(sql, "*/*").await.status, 429);
}

#[tokio::test]
async fn every_failure_has_its_code() {
    let long = Duration::from_secs(5);
    for (error, status, code) in [
        (EngineError::Failed("no".into()), 422, "query_failed"),
        (EngineError::ScanLimit("too much".into()), 422, "scan_limit"),
        (EngineError::Cancelled, 422, "cancelled"),
        (EngineError::Throttled, 429, "throttled"),
        (EngineError::Timeout(long), 504, "timeout"),
        (EngineError::Unsupported("lacks it".into()), 501, "unsupported_here"),
        (EngineError::NotFound, 404, "not_found"),
        (EngineError::Unreadable, 500, "internal"),
        (EngineError::Internal("/secret/path".into()), 500, "internal"),
    ] {
        let client = client(Some(Err(error)));
        let id = client.start("SELECT * FROM logs").await;
        let response = client.get(&format!("/v1/queries/{id}/results"), "*/*").await;
        assert_eq!(problem(&response), (status, code.into()));
        assert!(!text(&response).contains("secret"));
        let state = json(&client.get(&format!("/v1/queries/{id}"), "*/*").await);
        assert_eq!(state["error"]["code"], code);
        assert_eq!(state["stats"], json!({"engine_ms": 7, "bytes_scanned": 11, "rows": 1}));
    }
}

#[tokio::test]
async fn malformed_requests() {
    let client = client(Some(Ok(())));
    let post = |body: &'static str| client.send("POST", "/v1/queries", &[], body.as_bytes());
    for body in [
        "",
        "[]",
        "{}",
        r#"{"sql":1}"#,
        r#"{"sql":"SELECT 1","x":1}"#,
        r#"{"sql":"SELECT * FROM logs WHERE n = ?","params":[[]]}"#,
    ] {
        assert_eq!(problem(&post(body).await), (400, "bad_request".into()), "{body}");
    }
    let big = r#"{"sql":"SELECT * FROM logs WHERE n = ?","params":[18446744073709551615]}"#;
    assert_eq!(problem(&post(big).await), (400, "bad_request".into()));
    let sql = "sql=SELECT+*+FROM+logs";
    for target in [
        "/v1/query".to_owned(),
        format!("/v1/query?{sql}&{sql}"),
        format!("/v1/query?{sql}&query=x"),
        format!("/v1/query?{sql}+WHERE+url='%ff'"),
        format!("/v1/query?{sql}&limit=0"),
        format!("/v1/query?{sql}&limit=x"),
        format!("/v1/query?{sql}&limit=100001"),
    ] {
        assert_eq!(problem(&client.get(&target, "*/*").await), (400, "bad_request".into()), "{target}");
    }
    assert_eq!(problem(&client.query("SELECT * FROM logs", "text/html").await), (406, "bad_request".into()));
    assert_eq!(problem(&client.get("/v1/nothing", "*/*").await), (404, "not_found".into()));
    assert_eq!(problem(&client.get("/v1/queries", "*/*").await), (405, "bad_request".into()));
    assert_eq!(problem(&client.get("/v1/queries/x", "*/*").await), (404, "not_found".into()));
    let long = format!("SELECT '{}' FROM logs", "x".repeat(300_000));
    assert_eq!(problem(&client.query(&long, "*/*").await), (413, "too_large".into()));
}

#[tokio::test]
async fn sql_errors_have_a_position_and_advice() {
    let client = client(Some(Ok(())));
    let response = client.query("SELECT *\nFROM logs WHERE (", "*/*").await;
    assert_eq!(problem(&response), (400, "sql_syntax".into()));
    assert_eq!(json(&response)["position"]["line"], 2);
    let response = client.query("DROP TABLE logs", "*/*").await;
    assert_eq!(problem(&response), (400, "sql_refused".into()));
    assert!(json(&response)["hint"].is_string());
}

#[tokio::test]
async fn an_intention_starts_one_query() {
    let client = client(Some(Ok(())));
    let start = async |client: &Caller, key: &'static str, sql: &'static str| {
        let body = json!({"sql": sql, "params": [1]}).to_string();
        let response = client.send("POST", "/v1/queries", &[("idempotency-key", key)], body.as_bytes()).await;
        json(&response)["id"].as_str().map(str::to_owned).unwrap_or_else(|| panic!("{}", text(&response)))
    };
    let sql = "SELECT * FROM logs WHERE n = ?";
    let first = start(&client, "k", sql).await;
    assert_eq!(start(&client, "k", sql).await, first);
    assert_ne!(start(&client, "l", sql).await, first);
    assert_ne!(start(&client, "k", "SELECT * FROM logs WHERE n <> ?").await, first);
    assert_ne!(start(&client.named("bob"), "k", sql).await, first);
}
