//! The vector directory is what the program makes, and decodes to what it says.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use fidelog_codec::{Limits, container::VERSION, decode, unpack};
use fidelog_tests::vectors::{containers, directory, expected_json, records_json};

#[test]
fn records_are_the_cases() {
    let stored = fs::read_to_string(directory().join("records.json")).unwrap();
    assert!(
        stored == records_json(),
        "run `cargo run -p fidelog-tests --bin vectors` and look at the difference"
    );
}

#[test]
fn stored_containers_decode_to_their_records_and_are_made_again() {
    let folder = directory().join(format!("v{VERSION}"));
    let mut made = containers().unwrap();
    made.sort_by(|a, b| a.name.cmp(&b.name));
    let mut stored: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "fdl"))
        .collect();
    stored.sort_by_key(|path| path.file_stem().map(std::ffi::OsStr::to_owned));
    assert_eq!(stored.len(), made.len());
    for (path, made) in stored.iter().zip(made) {
        let decoded = decode(&fs::read(path).unwrap(), &Limits::default()).unwrap();
        let records: Vec<Vec<u8>> = decoded.records().map(Result::unwrap).collect();
        let expected: serde_json::Value =
            serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        let expected: Vec<Vec<u8>> = expected["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| STANDARD.decode(r.as_str().unwrap()).unwrap())
            .collect();
        assert!(records == expected, "{} decodes to other records", path.display());
        assert_eq!(
            decode(&made.bytes, &Limits::default()).unwrap(),
            decoded,
            "{} is made otherwise now",
            path.display()
        );
        assert_eq!(fs::read_to_string(path.with_extension("json")).unwrap(), expected_json(&made.records));
    }
}

/// Each breaks one rule of FORMAT.md's section 11; `tests/reference` made them and refuses them, too.
#[test]
fn what_the_page_forbids_is_refused() {
    let folder = directory().join(format!("v{VERSION}/reject"));
    let mut refused = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "fdl") {
            continue;
        }
        assert!(
            unpack(&fs::read(&path).unwrap(), &Limits::default()).is_err(),
            "{} is accepted",
            path.display()
        );
        refused += 1;
    }
    assert!(refused >= 200, "{refused} containers");
}
