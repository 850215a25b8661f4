//! `kill -9` at random moments of the producer and the consumer, then again: each record once.

use std::{process::Stdio, thread::sleep};

use crate::harness::{Dice, Ground, census, same};

/// `AWS_KILL_ROUNDS` makes it more: a round is twelve kills.
const ROUNDS: u64 = 5;
const RECORDS: usize = 4_000;

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn killed_runs_lose_nothing_and_repeat_nothing() {
    let rounds = std::env::var("AWS_KILL_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    for to_s3 in [false, true] {
        let ground = Ground::new(3);
        let store = if to_s3 { ground.s3("k") } else { "store".into() };
        let stream = ground.stream();
        let mut dice = Dice(if to_s3 { 11 } else { 7 });
        let (mut sent, mut killed) = (Vec::new(), [0; 2]);
        for round in 0..rounds {
            let file = format!("sample{round}");
            sent.extend(ground.sample(&file, RECORDS, round));
            let produce = ["produce", &file, "--to", &stream, "--source", &file, "--block-bytes", "600"];
            let consume = ground.consumer(&store, &["--once", "--flush-records", "300"]);
            for (mut run, kills) in [ground.fidelog(&produce), consume].into_iter().zip(&mut killed) {
                for _ in 0..3 {
                    let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                    sleep(dice.millis(700));
                    child.kill().unwrap();
                    *kills += usize::from(!child.wait().unwrap().success());
                }
            }
            // Without a source, so that only the shards' checkpoints tell what is stored; not killed, as what is sent
            // again then arrives twice.
            let plain = format!("plain{round}");
            sent.extend(ground.sample(&plain, 500, 100 + round));
            ground.run(&["produce", &plain, "--to", &stream, "--plain"]);
            // To the end now, so that the next round begins with all of this one's in the stream.
            ground.run(&produce);
        }
        ground.consume(&store, &[]);
        println!("{store}: {} producers and {} consumers were killed", killed[0], killed[1]);
        assert!(killed.iter().all(|&n| n > 0), "no run was killed in the middle");
        same(&ground.stored(&store), &census(sent));
    }
}
