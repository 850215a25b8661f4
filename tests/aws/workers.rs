//! Several consumers of one stream into one table.

use std::{process::Stdio, thread::sleep, time::Duration};

use crate::harness::{Ground, census, same};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn workers_at_once_store_each_record_once() {
    for to_s3 in [false, true] {
        let ground = Ground::new(3);
        let store = if to_s3 { ground.s3("w") } else { "store".into() };
        let (stream, database) = (ground.stream(), ground.database());
        let follow = || {
            let args =
                ["consume", "--from", &stream, "--to", &store, "--database", &database, "--flush-age", "1"];
            ground.fidelog(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut sent = ground.sample("first", 3_000, 1);
        ground.run(&["produce", "first", "--to", &stream, "--block-bytes", "900"]);
        let workers = [follow(), follow()];
        sleep(Duration::from_secs(3));
        sent.extend(ground.sample("second", 3_000, 2));
        // Without a source, so that only the shards' checkpoints tell what is stored.
        ground.run(&["produce", "second", "--to", &stream, "--plain"]);
        sleep(Duration::from_secs(4));
        for worker in workers {
            let id = worker.id().to_string();
            assert!(std::process::Command::new("kill").arg(&id).status().unwrap().success());
            let output = worker.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        ground.consume(&store, &[]);
        same(&ground.stored(&store), &census(sent));
    }
}

/// A worker that was stopped for a while wakes up with what others have stored meanwhile.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_worker_that_slept_adds_nothing() {
    let ground = Ground::new(2);
    let store = ground.s3("z");
    let (stream, database) = (ground.stream(), ground.database());
    let sent = ground.sample("sample", 2_000, 3);
    // Without a source, so that only the shards' checkpoints tell what is stored.
    ground.run(&["produce", "sample", "--to", &stream, "--plain"]);
    let args = ["consume", "--from", &stream, "--to", &store, "--database", &database, "--flush-age", "2"];
    let sleeper = ground.fidelog(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let signal = |name: &str| {
        let id = sleeper.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
    };
    // It has read everything, and flushes only later.
    sleep(Duration::from_millis(1_200));
    signal("-STOP");
    ground.consume(&store, &[]);
    signal("-CONT");
    sleep(Duration::from_secs(3));
    signal("-TERM");
    let mut sleeper = sleeper;
    assert!(sleeper.wait().unwrap().success());
    same(&ground.stored(&store), &census(sent));
}
