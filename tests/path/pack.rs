//! Files through `fidelog pack` and `unpack`.

use std::fs;

use fidelog_tests::cases;

use crate::harness::{fidelog, ok, run, run_with};

/// Packs and unpacks a file through the commands.
fn there_and_back(name: &str, file: &[u8], level: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = |n: &str| folder.path().join(n);
    fs::write(path("in"), file).unwrap();
    ok(fidelog().arg("pack").arg(path("in")).arg("-o").arg(path("packed.fdl")).args(["--level", level]));
    ok(fidelog().arg("unpack").arg(path("packed.fdl")).arg("-o").arg(path("out")));
    assert!(fs::read(path("out")).unwrap() == file, "{name} changed");
}

#[test]
fn every_case_alone_comes_back() {
    for case in cases::records() {
        there_and_back(case.name, &case.record, "default");
    }
}

#[test]
fn all_cases_in_one_file_come_back() {
    let records: Vec<Vec<u8>> = cases::records().into_iter().map(|c| c.record).collect();
    for level in ["fast", "default", "small"] {
        there_and_back("lines", &records.join(&b'\n'), level);
        there_and_back("lines, ended", &[records.join(&b'\n'), b"\n".to_vec()].concat(), level);
        there_and_back("array", &[b"[".to_vec(), records.join(&b", "[..]), b"]".to_vec()].concat(), level);
    }
}

#[test]
fn pipes_work() {
    let file = cases::ordinary();
    let packed = run_with(fidelog().args(["pack", "-", "-o", "-"]), &file);
    assert!(packed.status.success());
    let unpacked = run_with(fidelog().args(["unpack", "-", "-o", "-"]), &packed.stdout);
    assert_eq!(unpacked.stdout, file);
}

#[test]
fn samples_are_seeded_and_inspect_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = |n: &str| folder.path().join(n);
    let sample = |seed: &str| run(fidelog().args(["sample", "-n", "2000", "--seed", seed])).stdout;
    assert_eq!(sample("7"), sample("7"));
    assert_ne!(sample("7"), sample("8"));
    fs::write(path("s.json"), sample("7")).unwrap();
    ok(fidelog().arg("pack").arg(path("s.json")).arg("-o").arg(path("s.fdl")));
    let report = ok(fidelog().arg("inspect").arg(path("s.fdl")).arg("--json"));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["records"], 2000);
    assert_eq!(report["odd_records"], 0);
    assert_eq!(report["bytes"], fs::metadata(path("s.fdl")).unwrap().len());
}
