//! The programs themselves, as processes.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// A program of this build: from `FIDELOG_BINARIES`, or built first.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        if let Some(folder) = env::var_os("FIDELOG_BINARIES") {
            return folder.into();
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let packages =
            ["-p", "fidelog-producer", "-p", "fidelog-lambda", "--features", "fidelog-lambda/athena"];
        let build = Command::new(cargo).args(["build", "--quiet", "--bins"]).args(packages).status();
        assert!(build.expect("cargo runs").success());
        // target/PROFILE/deps/this-test
        env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf()
    });
    folder.join(name)
}

/// Runs a `fidelog` command that must succeed.
pub fn fidelog(arguments: &[&str]) {
    let output = Command::new(program("fidelog")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A running `fidelog-serve` on a port of its own; killed when dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(program("fidelog-serve"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Server { child, url }
    }

    /// The most memory that it had at once, in bytes; none where the system does not say.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
