//! One clear message each, and nothing half-written.

use std::{fs, net::TcpListener, path::Path};

use fidelog_tests::cases;

use crate::harness::{fails, fidelog, run_with, serve};

fn filled(store: &Path) {
    let mut command = fidelog();
    command.args(["consume", "--from", "-", "--to"]).arg(store);
    assert!(run_with(&mut command, &cases::ordinary()).status.success());
}

/// One line, with the words in it.
fn says(message: &str, words: &[&str]) {
    assert!(message.trim_end().lines().count() <= 3, "more than a message: {message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[test]
fn a_port_in_use() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    says(&fails(&mut serve(folder.path(), &address), 1), &[&address, "in use", "--listen"]);
}

#[test]
fn no_store() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    says(&fails(&mut serve(&nothing, "127.0.0.1:0"), 1), &["nothing", "fidelog consume"]);
    assert!(!nothing.exists());
}

#[test]
fn a_truncated_container() {
    let folder = tempfile::tempdir().unwrap();
    let path = |n: &str| folder.path().join(n);
    let packed = run_with(fidelog().args(["pack", "-", "-o", "-"]), &cases::ordinary()).stdout;
    fs::write(path("cut.fdl"), &packed[..packed.len() - 3]).unwrap();
    says(
        &fails(fidelog().arg("unpack").arg(path("cut.fdl")).arg("-o").arg(path("out")), 1),
        &["cut.fdl", "truncated"],
    );
    assert!(!path("out").exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something half-written is left");
}

#[test]
fn a_damaged_data_file() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let mut damaged = 0;
    for path in files(folder.path()).into_iter().filter(|p| p.extension().is_some_and(|e| e == "parquet")) {
        let mut bytes = fs::read(&path).unwrap();
        bytes.iter_mut().take(200).for_each(|b| *b ^= 0xa5);
        fs::write(&path, bytes).unwrap();
        damaged += 1;
    }
    assert_eq!(damaged, 1);
    let server = crate::harness::Server::start(folder.path());
    let answer = server.get("/v1/query", &[("sql", "SELECT * FROM logs")], &[]);
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 500, "{body}");
    says(&body, &["damaged", "restore"]);
    assert!(!body.contains(folder.path().to_str().unwrap()), "a path of the server leaks: {body}");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn usage_errors_exit_with_2() {
    fails(fidelog().arg("consume"), 2);
    fails(fidelog().arg("no-such-command"), 2);
    fails(fidelog().args(["pack", "x", "-o", "y", "--level", "tiny"]), 2);
}
