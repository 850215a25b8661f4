//! Queries from their start to each end, on an Athena that is no fake of ours: the local AWS has one, with another SQL
//! behind it. Its one caller may not read the files of results, so they come by GetQueryResults.

use std::{env, fs, sync::Arc, time::Duration};

use fidelog_lambda::engine::athena::{AthenaEngine, Configuration};
use serde_json::{Value, json};

use crate::{
    caller::{BLOCK, Caller, JSON, NDJSON, json, problem, text},
    deployed::script,
    fake::clients::clients,
    programs::fidelog,
};

/// Of the bucket, the workgroup, the database, and the user.
const NAME: &str = "asked";

const DIGITS: &str =
    "WITH d AS (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)";

/// A table with nothing in it, and an API over the local AWS's Athena.
async fn api() -> Caller {
    let user = tokio::task::block_in_place(|| {
        let user = script(&["athena", NAME], &json!(null));
        let folder = tempfile::tempdir().unwrap();
        let schema = folder.path().join("schema.json");
        fs::write(&schema, include_str!("../vectors/read.schema.json")).unwrap();
        let place = format!("s3://{NAME}/table");
        fidelog(&["setup", "--to", &place, "--database", NAME, "--schema", schema.to_str().unwrap()]);
        serde_json::from_slice::<Value>(&user).unwrap()
    });
    let address = env::var("AWS_ENDPOINT_URL").expect("scripts/local-aws.sh runs this");
    let (athena, s3) = clients(&address, ["key", "secret"].map(|part| user[part].as_str().unwrap()));
    let configuration = Configuration {
        workgroup: NAME.into(),
        database: NAME.into(),
        table: "logs".into(),
        time: Duration::from_secs(60),
        reuse_minutes: 0,
    };
    Caller::of(Arc::new(AthenaEngine::new(athena, s3, configuration)))
}

async fn succeeds(caller: &Caller) {
    let id = caller.run("SELECT 9007199254740993 AS big, 'x,\"y\"' AS text, '' AS empty, CAST(NULL AS varchar) AS nothing").await;
    assert_eq!(caller.state(&id).await, "SUCCEEDED");
    let lines = caller.page(&id, NDJSON, 10, None).await;
    assert_eq!(
        text(&lines),
        "{\"big\":9007199254740993,\"text\":\"x,\\\"y\\\"\",\"empty\":\"\",\"nothing\":null}\n"
    );
    let rows = &json(&caller.page(&id, JSON, 10, None).await)["rows"];
    assert_eq!(*rows, json!([[9007199254740993_i64, "x,\"y\"", "", null]]));
    assert_eq!(caller.page(&id, BLOCK, 10, None).await.status, 200);
    let other = caller.named("bob").page(&id, NDJSON, 10, None).await;
    assert_eq!(problem(&other), (404, "not_found".into()));
}

/// Some pages of the service, cut otherwise than ours.
async fn comes_in_pages(caller: &Caller) {
    let sql = format!(
        "{DIGITS} SELECT a.n * 625 + b.n * 125 + c.n * 25 + e.n * 5 + f.n AS i FROM d a CROSS JOIN d b CROSS JOIN d c CROSS JOIN d e CROSS JOIN d f ORDER BY i"
    );
    let id = caller.run(&sql).await;
    for limit in [700, 10_000] {
        let pages = caller.pages(&id, NDJSON, limit).await;
        let body: String = pages.iter().map(text).collect();
        let want: String = (0..3_125).map(|i| format!("{{\"i\":{i}}}\n")).collect();
        assert!(body == want, "in pages of {limit}");
    }
}

async fn fails(caller: &Caller) {
    let id = caller.run("SELECT CAST('x' AS bigint) AS n").await;
    assert_eq!(caller.state(&id).await, "FAILED");
    let page = caller.page(&id, NDJSON, 10, None).await;
    // The reason is DuckDB's, and none that Athena has: nobody outside hears of it.
    assert_eq!(problem(&page), (500, "internal".into()));
    assert!(!text(&page).contains("INT64"), "{}", text(&page));
}

async fn is_cancelled(caller: &Caller) {
    // Seconds of work for the local AWS.
    let joins: String = ('b'..='l').map(|name| format!(" CROSS JOIN d {name}")).collect();
    let slow = format!(
        "{DIGITS} SELECT count(*) FROM d a{joins} WHERE a.n * b.n + c.n * e.n + f.n * g.n + h.n * i.n = j.n + k.n * l.n"
    );
    let id = caller.start(&slow).await;
    assert!(["QUEUED", "RUNNING"].contains(&caller.state(&id).await.as_str()));
    assert_eq!(problem(&caller.page(&id, NDJSON, 10, None).await), (409, "not_finished".into()));
    let response = caller.send("DELETE", &format!("/v1/queries/{id}"), &[], b"").await;
    assert_eq!(json(&response)["state"], "CANCELLED", "{}", text(&response));
    assert_eq!(problem(&caller.page(&id, NDJSON, 10, None).await), (422, "cancelled".into()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "scripts/test.sh runs it, on a local AWS"]
async fn from_the_start_to_each_end() {
    let caller = api().await;
    succeeds(&caller).await;
    comes_in_pages(&caller).await;
    fails(&caller).await;
    is_cancelled(&caller).await;
}
