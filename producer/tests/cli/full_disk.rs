//! A full disk: one message, nothing half-written.

use std::{fs::OpenOptions, path::Path, process::Command};

use crate::run::{Sandbox, lines};

#[test]
fn a_full_device() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "100", "-o", "s"]).done();
    sandbox.run(&["pack", "s", "-o", "s.fdl"]).done();
    for args in [
        &["sample", "-n", "5000", "-o"][..],
        &["infer", "s", "-o"],
        &["pack", "s", "-o"],
        &["unpack", "s.fdl", "-o"],
    ] {
        sandbox
            .run(&[args, &["/dev/full"]].concat())
            .failed(&["/dev/full: the disk is full", "free some space"]);
    }
    for args in [
        &["sample", "-n", "5"][..],
        &["infer", "s"],
        &["pack", "s", "-o", "-"],
        &["unpack", "s.fdl", "-o", "-"],
        &["inspect", "s.fdl"],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sandbox.command(args).stdout(full).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(message.contains("standard output: the disk is full"), "{args:?}: {message}");
    }
    assert!(Path::new("/dev/full").exists());
}

/// A small file system in memory, gone when dropped.
struct Tiny<'a>(&'a Path);

impl<'a> Tiny<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let options = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output();
        match mount {
            Ok(output) if output.status.success() => Some(Tiny(at)),
            other => {
                println!("skipped: a tiny file system cannot be mounted here ({other:?})");
                None
            }
        }
    }
}

impl Drop for Tiny<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_file_system() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "20000", "--format", "lines", "-o", "s"]).done();
    let tiny = sandbox.path("tiny");
    let Some(_mounted) = Tiny::mount(&tiny, "120k") else { return };
    let names = || std::fs::read_dir(&tiny).unwrap().count();
    sandbox.run(&["sample", "-n", "20000", "-o", "tiny/out"]).failed(&["tiny/out: the disk is full"]);
    sandbox.run(&["pack", "s", "-o", "tiny/out"]).failed(&["tiny/out: the disk is full"]);
    assert_eq!(names(), 0, "nothing half-written stays");
    let consume = ["consume", "--from", "s", "--to", "tiny/store", "--source", "s"];
    sandbox.run(&consume).failed(&["tiny/store", "disk is full", "free some space"]);
    let more = Command::new("mount").args(["-o", "remount,size=20m"]).arg(&tiny).status().unwrap();
    assert!(more.success());
    sandbox.run(&consume).done();
    assert!(
        sandbox.stored("tiny/store") == lines(&sandbox.read("s")),
        "with space again each record is there once"
    );
}
