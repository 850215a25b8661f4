//! Small containers that stand for much: what they stand for must be within the limits before memory or time is spent.

use std::sync::Arc;

use fidelog_codec::{
    Level, Schema,
    batch::{Batch, Skeletons},
    column::{Column, Strings},
    container::encode_batch,
    encode,
    encoding::Encoding,
    schema::{Field, Style},
};

use crate::container::{self, BLOCK, FRAMING, put_varint};

/// What it is, and a container of some KB.
pub type Bomb = (&'static str, Vec<u8>);

/// Few bytes for many rows.
///
/// # Panics
/// If one cannot be made.
#[must_use]
pub fn rows() -> Vec<Bomb> {
    vec![
        ("many rows of one long record", long_rows(10_000, 100_000)),
        ("many rows of many columns", wide_rows(500, 16_000)),
        ("a long separator between many records", long_separator(16_000, 50_000)),
    ]
}

/// Few bytes for many keys or names.
///
/// # Panics
/// If one cannot be made.
#[must_use]
pub fn headers() -> Vec<Bomb> {
    vec![
        ("paths of too many keys", shared_path(1_000, 1_000)),
        ("paths of as many shared keys as may be", shared_path(4_000, 63)),
        ("many columns whose names collide", colliding_names(4_000)),
    ]
}

fn field(path: &str, encoding: Encoding) -> Field {
    Field { path: vec![path.into()], column: path.into(), encoding }
}

fn block(fields: Vec<Field>, columns: Vec<Column>, skeletons: Skeletons) -> Vec<u8> {
    let schema = Schema::new(Style::default(), None, fields);
    match schema.and_then(|schema| Batch::from_parts(Arc::new(schema), columns, skeletons)) {
        Ok(batch) => encode_batch(&batch, Level::Fast),
        Err(error) => panic!("{error}"),
    }
}

/// The same record of `len` bytes in each row.
fn long_rows(rows: usize, len: usize) -> Vec<u8> {
    let record = vec![b'x'; len];
    let schema = Arc::new(Schema::empty(Style::default()));
    encode(&schema, (0..rows).map(|_| record.as_slice()), Level::Fast)
}

/// A block without rows whose header has these fields; each is written by `put`.
fn header_only(fields: usize, put: impl Fn(&mut Vec<u8>, usize)) -> Vec<u8> {
    let mut header = vec![1, 0, 0];
    put_varint(&mut header, fields);
    put_varint(&mut header, fields);
    (0..fields).for_each(|i| put(&mut header, i));
    // No rows, DEFLATE, the header, stored, and an empty group.
    let mut body = vec![0, 0];
    put_varint(&mut body, header.len());
    body.push(0);
    body.extend(header);
    body.extend([0, 0]);
    container::join([(BLOCK, body.as_slice())])
}

/// The code of encoding `text`.
const TEXT: u8 = 2;

/// Fields that share all their keys but the last one.
fn shared_path(fields: usize, keys: usize) -> Vec<u8> {
    header_only(fields, |out, i| {
        put_varint(out, if i == 0 { 0 } else { keys });
        put_varint(out, if i == 0 { keys + 1 } else { 1 });
        if i == 0 {
            out.extend(vec![0; keys]);
        }
        let key = format!("{i}");
        put_varint(out, key.len());
        out.extend_from_slice(key.as_bytes());
        out.push(TEXT);
    })
}

/// Fields whose columns' names by rule would all be `_`.
fn colliding_names(fields: usize) -> Vec<u8> {
    header_only(fields, |out, i| {
        let key = char::from_u32(0x4e00 + i as u32).unwrap_or_default().to_string();
        out.extend([0, 1]);
        put_varint(out, key.len());
        out.extend_from_slice(key.as_bytes());
        out.push(TEXT);
    })
}

/// Nulls in every row and column.
fn wide_rows(fields: usize, rows: usize) -> Vec<u8> {
    let columns = vec![Column::Strings { dictionary: Strings::default(), ids: vec![u32::MAX; rows] }; fields];
    let skeletons = Skeletons { dictionary: Strings::default(), ids: vec![u32::MAX; rows] };
    let fields = (0..fields).map(|i| field(&format!("f{i}"), Encoding::Json)).collect();
    block(fields, columns, skeletons)
}

/// Empty records with `len` bytes between them.
fn long_separator(rows: usize, len: usize) -> Vec<u8> {
    let records = long_rows(rows, 0);
    let mut framing = vec![0];
    put_varint(&mut framing, len);
    framing.extend(vec![b' '; len]);
    framing.extend([0, 0]);
    // A stored run.
    let mut run = Vec::new();
    put_varint(&mut run, framing.len());
    run.push(0);
    run.extend(framing);
    container::join(container::split(&records).into_iter().chain([(FRAMING, run.as_slice())]))
}
