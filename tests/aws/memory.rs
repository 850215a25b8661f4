//! How much memory a consumer takes.

use std::{process::Stdio, thread::sleep, time::Duration};

use crate::harness::{Ground, census, same};

/// At least so many for the bound to be tried: each of the first flushes is full.
const RECORDS: usize = 600_000;

/// What `docs/operations.md` promises for four shards at the default flush.
const BOUND_KB: u64 = 512 << 10;

#[test]
#[ignore = "takes minutes; needs a local AWS: scripts/local-aws.sh"]
fn consuming_4_shards_stays_within_the_bound() {
    let ground = Ground::new(4);
    let sent = census(ground.sample("sample", RECORDS, 12));
    ground.run(&["produce", "sample", "--to", &ground.stream()]);
    let store = ground.s3("m");
    let mut consumer = ground.consumer(&store, &["--once"]).stderr(Stdio::inherit()).spawn().unwrap();
    let status = format!("/proc/{}/status", consumer.id());
    // The highest so far: what the last look misses is what came after it.
    let mut peak = 0;
    while consumer.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = kb.unwrap_or(peak);
        sleep(Duration::from_millis(20));
    }
    assert!(consumer.wait().unwrap().success());
    println!("{RECORDS} records over 4 shards: {} MB at most", peak >> 10);
    same(&ground.stored(&store), &sent);
    assert!(peak > 0 && peak <= BOUND_KB, "{} MB", peak >> 10);
}
