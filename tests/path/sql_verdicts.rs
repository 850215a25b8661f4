//! What the SQL gate lets through and what it refuses, over HTTP: `tests/vectors/sql.json`.

use std::fs;

use fidelog_tests::{cases, vectors};
use serde_json::Value;

use crate::harness::{Server, fidelog, run_with};

#[test]
fn verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let schema = vectors::directory().join("game.schema.json");
    let mut command = fidelog();
    command.args(["consume", "--from", "-", "--schema"]).arg(schema).arg("--to").arg(folder.path());
    assert!(run_with(&mut command, &cases::ordinary()).status.success());
    let server = Server::start(folder.path());
    let queries: Vec<Value> =
        serde_json::from_slice(&fs::read(vectors::directory().join("sql.json")).unwrap()).unwrap();
    for query in &queries {
        let sql = query["sql"].as_str().unwrap();
        let answer = server.get("/v1/query", &[("sql", sql)], &[]);
        let body = String::from_utf8_lossy(&answer.body);
        if query["verdict"] == "accept" {
            assert_eq!(answer.status, 200, "{sql}: {body}");
            continue;
        }
        assert_eq!(answer.status, 400, "{sql}: {body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        assert!(matches!(code.as_str(), "sql_refused" | "sql_syntax"), "{sql}: {code}");
    }
    assert!(queries.len() > 40);
}
