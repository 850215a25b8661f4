//! Reading Athena's result files.

use std::time::Duration;

use fidelog_codec::Schema;

use crate::{
    caller::{JSON, NDJSON, json, problem},
    fake::{Fault, Script},
    world::{World, records, schema},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_costs_one_ranged_read_however_deep() {
    let world = World::new(&schema(), &records(3_000)).await;
    let id = world.athena.run(world.expect("SELECT url, method FROM logs ORDER BY indate, url")).await;
    world.fake.calls();
    let first = world.athena.page(&id, NDJSON, 500, None).await;
    let [execution, results, read] = world.fake.calls().try_into().unwrap();
    assert_eq!((execution.as_str(), results.as_str()), ("GetQueryExecution", "GetQueryResults"));
    assert!(read.starts_with("GET bytes=0-"));
    let mut next = first.header("Fidelog-Next").map(str::to_owned);
    let (mut pages, mut last) = (1, 0);
    while let Some(cursor) = next {
        let page = world.athena.page(&id, NDJSON, 500, Some(&cursor)).await;
        let [read] = world.fake.calls().try_into().unwrap();
        let at: u64 = read.strip_prefix("GET bytes=").unwrap().split('-').next().unwrap().parse().unwrap();
        assert!(at > last, "{read}");
        last = at;
        pages += 1;
        next = page.header("Fidelog-Next").map(str::to_owned);
    }
    assert_eq!(pages, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_file_the_rows_come_by_calls() {
    let world = World::new(&schema(), &records(2_600)).await;
    let sql =
        world.expect("SELECT url, method, game_id FROM logs ORDER BY indate, url, game_id, method, score");
    let id = world.athena.run(sql).await;
    let want: Vec<u8> =
        world.athena.pages(&id, NDJSON, 10_000).await.into_iter().flat_map(|page| page.body).collect();
    let managed = Script { is_managed: true, ..Script::default() };
    let denied = Script { file: Fault::Denied, ..Script::default() };
    for script in [managed, denied] {
        world.fake.script(script);
        let id = world.athena.run(sql).await;
        for limit in [10_000, 1_500, 1_000, 70] {
            let pages = world.athena.pages(&id, NDJSON, limit).await;
            let body: Vec<u8> = pages.into_iter().flat_map(|page| page.body).collect();
            assert_eq!(body, want, "{limit}");
        }
    }
}

/// Records of 2 MB: a few make a page, one is too large for a response.
#[tokio::test(flavor = "multi_thread")]
async fn large_records() {
    let schema = Schema::from_json(
        r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[
            {"path":["n"],"column":"n","encoding":"integer"},{"path":["s"],"column":"s","encoding":"text"}]}"#,
    )
    .unwrap();
    let mut state = 1u64;
    let mut letters = |count: usize| -> String {
        let letter = |state: u64| {
            char::from(
                b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"[(state >> 58) as usize],
            )
        };
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                letter(state)
            })
            .collect()
    };
    let sizes = [10, 2_000_000, 2_000_000, 2_000_000, 9_000_000, 5, 20_000_000, 7];
    let records: Vec<Vec<u8>> = sizes
        .iter()
        .enumerate()
        .map(|(i, size)| format!(r#"{{"n":{i},"s":"{}"}}"#, letters(*size)).into_bytes())
        .collect();
    let world = World::new(&schema, &records).await;
    let id = world.athena.run(world.expect("SELECT * FROM logs ORDER BY n")).await;
    let (mut got, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.athena.page(&id, NDJSON, 100, cursor.as_deref()).await;
        if page.status == 200 {
            got.extend(page.body.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec));
            cursor = page.header("Fidelog-Next").map(str::to_owned);
        } else {
            assert_eq!(problem(&page), (413, "too_large".into()));
            let problem = json(&page);
            let link = problem["url"].as_str().unwrap();
            assert!(link.contains("X-Amz-Expires=900"), "{link}");
            let link = link.to_owned();
            let record = tokio::task::spawn_blocking(move || {
                ureq::get(link)
                    .call()
                    .unwrap()
                    .body_mut()
                    .with_config()
                    .limit(30 << 20)
                    .read_to_vec()
                    .unwrap()
            });
            got.push(record.await.unwrap());
            cursor = problem["next"].as_str().map(str::to_owned);
        }
        if cursor.is_none() {
            break;
        }
    }
    assert!(got == records);
    // Locally there is no place for it, but a way past it.
    let id = world.local.run("SELECT * FROM logs ORDER BY n").await;
    let page = world.local.page(&id, JSON, 4, None).await;
    let next = page.header("Fidelog-Next").unwrap();
    let third = world.local.page(&id, NDJSON, 2, Some(next)).await;
    let third = third.header("Fidelog-Next").unwrap();
    let page = world.local.page(&id, NDJSON, 2, Some(third)).await;
    assert_eq!(problem(&page), (413, "too_large".into()));
    let next = json(&page)["next"].as_str().unwrap().to_owned();
    assert_eq!(
        world.local.page(&id, NDJSON, 1, Some(&next)).await.body,
        [records[5].as_slice(), b"\n"].concat()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rows_than_a_query_may_give_end_in_an_error_not_in_silence() {
    let world = World::within(&schema(), &records(100), Duration::from_secs(300), 60).await;
    for caller in [&world.local, &world.athena] {
        for (sql, rows) in [
            ("SELECT * FROM logs", 100),
            ("SELECT url FROM logs ORDER BY url", 100),
            ("SELECT url FROM logs ORDER BY url LIMIT 60", 60),
            ("SELECT url FROM logs LIMIT 70", 70),
            ("SELECT url FROM logs LIMIT 59", 59),
        ] {
            let id = caller.run(world.expect(sql)).await;
            let (mut got, mut cursor) = (0, None);
            let end = loop {
                let page = caller.page(&id, NDJSON, 25, cursor.as_deref()).await;
                if page.status != 200 {
                    break Some(problem(&page));
                }
                got += page.header("Fidelog-Rows").unwrap().parse::<usize>().unwrap();
                cursor = page.header("Fidelog-Next").map(str::to_owned);
                if cursor.is_none() {
                    break None;
                }
            };
            let is_cut = rows > 60;
            assert_eq!((got, end), (rows.min(60), is_cut.then(|| (413, "too_large".into()))), "{sql}");
        }
    }
}
