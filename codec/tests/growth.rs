//! Twice the input takes twice the work: deep nesting, long strings, many members, large records.
//!
//! What is measured is memory asked for, in bytes and in calls, at n and at 2n, each less what an empty input of the
//! kind takes. That finds every copy, list or table that grows faster than its input, the same on every machine and
//! under any load. It does not see a loop that rereads without allocating: for that the last tests take inputs so
//! large that a quadratic loop would need days, and finish at all. Neither says how fast anything is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use fidelog_codec::{Level, Limits, Schema, batch::Batch, decode, encode, pack, unpack};

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

fn brackets(n: usize) -> Vec<u8> {
    [b"{\"a\": ".to_vec(), vec![b'['; n], vec![b']'; n], b"}".to_vec()].concat()
}

fn open_brackets(n: usize) -> Vec<u8> {
    b"{\"a\":[".repeat(n)
}

/// Words that repeat and numbers that do not, with an escape now and then.
fn string(n: usize) -> Vec<u8> {
    let mut text = b"{\"a\": \"".to_vec();
    let mut i = 0usize;
    while text.len() < n {
        i += 1;
        let word = ["at ", "call(", "id=", "\\n", "Main.java:", "0x"][i * i % 6];
        text.extend_from_slice(format!("{word}{} ", i.wrapping_mul(2_654_435_761) >> 12).as_bytes());
    }
    text.extend_from_slice(b"\"}");
    text
}

fn members(n: usize) -> Vec<u8> {
    let members: Vec<String> = (0..n).map(|i| format!("\"key{i}\": {}", i * 7 % 1000)).collect();
    format!("{{{}}}", members.join(", ")).into_bytes()
}

fn same_member(n: usize) -> Vec<u8> {
    format!("{{{}}}", vec!["\"a\": 1"; n].join(", ")).into_bytes()
}

/// Every public step that a record goes through, by name.
fn steps(record: &[u8], levels: &[Level]) -> Vec<(String, AllocationInfo)> {
    let mut taken = Vec::new();
    let mut inferred = None;
    let info = measure(|| inferred = Some(Schema::infer([record])));
    taken.push(("infer".to_owned(), info));
    let schema = Arc::new(inferred.unwrap().schema);
    let info = measure(|| drop(Batch::split(&schema, [record])));
    taken.push(("split".to_owned(), info));
    for &level in levels {
        let mut payload = Vec::new();
        let info = measure(|| payload = encode(&schema, [record], level));
        taken.push((format!("encode {level:?}"), info));
        let mut back = Vec::new();
        let info = measure(|| back = decode(&payload, &Limits::default()).unwrap().lines().unwrap());
        taken.push((format!("decode {level:?}"), info));
        assert!(back.strip_suffix(b"\n") == Some(record), "{level:?}: the record came back changed");
    }
    taken
}

fn grows_linearly(kind: &str, make: impl Fn(usize) -> Vec<u8>, n: usize, levels: &[Level]) {
    let [none, once, twice] = [0, n, 2 * n].map(|n| steps(&make(n), levels));
    for (((name, none), (_, once)), (_, twice)) in none.iter().zip(&once).zip(&twice) {
        for (what, of) in [
            ("bytes", (|info: &AllocationInfo| info.bytes_total) as fn(&AllocationInfo) -> u64),
            ("allocations", |info| info.count_total),
        ] {
            let (once, twice) = (of(once).saturating_sub(of(none)), of(twice).saturating_sub(of(none)));
            println!("{kind}, {name}: {once} {what} at {n}, {twice} at twice that");
            // A few allocations more or less are no growth.
            assert!(
                twice * 10 <= once * 22 + 500,
                "{kind}, {name}: {once} {what} at {n}, {twice} at twice that"
            );
        }
    }
}

#[test]
fn nested_brackets() {
    grows_linearly("brackets", brackets, 100_000, &LEVELS);
}

#[test]
fn brackets_that_never_close() {
    grows_linearly("open brackets", open_brackets, 100_000, &LEVELS);
}

#[test]
fn a_long_string() {
    grows_linearly("string", string, 300_000, &LEVELS);
}

#[test]
fn many_members() {
    grows_linearly("members", members, 20_000, &LEVELS);
}

#[test]
fn the_same_member_again_and_again() {
    grows_linearly("same member", same_member, 20_000, &LEVELS);
}

#[test]
fn a_record_of_64_megabytes() {
    grows_linearly("large string", string, 32 << 20, &[Level::Fast]);
}

#[test]
fn sixteen_megabytes_of_anything_finish() {
    for (kind, record) in [
        ("brackets", brackets(8 << 20)),
        ("open brackets", open_brackets(3 << 20)),
        ("one letter", [b"{\"a\": \"".to_vec(), vec![b'a'; 16 << 20], b"\"}".to_vec()].concat()),
        ("members", members(800_000)),
        ("same member", same_member(2 << 20)),
        ("backslashes", vec![b'\\'; 16 << 20]),
        ("line ends", vec![b'\n'; 4 << 20]),
    ] {
        let packed = pack(&record, Level::Default);
        assert!(unpack(&packed, &Limits::default()).unwrap() == record, "{kind}");
    }
}
