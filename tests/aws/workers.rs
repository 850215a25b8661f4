//! Several consumers of one stream into one table.

use std::{process::Stdio, thread::sleep, time::Duration};

use crate::{
    harness::{Ground, census, same, signal},
    proxy::Hold,
};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn workers_at_once_store_each_record_once() {
    for to_s3 in [false, true] {
        let ground = Ground::new(3);
        let store = if to_s3 { ground.s3("w") } else { "store".into() };
        let stream = ground.stream();
        let follow = || ground.consumer(&store, &["--flush-age", "1"]).spawn().unwrap();
        let mut sent = ground.sample("first", 3_000, 1);
        ground.run(&["produce", "first", "--to", &stream, "--block-bytes", "900"]);
        let workers = [follow(), follow()];
        sleep(Duration::from_secs(3));
        sent.extend(ground.sample("second", 3_000, 2));
        // Without a source, so that only the shards' checkpoints tell what is stored.
        ground.run(&["produce", "second", "--to", &stream, "--plain"]);
        sleep(Duration::from_secs(4));
        for worker in workers {
            signal(&worker, "-TERM");
            let output = worker.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        ground.consume(&store, &[]);
        same(&ground.stored(&store), &census(sent));
    }
}

/// One worker dies without a word, another one joins; each shard has somebody, and the work is shared.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn shards_change_hands() {
    let ground = Ground::new(4);
    let store = ground.s3("h");
    let stream = ground.stream();
    let follow = || {
        let mut command = ground.consumer(&store, &["--flush-age", "1", "--lease-age", "3"]);
        command.env("FIDELOG_LOG", "info").spawn().unwrap()
    };
    let mut sent = Vec::new();
    let mut produce = |seed: u64| {
        let file = format!("sample{seed}");
        sent.extend(ground.sample(&file, 1_000, seed));
        ground.run(&["produce", &file, "--to", &stream, "--plain"]);
    };
    produce(1);
    let mut first = follow();
    sleep(Duration::from_secs(3));
    let second = follow();
    sleep(Duration::from_secs(4));
    produce(2);
    sleep(Duration::from_secs(2));
    first.kill().unwrap();
    first.wait().unwrap();
    produce(3);
    sleep(Duration::from_secs(8));
    signal(&second, "-TERM");
    let second = second.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.success(), "{said}");
    assert_eq!(said.matches("this worker has this shard now").count(), 4, "{said}");
    // It was told of its shards' end, or found out: all that there was is stored without anybody else's help.
    same(&ground.stored(&store), &census(sent));
}

/// A worker that was stopped for a while wakes up with what others have stored meanwhile.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_worker_that_slept_adds_nothing() {
    let ground = Ground::new(2);
    let store = ground.s3("z");
    let stream = ground.stream();
    let sent = ground.sample("sample", 2_000, 3);
    // Without a source, so that only the shards' checkpoints tell what is stored.
    ground.run(&["produce", "sample", "--to", &stream, "--plain"]);
    let mut sleeper = ground.consumer(&store, &["--flush-age", "2"]);
    let mut sleeper = sleeper.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // It has read everything, and flushes only later.
    sleep(Duration::from_millis(1_200));
    signal(&sleeper, "-STOP");
    ground.consume(&store, &[]);
    signal(&sleeper, "-CONT");
    sleep(Duration::from_secs(3));
    signal(&sleeper, "-TERM");
    assert!(sleeper.wait().unwrap().success());
    same(&ground.stored(&store), &census(sent));
}

/// A worker is held up between its look at the table and its commit, while another one stores the same.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_commit_that_comes_late_is_refused() {
    let mut ground = Ground::new(2);
    let store = ground.s3("l");
    let stream = ground.stream();
    let mut sent = ground.sample("sample", 1_000, 4);
    ground.run(&["produce", "sample", "--to", &stream, "--plain"]);
    // The store is there before, so that the first commit is the one of the records.
    ground.consume(&store, &[]);
    sent.extend(ground.sample("more", 1_000, 5));
    ground.run(&["produce", "more", "--to", &stream, "--plain"]);
    let proxy = Hold::start("UpdateTable");
    let direct = std::mem::replace(&mut ground.endpoint, proxy.url());
    let late = ground.consumer(&store, &["--once"]).spawn().unwrap();
    ground.endpoint = direct;
    proxy.wait();
    assert_eq!(ground.consume(&store, &[])["stored"], 1_000);
    proxy.let_go();
    let late = late.wait_with_output().unwrap();
    assert!(late.status.success(), "{late:?}");
    assert!(String::from_utf8_lossy(&late.stdout).contains(" 0 stored"), "{late:?}");
    same(&ground.stored(&store), &census(sent));
}
