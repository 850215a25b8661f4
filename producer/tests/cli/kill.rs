//! `kill -9` in the middle, then again from the start: each record once.

use std::{os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use crate::run::{Sandbox, lines};

#[test]
fn a_killed_run_is_resumed() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "2000", "--format", "lines", "-o", "s"]).done();
    let args =
        ["consume", "--from", "s", "--to", "store", "--source", "s", "--batch-records", "50", "--json"];
    let mut killed = 0;
    for pause in [20, 50, 100, 150, 200] {
        let mut child = sandbox.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().signal() == Some(9));
    }
    assert!(killed > 0, "no run was killed in the middle");
    let resumed = sandbox.run(&args).done().json();
    let before = resumed["already_stored"].as_u64().unwrap();
    println!("{killed} runs were killed; they had stored {before} of 2000 records");
    assert_eq!(resumed["received"], 2000);
    assert_eq!(resumed["stored"].as_u64().unwrap() + before, 2000);
    assert!(sandbox.stored("store") == lines(&sandbox.read("s")));
    assert_eq!(sandbox.run(&args).done().json()["already_stored"], 2000);
}
