//! What both engines do alike.

use std::sync::Arc;

use fidelog_codec::{Limits, decode};
use serde_json::{Value, json};

use crate::{
    caller::{BLOCK, Caller, JSON, NDJSON, json, problem, text},
    world::{World, records, schema},
};

/// The queries and verdicts that other tests use, too.
const QUERIES: &str = include_str!("../vectors/sql.json");

async fn world() -> World {
    World::new(&schema(), &records(2_500)).await
}

/// A body as rows in an order of their own: engines promise none without ORDER BY.
fn sorted(body: &[u8], accept: &str) -> Vec<String> {
    let mut rows: Vec<String> = match accept {
        NDJSON => {
            body.split(|&c| c == b'\n').map(|line| String::from_utf8_lossy(line).into_owned()).collect()
        }
        JSON => {
            let body: Value = serde_json::from_slice(body).unwrap();
            let rows = body["rows"].as_array().unwrap().iter().map(Value::to_string);
            rows.chain([body["columns"].to_string()]).collect()
        }
        _ => {
            let block = decode(body, &Limits::default()).unwrap();
            let records = block.batches().iter().flat_map(|batch| batch.records());
            records.map(|record| String::from_utf8_lossy(&record.unwrap()).into_owned()).collect()
        }
    };
    rows.sort();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answers_in_every_form() {
    let world = world().await;
    let queries: Vec<Value> = serde_json::from_str(QUERIES).unwrap();
    let allowed = queries.iter().filter(|query| query["verdict"] != "refuse");
    let more = [
        "SELECT * FROM logs",
        "SELECT l.* FROM logs l WHERE url IS NULL OR url = ''",
        "SELECT url, method FROM logs",
        "SELECT url FROM logs WHERE url IS NULL",
        "SELECT url, count(*), min(indate), max(exact), avg(score), bool_or(ok) FROM logs GROUP BY url",
        "SELECT game_id, score, ok, tableAndColumn, exact, gamer_id FROM logs",
        "SELECT from_hex(gamer_id), CAST(indate AS date), json_extract(tableAndColumn, '$[0].columns') FROM logs",
        "SELECT 1e300, -1e-7, 1e0, TRUE, '', NULL FROM logs LIMIT 1",
    ];
    let mut compared = 0;
    for sql in allowed.map(|query| query["sql"].as_str().unwrap()).chain(more) {
        world.expect(sql);
        for accept in [NDJSON, JSON, BLOCK] {
            let target = format!(
                "/v1/query?{}",
                form_urlencoded::Serializer::new(String::new()).append_pair("sql", sql).finish()
            );
            let (local, athena) =
                (world.local.get(&target, accept).await, world.athena.get(&target, accept).await);
            assert_eq!(
                (local.status, athena.status),
                (200, 200),
                "{sql}: {} {}",
                text(&local),
                text(&athena)
            );
            for header in ["Fidelog-Rows", "Fidelog-Exact", "Fidelog-Multiline", "Content-Type"] {
                assert_eq!(local.header(header), athena.header(header), "{sql}: {header}");
            }
            // Which rows a LIMIT lets through is anybody's choice without an order.
            if !sql.contains("LIMIT") || sql.contains("ORDER BY") {
                assert_eq!(sorted(&local.body, accept), sorted(&athena.body, accept), "{sql} as {accept}");
            }
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}

async fn exact_records(world: &World, caller: &Caller) {
    let id = caller.run(world.expect("SELECT * FROM logs")).await;
    let mut want = records(2_500);
    want.sort();
    for limit in [10_000, 1_000, 999, 77] {
        let pages = caller.pages(&id, NDJSON, limit).await;
        assert!(
            pages.iter().all(|page| page.header("Fidelog-Rows").unwrap().parse::<usize>().unwrap() <= limit)
        );
        assert!(pages.len() >= want.len().div_ceil(limit));
        let body: Vec<u8> = pages.into_iter().flat_map(|page| page.body).collect();
        let mut lines: Vec<Vec<u8>> =
            body.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        assert_eq!(lines, want, "{limit}");
    }
    // A page is the same however often it is asked for, and whatever was asked for before.
    let first = caller.page(&id, NDJSON, 700, None).await;
    let next = first.header("Fidelog-Next").unwrap();
    let second = caller.page(&id, NDJSON, 100, Some(next)).await;
    assert_eq!(caller.page(&id, NDJSON, 100, Some(next)).await, second);
    let whole = caller.page(&id, NDJSON, 800, None).await;
    assert_eq!(whole.body, [first.body.clone(), second.body.clone()].concat());
}

async fn nothing_at_all(world: &World, caller: &Caller) {
    let sql = world.expect("SELECT url, game_id FROM logs WHERE game_id = -5");
    let id = caller.run(sql).await;
    let page = caller.page(&id, NDJSON, 10, None).await;
    assert_eq!((page.status, page.body.len(), page.header("Fidelog-Next")), (200, 0, None));
    assert_eq!(json(&caller.page(&id, JSON, 10, None).await)["rows"], json!([]));
}

async fn whose_query_it_is(world: &World, caller: &Caller) {
    let sql = world.expect("SELECT url FROM logs ORDER BY url");
    let id = caller.run(sql).await;
    let cursor = caller.page(&id, NDJSON, 5, None).await.header("Fidelog-Next").unwrap().to_owned();
    let other = caller.named("bob");
    for (method, target) in [
        ("GET", format!("/v1/queries/{id}")),
        ("GET", format!("/v1/queries/{id}/results")),
        ("DELETE", format!("/v1/queries/{id}")),
    ] {
        assert_eq!(
            problem(&other.send(method, &target, &[], b"").await),
            (404, "not_found".into()),
            "{method}"
        );
    }
    let own = other.run(sql).await;
    assert_eq!(problem(&other.page(&own, NDJSON, 5, Some(&cursor)).await), (400, "bad_cursor".into()));
    let mut changed = cursor.into_bytes();
    changed[3] ^= 1;
    let changed = String::from_utf8(changed).unwrap();
    assert_eq!(problem(&caller.page(&id, NDJSON, 5, Some(&changed)).await), (400, "bad_cursor".into()));
}

async fn one_intention_is_one_query(world: &World, caller: &Caller) {
    let sql = world.expect("SELECT count(*) FROM logs");
    let key = [("Idempotency-Key", "k")];
    let ids = [caller.post(sql, &key).await, caller.post(sql, &key).await, caller.post(sql, &[]).await];
    let ids = ids.map(|response| json(&response)["id"].clone());
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

async fn a_cache_need_not_fetch_again(world: &World, caller: &Caller) {
    let id = caller.run(world.expect("SELECT * FROM logs ORDER BY indate, url, game_id")).await;
    let target = format!("/v1/queries/{id}/results");
    let plain = caller.send("GET", &target, &[], b"").await;
    let tag = plain.header("ETag").unwrap().to_owned();
    assert_eq!(plain.header("Cache-Control"), Some("private, no-cache"));
    let known = caller.send("GET", &target, &[("If-None-Match", &tag)], b"").await;
    assert_eq!((known.status, known.body.len(), known.header("ETag")), (304, 0, Some(tag.as_str())));
    let known = caller.send("GET", &target, &[("If-None-Match", &tag), ("Accept", BLOCK)], b"").await;
    assert_eq!(known.status, 200, "another form is another thing");
    let other = caller.named("bob").send("GET", &target, &[("If-None-Match", &tag)], b"").await;
    assert_eq!(other.status, 404, "a tag opens nothing");
    let packed = caller.send("GET", &target, &[("Accept-Encoding", "gzip")], b"").await;
    assert_eq!(packed.header("Content-Encoding"), Some("gzip"));
    assert_ne!(packed.header("ETag"), Some(tag.as_str()));
    let mut body = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.body.as_slice()), &mut body).unwrap();
    assert!(body == plain.body && packed.body.len() * 3 < body.len());
    let known = caller.send("GET", &target, &[("If-None-Match", packed.header("ETag").unwrap())], b"").await;
    assert_eq!(known.status, 304);
    let block = caller.send("GET", &target, &[("Accept-Encoding", "gzip"), ("Accept", BLOCK)], b"").await;
    assert_eq!(block.header("Content-Encoding"), None);
    assert!(block.body.len() * 5 < body.len());
}

async fn a_cancelled_query_has_no_results(world: &World, caller: &Caller) {
    let slow = "SELECT count(*) FROM logs a CROSS JOIN logs b CROSS JOIN logs c WHERE a.url < b.url AND b.url < c.method";
    let id = json(&caller.post(world.expect(slow), &[]).await)["id"].as_str().unwrap().to_owned();
    let early = caller.page(&id, NDJSON, 5, None).await;
    assert_eq!(problem(&early), (409, "not_finished".into()));
    assert!(early.header("Retry-After").is_some());
    let response = caller.send("DELETE", &format!("/v1/queries/{id}"), &[], b"").await;
    assert_eq!(json(&response)["state"], "CANCELLED", "{}", text(&response));
    assert_eq!(problem(&caller.page(&id, NDJSON, 5, None).await), (422, "cancelled".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_behaviour() {
    let world = Arc::new(world().await);
    for caller in [&world.local, &world.athena] {
        exact_records(&world, caller).await;
        nothing_at_all(&world, caller).await;
        whose_query_it_is(&world, caller).await;
        one_intention_is_one_query(&world, caller).await;
        a_cache_need_not_fetch_again(&world, caller).await;
        a_cancelled_query_has_no_results(&world, caller).await;
    }
}
