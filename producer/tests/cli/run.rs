//! Runs `fidelog` in a directory of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fidelog_table::Store;

pub struct Sandbox(tempfile::TempDir);

/// What a run printed, and its exit code.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
}

impl Ran {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|e| panic!("{e} in {self:?}"))
    }

    /// One message with all of `parts`, on standard error alone, and exit code 1.
    #[track_caller]
    pub fn failed(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        assert_eq!(self.err.trim_end().lines().count(), 1, "one message expected: {self:?}");
        assert!(self.err.starts_with("fidelog: "), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} expected in {self:?}");
        }
    }

    /// The last message has all of `parts`.
    #[track_caller]
    pub fn failed_last(&self, parts: &[&str]) {
        let last = self.err.lines().last().unwrap_or_default().to_owned() + "\n";
        Ran { code: self.code, out: self.out.clone(), err: last }.failed(parts);
    }

    /// One message about the arguments.
    #[track_caller]
    pub fn failed_usage(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(2), "{self:?}");
        Ran { code: Some(1), out: self.out.clone(), err: self.err.clone() }.failed(parts);
    }

    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Sandbox(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fidelog"));
        command.current_dir(self.0.path()).args(args).stdin(Stdio::null());
        command
    }

    /// Runs `fidelog` with these arguments.
    pub fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), &[])
    }

    /// The same with something on standard input.
    pub fn pipe(&self, input: &[u8], args: &[&str]) -> Ran {
        let child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        finish(child.unwrap(), input)
    }

    /// All records of a store, sorted.
    pub fn stored(&self, store: &str) -> Vec<Vec<u8>> {
        stored(&self.path(store))
    }
}

fn finish(mut child: std::process::Child, input: &[u8]) -> Ran {
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A program that stops early closes the pipe; that is its own business.
        std::thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let output = child.wait_with_output().unwrap();
    Ran { code: output.status.code(), out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
}

pub fn stored(store: &Path) -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let records = runtime.block_on(async { Store::open(store).await.unwrap().records().await });
    let mut records = records.unwrap();
    records.sort();
    records
}

pub fn sorted<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = records.into_iter().map(<[u8]>::to_vec).collect();
    records.sort();
    records
}

pub fn lines(file: &[u8]) -> Vec<Vec<u8>> {
    sorted(file.strip_suffix(b"\n").unwrap_or(file).split(|&c| c == b'\n'))
}
