//! The gate's verdicts, seen from outside.

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    caller::{problem, text},
    local::client,
};

/// The queries and verdicts that the end-to-end tests use, too.
const QUERIES: &str = include_str!("../../../tests/vectors/sql.json");

#[tokio::test(flavor = "multi_thread")]
async fn accepted_queries_run_and_refused_ones_do_not() {
    let dir = TempDir::new().unwrap();
    let client = client(dir.path()).await;
    let queries: Vec<Value> = serde_json::from_str(QUERIES).unwrap();
    for query in &queries {
        let sql = query["sql"].as_str().unwrap();
        if query["verdict"] == "refuse" {
            let (status, code) = problem(&client.query(sql, "*/*").await);
            assert!(
                status == 400 && (code == "sql_refused" || code == "sql_syntax"),
                "{sql}: {status} {code}"
            );
            continue;
        }
        for accept in ["*/*", "application/json", "application/vnd.fidelog.block"] {
            let response = client.query(sql, accept).await;
            assert_eq!(response.status, 200, "{sql}: {}", text(&response));
        }
    }
    assert!(queries.len() > 40);
}
