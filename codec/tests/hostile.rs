//! Contract 5: whatever bytes a decoder is given, it returns the right records or a typed error, in bounded memory.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use fidelog_codec::{Kind, Level, Limits, Schema, decode, encode, inspect, pack, unpack};
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

/// Recomputes the checksum of the first section, so that the decoder behind it sees the damage.
fn with_checksum(mut container: Vec<u8>) -> Vec<u8> {
    let (mut at, mut len, mut shift) = (5, 0usize, 0);
    while let Some(&b) = container.get(at) {
        at += 1;
        len |= usize::from(b & 127) << shift;
        shift += 7;
        if b < 128 {
            break;
        }
    }
    if let Some(section) = container.get(4..at + len) {
        let checksum = crc32fast::hash(section).to_le_bytes();
        if let Some(slot) = container.get_mut(at + len..at + len + 4) {
            slot.copy_from_slice(&checksum);
        }
    }
    container
}

proptest! {
    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        let _ = decode(&bytes, &Limits::default());
        let mut container = b"FDL\x01".to_vec();
        container.extend(&bytes);
        let _ = decode(&container, &Limits::default());
    }

    #[test]
    fn damage_behind_a_right_checksum(at in 0usize..2000, byte: u8, cut in 0usize..40, level in 0usize..3) {
        let schema = Arc::new(Schema::infer(file().split(|&c| c == b'\n')).schema);
        let mut packed = encode(&schema, file().split(|&c| c == b'\n'), LEVELS[level]);
        let start = 7 + at % (packed.len() - 20);
        packed[start] = byte;
        packed.drain(start..(start + cut % 3).min(packed.len() - 6));
        if let Ok(block) = decode(&with_checksum(packed), &Limits { max_rows: 1 << 16, max_bytes: 1 << 24 }) {
            for record in block.records() {
                let _ = record;
            }
        }
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
