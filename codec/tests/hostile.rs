//! Contract 5: whatever bytes a decoder is given, it returns the right records or a typed error, in bounded memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use fidelog_codec::{
    Level, Limits, Schema,
    container::{MAGIC, VERSION},
    decode, encode,
    error::Kind,
    inspect, pack, unpack,
};
use proptest::prelude::*;

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// A file with columns of every kind.
fn file() -> Vec<u8> {
    let mut file = Vec::new();
    for i in 0..40 {
        file.extend_from_slice(
            format!(
                "{{\"n\":{},\"f\":{}.5,\"b\":{},\"id\":\"{:08x}\",\"t\":\"2022-01-06T06:09:{:02}.117Z\",\"s\":\"text {}\",\"j\":[{i}]}}\n",
                i * 7,
                i,
                i % 2 == 0,
                i * 0x0123_4567u32,
                i,
                i % 5
            )
            .as_bytes(),
        );
    }
    file
}

#[test]
fn every_prefix_is_an_error() {
    for level in LEVELS {
        let packed = pack(&file(), level);
        for n in 0..packed.len() {
            assert!(decode(&packed[..n], &Limits::default()).is_err(), "{level:?}: prefix of {n} bytes");
        }
    }
}

#[test]
fn every_bit_flip_is_an_error() {
    for level in LEVELS {
        let packed = pack(&file(), level);
        for bit in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unpack(&damaged, &Limits::default()).is_err(), "{level:?}: bit {bit}");
        }
    }
}

/// A few records with a value of every kind, and what is none.
fn few() -> Vec<u8> {
    let mut few: Vec<u8> = file().split_inclusive(|&c| c == b'\n').take(6).flatten().copied().collect();
    few.extend_from_slice(b"{\"n\":1,\"odd\":{}}\nno JSON\n\n\xff");
    few
}

#[test]
fn every_splice_of_two_containers_is_an_error_or_one_of_them() {
    let (one, other) = (few(), file());
    for level in LEVELS {
        let (packed, donor) = (pack(&one, level), pack(&other, level));
        for at in 0..packed.len() {
            // A piece of the other container in place of as many bytes, of more and of fewer.
            let from = at * 7919 % donor.len();
            let piece = &donor[from..donor.len().min(from + 1 + at % 13)];
            for cut in [piece.len(), 0, 2 * piece.len()] {
                let mut spliced = packed.clone();
                spliced.splice(at..packed.len().min(at + cut), piece.iter().copied());
                if let Ok(file) = unpack(&spliced, &Limits::default()) {
                    assert!(file == one || file == other, "{level:?}: {cut} bytes at {at}");
                }
            }
        }
    }
}

/// Appends a section with its checksum.
fn put_section(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let start = out.len();
    out.push(kind);
    let mut len = body.len();
    while len > 0x7f {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(body);
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
}

/// The bodies of a right container's sections, by kind, without the end.
fn sections(container: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut sections = Vec::new();
    let mut at = 4;
    while container[at] != 0 {
        let kind = container[at];
        let (mut len, mut shift) = (0usize, 0);
        loop {
            at += 1;
            len |= usize::from(container[at] & 0x7f) << shift;
            shift += 7;
            if container[at] < 0x80 {
                break;
            }
        }
        sections.push((kind, container[at + 1..at + 1 + len].to_vec()));
        at += 1 + len + 4;
    }
    sections
}

/// The container of these sections, with right lengths and checksums: the decoders behind them see the damage.
fn container(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = [&MAGIC[..], &[VERSION]].concat();
    sections.iter().for_each(|(kind, body)| put_section(&mut out, *kind, body));
    put_section(&mut out, 0, &[]);
    out
}

/// Some records or a typed error, and the same however they are asked for.
fn is_handled(container: &[u8]) {
    let limits = Limits { max_rows: 1 << 16, max_bytes: 1 << 26 };
    let block = match decode(container, &limits) {
        Ok(block) => block,
        Err(error) => {
            assert_eq!(inspect(container, &limits).unwrap_err(), error);
            assert!(!error.detail.is_empty());
            return;
        }
    };
    assert!(block.rows() <= limits.max_rows);
    let records: Result<Vec<Vec<u8>>, _> = block.records().collect();
    let lines = block.lines();
    match records {
        Ok(records) => assert!(
            lines.unwrap() == records.iter().flat_map(|r| [r, &b"\n"[..]].concat()).collect::<Vec<u8>>()
        ),
        Err(error) => assert_eq!(lines.unwrap_err(), error),
    }
}

#[test]
fn a_repaired_container_is_the_container() {
    for level in LEVELS {
        let packed = pack(&file(), level);
        assert_eq!(container(&sections(&packed)), packed);
    }
}

#[test]
fn every_bit_flip_and_every_cut_behind_a_right_checksum_is_handled() {
    for level in LEVELS {
        let whole = sections(&pack(&few(), level));
        for section in 0..whole.len() {
            let body = &whole[section].1;
            let damaged = |change: &dyn Fn(&mut Vec<u8>)| {
                let mut sections = whole.clone();
                change(&mut sections[section].1);
                is_handled(&container(&sections));
            };
            for at in 0..body.len() {
                for bit in 0..8 {
                    damaged(&|body| body[at] ^= 1 << bit);
                }
                damaged(&|body| body.truncate(at));
                damaged(&|body| drop(body.drain(at..=at)));
                damaged(&|body| body.insert(at, body[at]));
                // As large as an integer gets.
                damaged(&|body| {
                    drop(body.splice(at..=at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]))
                });
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes: Vec<u8>, kind: u8) {
        is_handled(&bytes);
        is_handled(&[&MAGIC[..], &[VERSION], &bytes].concat());
        is_handled(&container(&[(1, bytes.clone())]));
        is_handled(&container(&[(kind, bytes)]));
    }

    #[test]
    fn damage_behind_a_right_checksum(at: usize, byte: u8, cut in 0usize..3, from: usize, len in 0usize..30, level in 0usize..3) {
        let schema = Arc::new(Schema::infer(file().split(|&c| c == b'\n')).schema);
        let mut sections = sections(&encode(&schema, file().split(|&c| c == b'\n'), LEVELS[level]));
        let body = &mut sections[0].1;
        let at = at % (body.len() - 3);
        body[at] = byte;
        body.drain(at..at + cut);
        // A piece from elsewhere in the same block.
        let from = from % body.len();
        let piece = body[from..body.len().min(from + len)].to_vec();
        body.splice(at..at, piece);
        is_handled(&container(&sections));
    }
}

#[test]
fn limits_hold() {
    let packed = pack(&file(), Level::Default);
    let rows = decode(&packed, &Limits { max_rows: 39, ..Limits::default() }).unwrap_err();
    assert_eq!(rows.kind, Kind::Limit);
    let bytes = decode(&packed, &Limits { max_bytes: 1000, ..Limits::default() }).unwrap_err();
    assert_eq!(bytes.kind, Kind::Limit);
}

#[test]
fn deep_and_large_records_are_fine() {
    let deep = [b"{\"n\":", &[b'['; 100_000][..], &[b']'; 100_000], b"}"].concat();
    let long = format!("{{\"n\":\"{}\"}}", "x".repeat(300_000)).into_bytes();
    let wide: String = (0..20_000).map(|i| format!(",\"k{i}\":{i}")).collect();
    let wide = format!("{{\"n\":1{wide}}}").into_bytes();
    let nested = [b"{\"a\":".repeat(50_000), b"1".to_vec(), b"}".repeat(50_000)].concat();
    let file = [&deep[..], &long, &wide, &nested, &b"[".repeat(100_000)].join(&b'\n');
    for level in LEVELS {
        assert!(unpack(&pack(&file, level), &Limits::default()).unwrap() == file, "{level:?}");
    }
}

#[test]
fn inspect_adds_up() {
    let packed = pack(&file(), Level::Default);
    let report = inspect(&packed, &Limits::default()).unwrap();
    assert_eq!((report.records, report.blocks, report.odd_records), (40, 1, 0));
    let columns: usize = report.columns.iter().map(|c| c.bytes).sum();
    // What is left is the container's own: magic, version, section heads, checksums and the framing.
    let rest = report.bytes - report.header_bytes - report.skeleton_bytes - columns;
    assert!(rest < 60, "{rest} of {} bytes", report.bytes);
    let encodings: Vec<_> = report.columns.iter().map(|c| (c.name.as_str(), c.encoding)).collect();
    assert_eq!(
        encodings,
        [
            ("n", "integer"),
            ("f", "number"),
            ("b", "boolean"),
            ("id", "hex"),
            ("t", "timestamp"),
            ("s", "text"),
            ("j", "json")
        ]
    );
}
