//! What is most likely a mistake is stored all the same, with a warning that says what to do.

use crate::run::{Ran, Sandbox, sorted};

#[track_caller]
fn warned(ran: &Ran, says: &[&str]) {
    assert_eq!(ran.err.lines().count(), usize::from(!says.is_empty()), "{ran:?}");
    assert_eq!(ran.err.starts_with("fidelog: warning: "), !says.is_empty(), "{ran:?}");
    for part in says {
        assert!(ran.err.contains(part), "{part:?} expected in {ran:?}");
    }
}

#[test]
fn wrong_kinds_of_input() {
    let cases: [(&[u8], &[&str]); 10] = [
        (b"FDL\x01\n", &["packed", "fidelog unpack"]),
        (b"\xff\xfe{\0\n", &["UTF-16", "iconv"]),
        (b"\xfe\xff\0{\n", &["UTF-16", "iconv"]),
        (b"plain\ntext\n", &["0 of the first 2 records", "convert"]),
        (b"[{\"a\": 1},\n{\"a\": 2}\n", &["like a JSON array", "--format array", "--format lines"]),
        (b"[{\"a\": 1},\n{\"a\": 2}]\n", &[]),
        (b"{\"a\": 1}\nplain\n", &[]),
        (b"{\"a\": 1}\n\x1f\x8b\n", &[]),
        (b"FDL is a text, too\n{\"a\": 1}\n", &[]),
        (b"{\"a\": 1}", &[]),
    ];
    for (input, says) in cases {
        let sandbox = Sandbox::new();
        warned(&sandbox.pipe(input, &["consume", "--from", "-", "--to", "store"]).done(), says);
        assert!(!sandbox.stored("store").is_empty());
    }
}

#[test]
fn an_array_per_line_is_no_broken_array() {
    let sandbox = Sandbox::new();
    let ran = sandbox.pipe(b"[1]\n[2]\n", &["consume", "--from", "-", "--to", "store"]).done();
    warned(&ran, &["0 of the first 2 records"]);
}

#[test]
fn a_last_line_that_may_not_be_complete() {
    let sandbox = Sandbox::new();
    let consume = |input: &[u8]| {
        sandbox.pipe(input, &["consume", "--from", "-", "--to", "store", "--source", "s", "--json"]).done()
    };
    let ran = consume(b"{\"a\": 1}\n{\"a\"");
    warned(&ran, &["stored as record 1", "still being written"]);
    assert_eq!(ran.json()["oddities"][0]["open_end"]["record"], 1);
    warned(&consume(b"{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}\n"), &[]);
    assert_eq!(sandbox.stored("store"), sorted([&b"{\"a\": 1}"[..], b"{\"a\"", b"{\"a\": 3}"]));
}
