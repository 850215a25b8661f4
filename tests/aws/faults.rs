//! Faults on the way: what is refused, lost, cut or answered wrongly is dealt with, and each record is stored once.

use crate::{
    harness::{Ground, census, same},
    proxy::Faults,
};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn faults_lose_nothing_and_repeat_nothing() {
    for seed in [1, 2] {
        let proxy = Faults::start(seed, Faults::ALL);
        let mut ground = Ground::new(3);
        ground.endpoint = proxy.url();
        let sent = census(ground.sample("sample", 5_000, 1));
        let stream = ground.stream();
        let totals =
            ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "500"]);
        assert_eq!(totals["records"], 5_000);
        assert!(totals["retried"].as_u64().unwrap() > 0, "{totals}");
        for store in ["store".to_owned(), ground.s3("f")] {
            let counts = ground.consume(&store, &["--flush-records", "700"]);
            assert_eq!(counts["stored"], 5_000, "{counts}");
            assert!(counts["known"].as_u64().unwrap() > 0, "nothing was put twice: {counts}");
            same(&ground.stored(&store), &sent);
        }
        proxy.all_happened();
    }
}

/// Entries that were not put are put again, and no others: without a source, what is put twice is stored twice.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn only_what_failed_is_put_again() {
    for (kinds, retried) in [(Faults::SEVEN, 7), (Faults::HOT, 150)] {
        let proxy = Faults::start(1, kinds);
        let mut ground = Ground::new(2);
        ground.endpoint = proxy.url();
        let sent = census(ground.sample("sample", 3_000, 2));
        let totals = ground.run(&["produce", "sample", "--to", &ground.stream(), "--plain"]);
        assert_eq!((totals["records"].as_u64(), totals["entries"].as_u64()), (Some(3_000), Some(3_000)));
        let (faults, again) = (proxy.count(kinds[0]) as u64, totals["retried"].as_u64().unwrap());
        assert!(again >= retried && faults > 1, "{faults} faults, {totals}");
        ground.consume("store", &[]);
        same(&ground.stored("store"), &sent);
    }
}

/// The command gives up on an answer after 30 s.
#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_put_that_was_done_and_timed_out_is_stored_once() {
    let proxy = Faults::start(1, Faults::LATE);
    let mut ground = Ground::new(2);
    ground.endpoint = proxy.url();
    let sent = census(ground.sample("sample", 1_000, 3));
    let totals = ground.run(&["produce", "sample", "--to", &ground.stream(), "--source", "s"]);
    assert!(totals["retried"].as_u64().unwrap() > 0, "{totals}");
    proxy.all_happened();
    let counts = ground.consume("store", &[]);
    assert!(counts["known"].as_u64().unwrap() > 0, "{counts}");
    same(&ground.stored("store"), &sent);
}

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn a_slow_and_busy_s3_holds_nothing_up_for_good() {
    let mut ground = Ground::new(2);
    let sent = census(ground.sample("sample", 3_000, 4));
    ground.run(&["produce", "sample", "--to", &ground.stream(), "--block-bytes", "2000"]);
    let proxy = Faults::start(1, Faults::S3);
    ground.s3_endpoint = proxy.url();
    let store = ground.s3("slow");
    let counts = ground.consume(&store, &["--flush-records", "1000"]);
    assert_eq!(counts["stored"], 3_000, "{counts}");
    // `verify` goes through the proxy, too.
    same(&ground.stored(&store), &sent);
    proxy.all_happened();
}
