//! Told to stop in the middle of a file, the command leaves nothing half-written.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::run::Sandbox;

#[test]
fn nothing_half_written_stays() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let sandbox = Sandbox::new();
        sandbox.write("out", "old");
        let mut command = sandbox.command(&["sample", "-n", "1000000000", "-o", "out"]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        let growing = || {
            let names = sandbox.names();
            names.iter().any(|n| n != "out" && std::fs::metadata(sandbox.path(n)).is_ok_and(|m| m.len() > 0))
        };
        while !growing() {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing is being written");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(sandbox.names(), ["out"]);
        assert_eq!(sandbox.read("out"), b"old");
    }
}
