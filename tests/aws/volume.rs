//! Many records: two workers, one table in Glue, and another reader than ours.

use std::{
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::harness::{Ground, census, done, same, signal};

const RECORDS: usize = 100_000;

#[test]
#[ignore = "needs a local AWS: scripts/local-aws.sh"]
fn two_workers_bring_100_000_records_of_4_shards_into_one_table() {
    let ground = Ground::new(4);
    let sent = census(ground.sample("sample", RECORDS, 8));
    let store = ground.s3("v");
    let stream = ground.stream();
    let workers = [(); 2].map(|()| {
        let more = ["--flush-age", "1", "--flush-records", "5000", "--lease-age", "3"];
        ground.consumer(&store, &more).spawn().unwrap()
    });
    // The workers share the shards before there is anything in them.
    sleep(Duration::from_secs(3));
    let args = ["produce", "sample", "--to", &stream, "--source", "s", "--block-bytes", "20000"];
    let totals = ground.run(&args);
    assert_eq!((totals["records"].as_u64(), totals["dead"].as_u64()), (Some(RECORDS as u64), Some(0)));
    let began = Instant::now();
    let stored = || {
        let verify = ground.on("verify", "--store", &store, &[]).output().unwrap();
        String::from_utf8_lossy(&verify.stdout).contains("100,000 records are there")
    };
    while !stored() {
        assert!(began.elapsed() < Duration::from_secs(180), "they do not come");
        sleep(Duration::from_secs(1));
    }
    for worker in workers {
        signal(&worker, "-TERM");
        let output = worker.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(" shards, in "), "this one stored nothing: {said}");
    }
    assert_eq!(ground.consume(&store, &[])["received"], 0);
    same(&ground.stored(&store), &sent);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("aws/pyiceberg_reader.py");
    let mut python = Command::new(python());
    let found =
        done(python.arg(script).args([ground.database().as_str(), "logs"]).arg(ground.path("sample")));
    assert_eq!(found, serde_json::json!({"rows": RECORDS, "missing": 0, "extra": 0}));
}

/// The interpreter that the Python tests use.
fn python() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/python-env.sh");
    let output = Command::new(script).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    format!("{}/python", String::from_utf8(output.stdout).unwrap().trim())
}
