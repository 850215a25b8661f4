//! `fidelog sample`

use std::io::Read;

use sha2::{Digest, Sha256};

use crate::run::Sandbox;

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_everywhere() {
    let sandbox = Sandbox::new();
    let first = sandbox.run(&["sample", "-n", "1000"]).done();
    assert_eq!(
        hash(&first.out),
        "043f9f1f5e2979becdeb7e37314e5af666f2b36d46a8e3551349f681bf9c6922",
        "samples must not change between versions or platforms"
    );
    assert_eq!(sandbox.run(&["sample", "-n", "1000", "--seed", "1"]).done().out, first.out);
    assert_ne!(sandbox.run(&["sample", "-n", "1000", "--seed", "2"]).done().out, first.out);
}

#[test]
fn lines_and_arrays_hold_the_same_records() {
    let sandbox = Sandbox::new();
    let array = sandbox.run(&["sample", "-n", "50"]).done();
    let lines = sandbox.run(&["sample", "-n", "50", "--format", "lines"]).done();
    let joined = lines.text().trim_end().split('\n').collect::<Vec<_>>().join(", ");
    assert_eq!(array.text(), format!("[{joined}]"));
    assert_eq!(array.json().as_array().unwrap().len(), 50);
    assert_eq!(sandbox.run(&["sample", "-n", "0"]).done().text(), "[]");
    assert_eq!(sandbox.run(&["sample", "-n", "0", "--format", "lines"]).done().text(), "");
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["sample", "-n", "100000000"]);
    let command = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut head = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut head).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_sample_has_the_statistics_of_a_real_log() {
    let sandbox = Sandbox::new();
    let sample = sandbox.run(&["sample", "-n", "10000"]).done().json();
    let records = sample.as_array().unwrap();
    let distinct = |field: &str| {
        let values: std::collections::HashSet<String> =
            records.iter().map(|r| r[field].to_string()).collect();
        values.len()
    };
    assert!((40..70).contains(&distinct("game_id")), "{}", distinct("game_id"));
    assert!((2000..2800).contains(&distinct("gamer_id")), "{}", distinct("gamer_id"));
    assert!((700..1200).contains(&distinct("url")), "{}", distinct("url"));
    let with_columns = records.iter().filter(|r| !r["tableAndColumn"].is_null()).count();
    assert!((2000..3200).contains(&with_columns), "{with_columns}");
    let times: Vec<&str> = records.iter().map(|r| r["inDate"].as_str().unwrap()).collect();
    let rising = times.windows(2).filter(|w| w[0] < w[1]).count();
    assert!((1..100).contains(&rising), "{rising}");
}
