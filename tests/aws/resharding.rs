//! Shards are split and merged while they are read.

use std::{
    env,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::harness::{Ground, census, same, signal};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn split_and_merged_shards_are_read_to_the_end() {
    let Ok(endpoint) = env::var("KINESIS_LOCAL") else {
        assert!(env::var_os("CI").is_none(), "Node with npm is needed");
        println!("skipped: the local Kinesis that can split and merge needs Node with npm");
        return;
    };
    let ground = Ground::at(endpoint, 1);
    settled(&ground, 1);
    let stream = ground.stream();
    let mut sent = Vec::new();
    let mut produce = |seed: u64, more: &[&str]| {
        let file = format!("sample{seed}");
        sent.extend(ground.sample(&file, 1_500, seed));
        ground.run(&[&["produce", &file, "--to", &stream], more].concat());
    };
    produce(1, &["--block-bytes", "900"]);
    let worker = ground.consumer("store", &["--flush-age", "1"]).stdout(Stdio::null()).spawn().unwrap();
    let half = "170141183460469231731687303715884105728";
    let shard = |n: u32| format!("shardId-{n:012}");
    ground.call(
        "SplitShard",
        &json!({"StreamName": ground.name(), "ShardToSplit": shard(0), "NewStartingHashKey": half}),
    );
    settled(&ground, 2);
    produce(2, &["--block-bytes", "900"]);
    produce(3, &["--plain"]);
    ground.call(
        "MergeShards",
        &json!({"StreamName": ground.name(), "ShardToMerge": shard(1), "AdjacentShardToMerge": shard(2)}),
    );
    settled(&ground, 1);
    produce(4, &["--plain"]);
    sleep(Duration::from_secs(3));
    signal(&worker, "-TERM");
    let output = worker.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    ground.consume("store", &[]);
    // Another one gets the whole lineage at once.
    ground.consume("later", &[]);
    let sent = census(sent);
    same(&ground.stored("store"), &sent);
    same(&ground.stored("later"), &sent);
}

/// Waits until the stream is active with so many open shards.
fn settled(ground: &Ground, open: u64) {
    let began = Instant::now();
    loop {
        let answer = ground.call("DescribeStreamSummary", &json!({"StreamName": ground.name()}));
        let summary: &Value = &answer["StreamDescriptionSummary"];
        if summary["StreamStatus"] == "ACTIVE" && summary["OpenShardCount"] == open {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{answer}");
        sleep(Duration::from_millis(100));
    }
}
