//! What takes minutes: `make soak` runs these.

use std::{
    collections::HashMap,
    fs,
    hash::{BuildHasher, RandomState},
    process::Stdio,
    thread,
    time::Duration,
};

use fidelog_codec::{Limits, decode};

use crate::harness::{Server, fidelog, ok};

/// Runs killed before the kill test ends.
const KILLS: usize = 200;

/// Records of each source in the kill test.
const RECORDS: usize = 3_000;

/// How many of each record, by hash: the records themselves need not be kept.
struct Census {
    counts: HashMap<u64, i64>,
    hasher: RandomState,
}

impl Census {
    fn new() -> Self {
        Census { counts: HashMap::new(), hasher: RandomState::new() }
    }

    fn add(&mut self, record: &[u8], n: i64) {
        *self.counts.entry(self.hasher.hash_one(record)).or_default() += n;
    }

    fn lines(&mut self, file: &[u8], n: i64) {
        file.split(|&c| c == b'\n').filter(|line| !line.is_empty()).for_each(|line| self.add(line, n));
    }

    /// Takes away every record of the store, and says whether nothing is left and nothing too much.
    fn balances(&mut self, server: &Server) -> bool {
        for page in server.pages("SELECT * FROM logs", "application/vnd.fidelog.block") {
            let block = decode(&page.body, &Limits::default()).unwrap();
            block.records().for_each(|record| self.add(&record.unwrap(), -1));
        }
        self.counts.values().all(|&n| n == 0)
    }
}

#[test]
#[ignore = "minutes: make soak"]
fn hundreds_of_kills_store_each_record_once() {
    let folder = tempfile::tempdir().unwrap();
    let (file, store) = (folder.path().join("sample"), folder.path().join("store"));
    let (mut killed, mut sources) = (0, 0u64);
    let mut census = Census::new();
    let mut dice = 0x9e37_79b9_7f4a_7c15u64;
    while killed < KILLS {
        sources += 1;
        let seed = sources.to_string();
        ok(fidelog()
            .args(["sample", "-n", &RECORDS.to_string(), "--format", "lines", "--seed", &seed, "-o"])
            .arg(&file));
        census.lines(&fs::read(&file).unwrap(), 1);
        loop {
            let mut command = fidelog();
            command.args(["consume", "--batch-records", "100", "--source", &seed, "--from"]).arg(&file);
            command.arg("--to").arg(&store).stdout(Stdio::null()).stderr(Stdio::null());
            let mut run = command.spawn().unwrap();
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            thread::sleep(Duration::from_millis(5 + (dice >> 33) % 400));
            let _ = run.kill();
            if run.wait().unwrap().success() {
                break;
            }
            killed += 1;
        }
    }
    println!("{killed} runs were killed while {sources} sources of {RECORDS} records each were consumed");
    assert!(census.balances(&Server::start(&store)), "a record is missing or there twice");
}

#[test]
#[ignore = "minutes: make soak"]
fn a_big_result() {
    let folder = tempfile::tempdir().unwrap();
    let (file, store) = (folder.path().join("sample"), folder.path().join("store"));
    ok(fidelog().args(["sample", "-n", "300000", "--format", "lines", "-o"]).arg(&file));
    ok(fidelog().args(["consume", "--from"]).arg(&file).arg("--to").arg(&store));
    let server = Server::start(&store);
    let mut census = Census::new();
    census.lines(&fs::read(&file).unwrap(), 1);
    assert!(census.balances(&server), "a record is missing or there twice");
}
