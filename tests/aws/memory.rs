//! How much memory a consumer takes.

use std::{fmt::Write, process::Stdio, thread::sleep, time::Duration};

use crate::harness::{Dice, Ground, census, same};

/// What `docs/operations.md` promises for four shards at the default flush.
const BOUND_KB: u64 = 512 << 10;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/// Consumes a file's records from four shards, and fails if that took more.
fn within_the_bound(ground: &Ground, file: &str) {
    let text = std::fs::read(ground.path(file)).unwrap();
    let sent = census(text.strip_suffix(b"\n").unwrap().split(|&c| c == b'\n').map(<[u8]>::to_vec));
    ground.run(&["produce", file, "--to", &ground.stream()]);
    let store = ground.s3("m");
    let mut consumer = ground.consumer(&store, &["--once"]).stderr(Stdio::inherit()).spawn().unwrap();
    let status = format!("/proc/{}/status", consumer.id());
    // The highest so far: what the last look misses is what came after it.
    let mut peak = 0;
    while consumer.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb: Option<u64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = kb.unwrap_or(peak);
        sleep(Duration::from_millis(20));
    }
    assert!(consumer.wait().unwrap().success());
    println!("{} bytes of records over 4 shards: {} MB at most", text.len(), peak >> 10);
    same(&ground.stored(&store), &sent);
    assert!(peak > 0 && peak <= BOUND_KB, "{} MB", peak >> 10);
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn consuming_600_000_ordinary_records_stays_within_the_bound() {
    let ground = Ground::new(4);
    ground.sample("sample", 600_000, 12);
    within_the_bound(&ground, "sample");
}

/// Text that nothing makes smaller, not even for a while.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn consuming_random_text_stays_within_the_bound() {
    let ground = Ground::new(4);
    let mut dice = Dice(1);
    let mut text = String::new();
    for n in 0..110_000 {
        write!(text, "{{\"n\":{n},\"text\":\"").unwrap();
        for _ in 0..200 {
            let bits = dice.below(1 << 24);
            text.extend([0, 6, 12, 18].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize])));
        }
        text += "\"}\n";
    }
    std::fs::write(ground.path("random"), text).unwrap();
    within_the_bound(&ground, "random");
}
