//! Faults on the way: what is refused, lost, cut or answered wrongly is dealt with, and each record is stored once.

use crate::{
    harness::{Ground, census, same},
    proxy::Proxy,
};

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn faults_lose_nothing_and_repeat_nothing() {
    for seed in [1, 2] {
        let proxy = Proxy::start(seed);
        let mut ground = Ground::new(3);
        ground.endpoint = proxy.url();
        let sent = census(ground.sample("sample", 5_000, 1));
        let stream = ground.stream();
        let totals =
            ground.run(&["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "500"]);
        assert_eq!(totals["records"], 5_000);
        assert!(totals["retried"].as_u64().unwrap() > 0, "{totals}");
        for store in ["store".to_owned(), ground.s3("f")] {
            let counts = ground.consume(&store, &["--flush-records", "1500"]);
            assert_eq!(counts["stored"], 5_000, "{counts}");
            assert!(counts["known"].as_u64().unwrap() > 0, "nothing was put twice: {counts}");
            same(&ground.stored(&store), &sent);
        }
        let done = proxy.done();
        println!("faults, seed {seed}: {done:?}");
        for kind in crate::proxy::KINDS {
            assert!(done.get(kind).is_some_and(|&n| n > 0), "no {kind} happened: {done:?}");
        }
    }
}
