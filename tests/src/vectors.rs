//! The vector directory that Rust, Python and JavaScript read: `tests/vectors`.
//!
//! `records.json` holds the cases; `vN/NAME.fdl` is a container of format version N and `vN/NAME.json` the records
//! that it must decode to. `cargo run -p fidelog-tests --bin vectors` writes those that are missing; the tests make
//! all again and compare what they decode to (not the bytes, which may differ from one DEFLATE encoder to the next).

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use fidelog_codec::{
    Level, Schema,
    container::{MAGIC, VERSION},
    encode, pack,
};
use serde_json::{Value, json};

use crate::{cases, shapes};

/// Largest record that goes into a container vector.
const MAX_RECORD: usize = 10_000;

/// Kinds of sections.
const END: u8 = 0;
const OPTIONAL: u8 = 0xEE;

/// Records of each log shape.
const SHAPE_RECORDS: usize = 40;

/// The vector directory.
#[must_use]
pub fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The schema of the game-API records.
///
/// # Errors
/// Never, as long as the document is right.
pub fn game_schema() -> Result<Schema, fidelog_codec::Error> {
    Schema::from_json(include_str!("../vectors/game.schema.json"))
}

/// A container vector: its file name without ending, its bytes and the records that it holds.
#[derive(Clone, Debug)]
pub struct Container {
    /// The name.
    pub name: String,
    /// The container.
    pub bytes: Vec<u8>,
    /// What it must decode to.
    pub records: Vec<Vec<u8>>,
}

/// An ordinary batch: records in the default skeleton with values that recur.
fn ordinary_batch() -> Vec<Vec<u8>> {
    let base = String::from_utf8(cases::ordinary()).unwrap_or_default();
    (0..200u32)
        .map(|i| {
            base.replace("4107", &(4100 + i % 7).to_string())
                .replace("0f1e2d3c", &format!("{:08x}", (i % 23).wrapping_mul(0x9e37_79b1)))
                .replace("08.250Z", &format!("{:02}.{:03}Z", 59 - i % 60, (i * 37) % 1000))
                .replace(
                    "null",
                    if i % 3 == 0 { "null" } else { "[{\"columns\": [\"hp\"], \"tableName\": \"Bag\"}]" },
                )
                .into_bytes()
        })
        .collect()
}

/// Records with a value of every encoding, in the compact style with escapes; each tenth has a misfit.
fn every_encoding() -> Vec<Vec<u8>> {
    (0..60u32)
        .map(|i| {
            let number = if i % 10 == 9 { "1E5".to_owned() } else { format!("{}.5", i * 3) };
            format!(
                "{{\"i\":{},\"n\":{number},\"f\":{}.{:02},\"b\":{},\"u\":\"{:08x}-e89b-12d3-a456-426614174000\",\
                 \"h\":\"{:04X}\",\"t\":\"2031-05-17T21:04:{:02}.00000{}1+09:00\",\"e\":{},\
                 \"o\":{{\"x\":\"\\u00e9 {}\",\"y\":[{}]}},\"s\":null}}",
                i64::from(i) - 30,
                i % 7,
                i % 100,
                i % 3 == 0,
                i % 11,
                i * 97,
                i,
                i % 10,
                1_937_000_000_000u64 + u64::from(i) * 1_001,
                i % 5,
                i,
            )
            .into_bytes()
        })
        .collect()
}

/// A section with a body of less than 128 bytes, as FORMAT.md's section 2 has it.
fn section(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(u8::try_from(body.len()));
    out.extend_from_slice(body);
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    out
}

/// A container's sections but the end.
fn inside(container: &[u8]) -> &[u8] {
    container.get(MAGIC.len() + 1..container.len() - section(END, &[]).len()).unwrap_or_default()
}

/// One container of parts.
fn container(parts: &[&[u8]]) -> Vec<u8> {
    [&MAGIC[..], &[VERSION], &parts.concat(), &section(END, &[])].concat()
}

/// All container vectors of the present format version.
///
/// # Errors
/// Never, as long as the schema documents are right.
pub fn containers() -> Result<Vec<Container>, fidelog_codec::Error> {
    let game = Arc::new(game_schema()?);
    let encodings = Arc::new(Schema::from_json(include_str!("../vectors/encodings.schema.json"))?);
    let with = |schema: &Arc<Schema>, records: &[Vec<u8>], level| {
        encode(schema, records.iter().map(Vec::as_slice), level)
    };
    let odd: Vec<Vec<u8>> =
        cases::records().into_iter().map(|c| c.record).filter(|r| r.len() <= MAX_RECORD).collect();
    let ordinary = ordinary_batch();
    let every_encoding = every_encoding();
    let array = [b"[".to_vec(), ordinary.join(&b", "[..]), b"]\n".to_vec()].concat();
    let odd_gaps = [
        b"[\n ".to_vec(),
        ordinary[..3].join(&b",\n "[..]),
        b" , ".to_vec(),
        ordinary[3].clone(),
        b"\n]".to_vec(),
    ];
    let blocks = [
        with(&game, &ordinary[..50], Level::Default),
        with(&encodings, &every_encoding, Level::Small),
        with(&game, &[], Level::Default),
        with(&game, &ordinary[50..], Level::Fast),
    ];
    let optional = section(OPTIONAL, b"a later program's");
    let several = [&ordinary[..50], &every_encoding, &ordinary[50..]].concat();

    let made = [
        ("encodings", with(&encodings, &every_encoding, Level::Default), every_encoding.clone()),
        ("encodings-small", with(&encodings, &every_encoding, Level::Small), every_encoding),
        ("packed-gaps", pack(&odd_gaps.concat(), Level::Fast), ordinary[..4].to_vec()),
        ("empty", with(&game, &[], Level::Default), Vec::new()),
        ("no-blocks", container(&[]), Vec::new()),
        ("one", with(&game, &ordinary[..1], Level::Default), ordinary[..1].to_vec()),
        ("ordinary", with(&game, &ordinary, Level::Default), ordinary.clone()),
        ("odd", with(&game, &odd, Level::Default), odd.clone()),
        ("odd-small", with(&game, &odd, Level::Small), odd),
        ("several-blocks", container(&blocks.each_ref().map(|block| inside(block))), several),
        (
            "optional-sections",
            container(&[&optional, inside(&blocks[0]), &optional, &optional]),
            ordinary[..50].to_vec(),
        ),
        ("packed-array", pack(&array, Level::Small), ordinary),
    ];
    let mut all =
        made.map(|(name, bytes, records)| Container { name: name.to_owned(), bytes, records }).to_vec();
    for (i, name) in shapes::NAMES.into_iter().enumerate() {
        let records: Vec<Vec<u8>> =
            shapes::records(name, 1).into_iter().flatten().take(SHAPE_RECORDS).collect();
        let level = [Level::Default, Level::Small][i % 2];
        let bytes = pack(&records.join(&b'\n'), level);
        all.push(Container { name: format!("shape-{name}"), bytes, records });
    }
    Ok(all)
}

/// The text of `records.json`.
#[must_use]
pub fn records_json() -> String {
    let rows: Vec<String> = cases::records()
        .iter()
        .map(|c| json!({"name": c.name, "why": c.why, "base64": STANDARD.encode(&c.record)}).to_string())
        .collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// The text of a container vector's `.json`.
#[must_use]
pub fn expected_json(records: &[Vec<u8>]) -> String {
    let records: Vec<Value> = records.iter().map(|r| STANDARD.encode(r).into()).collect();
    format!("{}\n", json!({ "records": records }))
}
