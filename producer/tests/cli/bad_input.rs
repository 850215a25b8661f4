//! What is wrong with the input is said once, with what to do, and nothing is left behind.

use crate::run::Sandbox;

#[test]
fn missing_files_and_directories() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("dir")).unwrap();
    for args in [
        &["infer", "gone"][..],
        &["pack", "gone", "-o", "out"],
        &["unpack", "gone", "-o", "out"],
        &["inspect", "gone"],
        &["consume", "--from", "gone", "--to", "out"],
    ] {
        sandbox.run(args).failed(&["gone: no such file; check the path"]);
        let directory: Vec<&str> = args.iter().map(|&a| if a == "gone" { "dir" } else { a }).collect();
        sandbox.run(&directory).failed(&["dir: this is a directory", "give a file"]);
    }
    assert_eq!(sandbox.names(), ["dir"]);
}

#[test]
fn outputs_that_cannot_be() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("dir")).unwrap();
    sandbox.run(&["sample", "-n", "1", "-o", "dir"]).failed(&["dir: this is a directory"]);
    sandbox
        .run(&["sample", "-n", "1", "-o", "no/where"])
        .failed(&["no/where: there is no such directory; make it"]);
    sandbox.write("file", "{\"a\": 1}\n");
    sandbox
        .run(&["sample", "-n", "1", "-o", "file/x"])
        .failed(&["file/x: a part of this path is not a directory"]);
    sandbox
        .run(&["consume", "--from", "file", "--to", "file"])
        .failed(&["file is a file", "--to wants a directory"]);
    assert_eq!(sandbox.read("file"), b"{\"a\": 1}\n");
}

#[test]
fn unreadable_schemas() {
    let sandbox = Sandbox::new();
    sandbox.write("in", "{\"a\": 1}\n");
    for (schema, says) in [
        (&b"{"[..], "EOF"),
        (b"{}", "missing field"),
        (b"\xff", "not UTF-8 at byte 0"),
        (br#"{"fidelog_schema":9,"version":1,"style":{"item":",","key":":"},"fields":[]}"#, "reads 1"),
    ] {
        sandbox.write("schema", schema);
        let ran = sandbox.run(&["consume", "--from", "in", "--to", "store", "--schema", "schema"]);
        ran.failed(&["schema is not a schema", says, "fidelog infer"]);
    }
    let ran = sandbox.run(&["consume", "--from", "in", "--to", "store", "--schema", "gone"]);
    ran.failed(&["gone: no such file"]);
    assert_eq!(sandbox.names(), ["in", "schema"]);
}

#[test]
fn packed_files_cut_short_or_damaged() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sample", "-n", "200", "-o", "s"]).done();
    sandbox.run(&["pack", "s", "-o", "whole.fdl"]).done();
    let whole = sandbox.read("whole.fdl");
    for cut in [1, 3, 4, 100, whole.len() / 2, whole.len() - 1] {
        sandbox.write("cut.fdl", &whole[..cut]);
        sandbox
            .run(&["unpack", "cut.fdl", "-o", "out"])
            .failed(&["cut.fdl: truncated", "copy or pack it again"]);
        sandbox.run(&["inspect", "cut.fdl"]).failed(&["cut.fdl: truncated"]);
    }
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    sandbox.write("damaged.fdl", &damaged);
    sandbox.run(&["unpack", "damaged.fdl", "-o", "out"]).failed(&[
        "damaged.fdl: ",
        "damaged",
        "take another copy",
    ]);
    sandbox.run(&["unpack", "s", "-o", "out"]).failed(&["s: malformed", "made by `fidelog pack`"]);
    let mut newer = whole;
    newer[3] = 99;
    sandbox.write("newer.fdl", &newer);
    sandbox.run(&["unpack", "newer.fdl", "-o", "out"]).failed(&["newer.fdl: unsupported", "a newer one"]);
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_damaged_store() {
    let sandbox = Sandbox::new();
    sandbox.write("in", "{\"a\": 1}\n");
    let consume = || sandbox.run(&["consume", "--from", "in", "--to", "store"]);
    consume().done();
    sandbox.write("store/catalog.db", "this is not a catalogue");
    consume().failed(&["store is damaged", "restore"]);
}

#[test]
fn wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.write("in", "{\"a\": 1}\n");
    for args in [
        &["nonsense"][..],
        &["pack", "in"],
        &["sample"],
        &["sample", "-n", "many"],
        &["pack", "in", "-o", "out", "--level", "huge"],
        &["consume", "--from", "in"],
        &["consume", "--from", "in", "--to", "x", "--batch-records", "0"],
        &["consume", "--from", "in", "--to", "x", "--source", ""],
        &["consume", "--from", "in", "--to", "x", "--source", &"s".repeat(256)],
        &["infer", "in", "--records", "0"],
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.out.is_empty() && ran.err.contains("--help"), "{ran:?}");
    }
    assert_eq!(sandbox.run(&[]).code, Some(2));
    assert!(!sandbox.path("x").exists());
}

#[test]
fn help_and_version() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["--version"]).done().text(), format!("fidelog {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["infer", "sample", "pack", "unpack", "inspect", "consume"] {
        let help = sandbox.run(&[command, "--help"]).done();
        assert!(
            help.text().contains(&format!("  fidelog {command}")),
            "an example expected: {}",
            help.text()
        );
    }
}
