//! What goes wrong at Athena's side, and what a caller is told.

use std::time::Duration;

use crate::{
    caller::{NDJSON, json, problem, text},
    fake::{Fault, Script},
    world::{World, records, schema},
};

const SQL: &str = "SELECT url, method FROM logs ORDER BY url";

async fn world() -> World {
    let world = World::new(&schema(), &records(100)).await;
    world.expect(SQL);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_has_its_problem() {
    let world = world().await;
    for (state, reason, status, code) in [
        ("FAILED", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", 422, "query_failed"),
        ("FAILED", "DIVISION_BY_ZERO: Division by zero", 422, "query_failed"),
        ("FAILED", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT", 422, "query_failed"),
        ("FAILED", "EXCEEDED_MEMORY_LIMIT: Query exceeded per-node memory limit", 422, "query_failed"),
        ("FAILED", "Query timeout", 504, "timeout"),
        ("FAILED", "Query exhausted resources at this scale factor", 422, "query_failed"),
        ("FAILED", "TOO_MANY_REQUESTS_ERROR: Query exceeded the rate", 429, "throttled"),
        ("CANCELLED", "Bytes scanned limit was exceeded", 422, "scan_limit"),
        ("CANCELLED", "Query cancelled by user", 422, "cancelled"),
        ("CANCELLED", "", 422, "cancelled"),
        // What is internal stays inside.
        (
            "FAILED",
            "PERMISSION_DENIED: not authorized on s3://secret-bucket/a: arn:aws:iam::1:role/r",
            500,
            "internal",
        ),
        (
            "FAILED",
            "HIVE_CANNOT_OPEN_SPLIT: Error opening s3://secret-bucket/data/x.parquet",
            500,
            "internal",
        ),
        ("FAILED", "ICEBERG_CANNOT_OPEN_SPLIT: s3://secret-bucket/data/x.parquet", 500, "internal"),
        ("FAILED", "GENERIC_INTERNAL_ERROR: at io.trino.operator", 500, "internal"),
        ("FAILED", "", 500, "internal"),
    ] {
        world.fake.script(Script { end: Some((state, reason)), ..Script::default() });
        let id = world.athena.run(SQL).await;
        let described = json(&world.athena.get(&format!("/v1/queries/{id}"), "*/*").await);
        assert_eq!(described["error"]["code"], code, "{reason}");
        let response = world.athena.page(&id, NDJSON, 10, None).await;
        assert_eq!(problem(&response), (status, code.to_owned()), "{reason}");
        for inside in ["secret-bucket", "arn:", "io.trino"] {
            assert!(!text(&response).contains(inside) && !described.to_string().contains(inside), "{reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_queue_and_a_throttled_start() {
    let world = world().await;
    world.fake.script(Script { queued: 5, ..Script::default() });
    let response = world.athena.post(SQL, &[]).await;
    let id = json(&response)["id"].as_str().unwrap().to_owned();
    assert_eq!(problem(&world.athena.page(&id, NDJSON, 10, None).await), (409, "not_finished".into()));
    let id = world.athena.run(SQL).await;
    assert_eq!(world.athena.page(&id, NDJSON, 10, None).await.status, 200);
    // The SDK tries again by itself, with pauses; then the caller hears of it.
    world.fake.script(Script { throttled: 1, ..Script::default() });
    assert_eq!(world.athena.post(SQL, &[]).await.status, 202);
    world.fake.script(Script { throttled: 100, ..Script::default() });
    let response = world.athena.post(SQL, &[]).await;
    assert_eq!(problem(&response), (429, "throttled".into()));
    assert!(response.header("Retry-After").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_runs_too_long_is_stopped_when_asked_for() {
    let world = World::within(&schema(), &records(100), Duration::from_millis(50), 1_000_000).await;
    world.expect(SQL);
    world.fake.script(Script { queued: 1_000, ..Script::default() });
    let response = world.athena.post(SQL, &[]).await;
    let id = json(&response)["id"].as_str().unwrap().to_owned();
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.fake.calls();
    let described = json(&world.athena.get(&format!("/v1/queries/{id}"), "*/*").await);
    assert_eq!(
        (described["state"].as_str(), described["error"]["code"].as_str()),
        (Some("FAILED"), Some("timeout"))
    );
    assert_eq!(world.fake.calls(), ["GetQueryExecution", "StopQueryExecution"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_the_file() {
    let world = world().await;
    for (fault, status, code) in [
        (Fault::Missing, 404, "not_found"),
        (Fault::Truncated(1), 500, "internal"),
        (Fault::Truncated(9), 500, "internal"),
        (Fault::Cut(40), 500, "internal"),
    ] {
        world.fake.script(Script { file: fault, ..Script::default() });
        let id = world.athena.run(SQL).await;
        assert_eq!(
            problem(&world.athena.page(&id, NDJSON, 100, None).await),
            (status, code.into()),
            "{fault:?}"
        );
    }
    // Pages are of one file, or there is an error.
    world.fake.script(Script { file: Fault::Replaced, ..Script::default() });
    let id = world.athena.run(SQL).await;
    let first = world.athena.page(&id, NDJSON, 10, None).await;
    let second = world.athena.page(&id, NDJSON, 10, first.header("Fidelog-Next")).await;
    assert_eq!(problem(&second), (400, "bad_cursor".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_like_the_header_is_a_row() {
    let world = world().await;
    let sql = world.expect("SELECT url, method FROM logs WHERE url = 'c0'");
    for script in [Script::default(), Script { is_managed: true, ..Script::default() }] {
        world.fake.script(script);
        let id = world.athena.run(sql).await;
        let page = world.athena.page(&id, NDJSON, 100, None).await;
        assert!(page.body.starts_with(br#"{"url":"c0","method":"c1"}"#), "{}", text(&page));
        let rows = world.local.page(&world.local.run(sql).await, NDJSON, 100, None).await;
        assert_eq!(page.body, rows.body);
    }
}
