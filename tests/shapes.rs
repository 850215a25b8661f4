//! Six shapes of real logs: every record comes back exactly at every level, and the default level beats the strongest
//! settings of the general compressors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::HashSet, io::Write, sync::Arc};

use fidelog_codec::{Level, Limits, Schema, decode, encode, pack, unpack};
use fidelog_tests::shapes;

const SEED: u64 = 11;

/// Records that make about 2 MB.
fn enough(name: &str) -> usize {
    match name {
        "audit" => 2_000,
        "pipeline" => 1_500,
        _ => 5_000,
    }
}

fn records(name: &str, seed: u64) -> Vec<Vec<u8>> {
    shapes::records(name, seed).unwrap().take(enough(name)).collect()
}

fn file(records: &[Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|record| [record.as_slice(), b"\n"].concat()).collect()
}

fn xz_9e(bytes: &[u8]) -> usize {
    const EXTREME: u32 = 1 << 31;
    let stream =
        liblzma::stream::Stream::new_easy_encoder(9 | EXTREME, liblzma::stream::Check::Crc64).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

fn check(name: &str) {
    let records = records(name, SEED);
    let file = file(&records);
    let schema = Arc::new(Schema::infer(records.iter().map(Vec::as_slice)).schema);
    let mut sizes = Vec::new();
    for level in [Level::Fast, Level::Default, Level::Small] {
        let payload = encode(&schema, records.iter().map(Vec::as_slice), level);
        let block = decode(&payload, &Limits::default()).unwrap();
        assert_eq!(block.rows(), records.len(), "{name}, {level:?}");
        for (row, (back, record)) in block.records().zip(&records).enumerate() {
            assert!(back.unwrap() == *record, "{name}, {level:?}, row {row}");
        }
        sizes.push(payload.len());
    }
    let packed = pack(&file, Level::Default);
    assert!(unpack(&packed, &Limits::default()).unwrap() == file, "{name}, packed");

    let (zstd, xz) = (zstd::bulk::compress(&file, 19).unwrap().len(), xz_9e(&file));
    println!("{name}: {} bytes; fast, default, small {sizes:?}; zstd -19 {zstd}, xz -9e {xz}", file.len());
    assert!(sizes[1] < zstd && sizes[1] < xz, "{name}: default {}, zstd -19 {zstd}, xz -9e {xz}", sizes[1]);
    assert!(packed.len() < zstd && packed.len() < xz, "{name}: packed {}", packed.len());
}

#[test]
fn audit() {
    check("audit");
}

#[test]
fn web() {
    check("web");
}

#[test]
fn siem() {
    check("siem");
}

#[test]
fn device() {
    check("device");
}

#[test]
fn pipeline() {
    check("pipeline");
}

#[test]
fn container() {
    check("container");
}

#[test]
fn a_seed_gives_one_log_and_another_seed_another() {
    let mut heads = HashSet::new();
    for name in shapes::NAMES {
        for seed in [1, 2] {
            let head = || shapes::records(name, seed).unwrap().take(50).collect::<Vec<_>>();
            assert_eq!(head(), head());
            assert!(heads.insert(head()), "{name}, seed {seed}");
        }
    }
    assert!(shapes::records("other", 1).is_none());
}

/// What the shapes are for: if they lost it, the sizes above would say less.
#[test]
fn the_shapes_are_as_odd_as_real_logs() {
    let is_json = |record: &Vec<u8>| serde_json::from_slice::<serde_json::Value>(record).is_ok();
    for name in shapes::NAMES {
        let records = records(name, SEED);
        let json = records.iter().filter(|record| is_json(record)).count();
        assert!(json * 100 > records.len() * 98, "{name}: {json} of {} are JSON", records.len());
        assert!(!matches!(name, "siem" | "web") || json < records.len(), "{name} has lines that are no JSON");
        let distinct: HashSet<&Vec<u8>> = records.iter().collect();
        assert_eq!(distinct.len(), records.len(), "{name}: no record is another's copy");
    }
    let holds = |name: &str, text: &str| {
        let file = file(&records(name, SEED));
        assert!(file.windows(text.len()).any(|window| window == text.as_bytes()), "{name}: {text}");
    };
    holds("siem", "https:\\/\\/");
    holds("siem", "\\u003c");
    holds("siem", "1E-3");
    holds("device", "\"payload\":\"{\\\"");
    holds("device", "{\\n  \\\"seq\\\"");
    holds("container", "\\\"q\\\"");
    holds("pipeline", "spark.hadoop.fs.s3a.");
}
