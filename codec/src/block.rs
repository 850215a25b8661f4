//! A compressed, self-describing batch of columns.
//!
//! A block's body: the row count, the schema document, the skeletons' column, then a column for each field. A column
//! is a flag for nulls (and a bitmap), then its streams; see `put_column` and `take_column`, kept side by side.

use alloc::{sync::Arc, vec::Vec};

use crate::{
    batch::{Batch, Skeletons},
    column::{Column, NULL, Strings},
    encoding::Encoding,
    error::{Error, Kind, Result, Stage},
    schema::Schema,
    stream,
    wire::{Reader, put_varint, unzigzag, zigzag},
};

/// Appends a batch's block body. `sizes` gets the bytes of the header, the skeletons and each column.
pub(crate) fn put(out: &mut Vec<u8>, batch: &Batch, effort: u8, mut sizes: impl FnMut(usize)) {
    let mut mark = out.len();
    let mut measured = |out: &Vec<u8>| sizes(out.len() - core::mem::replace(&mut mark, out.len()));
    put_varint(out, batch.rows() as u64);
    stream::put(out, batch.schema().to_compact_json().as_bytes(), effort);
    measured(out);
    let skeletons = batch.skeletons();
    put_strings(out, &skeletons.dictionary, &skeletons.ids, effort);
    measured(out);
    for column in batch.columns() {
        put_column(out, column, effort);
        measured(out);
    }
}

/// Reads a block body. `sizes` as for [`put`].
pub(crate) fn take(
    body: &[u8],
    base: usize,
    max_rows: usize,
    budget: &mut usize,
    mut sizes: impl FnMut(usize),
) -> Result<Batch> {
    let mut reader = Reader::new(body, base, Stage::Block);
    let mut mark = reader.left();
    let mut measured =
        |reader: &Reader<'_>| sizes(core::mem::replace(&mut mark, reader.left()) - reader.left());
    let rows = reader.count(max_rows, "a row count within the limits expected")?;
    let document = stream::take(&mut reader, budget)?;
    let document = core::str::from_utf8(&document)
        .map_err(|_| reader.fail(Kind::Malformed, "a schema in UTF-8 expected"))?;
    let schema = Arc::new(Schema::from_json(document)?);
    measured(&reader);
    // Every row of every column takes memory, however well it is compressed.
    let cells = rows.saturating_mul(schema.fields().len() + 1).saturating_mul(8);
    *budget = budget
        .checked_sub(cells)
        .ok_or(reader.fail(Kind::Limit, "rows and columns within the limits expected"))?;
    let skeletons = match take_strings(&mut reader, rows, budget)? {
        Column::Strings { dictionary, ids } => Skeletons { dictionary, ids },
        _ => Skeletons::default(),
    };
    measured(&reader);
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(take_column(&mut reader, &field.encoding, rows, budget)?);
        measured(&reader);
    }
    if !reader.is_done() {
        return Err(reader.fail(Kind::Malformed, "the end of the block expected"));
    }
    Batch::from_parts(schema, columns, skeletons)
}

fn put_column(out: &mut Vec<u8>, column: &Column, effort: u8) {
    match column {
        Column::Integers { values, valid } => {
            put_valid(out, valid, effort);
            put_integers(out, present(values, valid), effort);
        }
        Column::Timestamps { micros, nanos, valid } => {
            put_valid(out, valid, effort);
            put_integers(out, present(micros, valid), effort);
            out.push(u8::from(!nanos.is_empty()));
            if !nanos.is_empty() {
                put_integers(out, present(nanos, valid).map(i64::from), effort);
            }
        }
        Column::Numbers { values, valid } => {
            put_valid(out, valid, effort);
            // Bytes of the same weight together: the high ones repeat.
            let mut planes = Vec::new();
            for byte in 0..8 {
                planes.extend(present(values, valid).map(|v| v.to_be_bytes()[byte]));
            }
            stream::put(out, &planes, effort);
        }
        Column::Booleans { values, valid } => {
            put_valid(out, valid, effort);
            stream::put(out, &bitmap(present(values, valid)), effort);
        }
        Column::Strings { dictionary, ids } => put_strings(out, dictionary, ids, effort),
    }
}

fn take_column(
    reader: &mut Reader<'_>,
    encoding: &Encoding,
    rows: usize,
    budget: &mut usize,
) -> Result<Column> {
    match encoding {
        Encoding::Integer => {
            let valid = take_valid(reader, rows, budget)?;
            let values = spread(&take_integers(reader, count(&valid), budget)?, &valid);
            Ok(Column::Integers { values, valid })
        }
        Encoding::Timestamp { .. } => {
            let valid = take_valid(reader, rows, budget)?;
            let micros = spread(&take_integers(reader, count(&valid), budget)?, &valid);
            let nanos = match reader.byte()? {
                0 => Vec::new(),
                1 => {
                    let nanos = take_integers(reader, count(&valid), budget)?;
                    let narrow =
                        nanos.iter().map(|&n| u16::try_from(n)).collect::<core::result::Result<Vec<_>, _>>();
                    spread(&narrow.map_err(|_| reader.fail(Kind::Malformed, "nanoseconds expected"))?, &valid)
                }
                _ => return Err(reader.fail(Kind::Malformed, "a flag for nanoseconds expected")),
            };
            Ok(Column::Timestamps { micros, nanos, valid })
        }
        Encoding::Number { .. } => {
            let valid = take_valid(reader, rows, budget)?;
            let planes = stream::take(reader, budget)?;
            let n = count(&valid);
            if planes.len() != n.saturating_mul(8) {
                return Err(reader.fail(Kind::Malformed, "8 bytes a number expected"));
            }
            let bits = |i: usize| (0..8).fold(0, |v, byte| v << 8 | u64::from(planes[byte * n + i]));
            let values: Vec<f64> = (0..n).map(|i| f64::from_bits(bits(i))).collect();
            Ok(Column::Numbers { values: spread(&values, &valid), valid })
        }
        Encoding::Boolean => {
            let valid = take_valid(reader, rows, budget)?;
            let bits = stream::take(reader, budget)?;
            let values = flags(&bits, count(&valid))
                .ok_or(reader.fail(Kind::Malformed, "one bit a value expected"))?;
            Ok(Column::Booleans { values: spread(&values, &valid), valid })
        }
        Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => {
            take_strings(reader, rows, budget)
        }
    }
}

/// The values of the rows that have one.
fn present<'a, T: Copy>(values: &'a [T], valid: &'a [bool]) -> impl Iterator<Item = T> + Clone + 'a {
    values.iter().zip(valid).filter(|(_, valid)| **valid).map(|(v, _)| *v)
}

/// The inverse of [`present`].
fn spread<T: Copy + Default>(values: &[T], valid: &[bool]) -> Vec<T> {
    let mut next = values.iter();
    valid.iter().map(|&v| if v { next.next().copied().unwrap_or_default() } else { T::default() }).collect()
}

fn count(valid: &[bool]) -> usize {
    valid.iter().filter(|v| **v).count()
}

fn bitmap(bits: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (i, bit) in bits.enumerate() {
        if i % 8 == 0 {
            bytes.push(0);
        }
        if let Some(last) = bytes.last_mut() {
            *last |= u8::from(bit) << (i % 8);
        }
    }
    bytes
}

/// The inverse of [`bitmap`]; `None` if the size is not that of `n` bits.
fn flags(bytes: &[u8], n: usize) -> Option<Vec<bool>> {
    (bytes.len() == n.div_ceil(8)).then(|| (0..n).map(|i| bytes[i / 8] >> (i % 8) & 1 == 1).collect())
}

/// A byte that says which rows are null: 0 none, 1 all, 2 those whose bit in the following stream is not set.
fn put_valid(out: &mut Vec<u8>, valid: &[bool], effort: u8) {
    if valid.iter().all(|&v| v) {
        out.push(0);
    } else if valid.iter().all(|&v| !v) {
        out.push(1);
    } else {
        out.push(2);
        stream::put(out, &bitmap(valid.iter().copied()), effort);
    }
}

fn take_valid(reader: &mut Reader<'_>, rows: usize, budget: &mut usize) -> Result<Vec<bool>> {
    match reader.byte()? {
        0 => Ok(alloc::vec![true; rows]),
        1 => Ok(alloc::vec![false; rows]),
        2 => flags(&stream::take(reader, budget)?, rows)
            .ok_or(reader.fail(Kind::Malformed, "one bit a row expected")),
        _ => Err(reader.fail(Kind::Malformed, "a flag for nulls expected")),
    }
}

/// A byte that says whether values or differences follow (whichever is shorter), then zigzag varints.
fn put_integers(out: &mut Vec<u8>, values: impl Iterator<Item = i64> + Clone, effort: u8) {
    let plain = varints(values.clone());
    let mut last = 0i64;
    let deltas = varints(values.map(|v| v.wrapping_sub(core::mem::replace(&mut last, v))));
    let (flag, bytes) = if deltas.len() < plain.len() { (1, deltas) } else { (0, plain) };
    out.push(flag);
    stream::put(out, &bytes, effort);
}

fn varints(values: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        put_varint(&mut bytes, zigzag(value));
    }
    bytes
}

fn take_integers(reader: &mut Reader<'_>, n: usize, budget: &mut usize) -> Result<Vec<i64>> {
    let delta = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return Err(reader.fail(Kind::Malformed, "a flag for differences expected")),
    };
    let base = reader.offset();
    let bytes = stream::take(reader, budget)?;
    let mut varints = Reader::new(&bytes, base, Stage::Column);
    let mut values = Vec::with_capacity(n.min(bytes.len()));
    let mut last = 0i64;
    for _ in 0..n {
        let value = unzigzag(varints.varint()?);
        last = if delta { last.wrapping_add(value) } else { value };
        values.push(last);
    }
    if varints.is_done() { Ok(values) } else { Err(varints.fail(Kind::Malformed, "no more values expected")) }
}

/// The dictionary's size, its strings' lengths and bytes, then an id a row: 0 is null, 1 the next new string, n+2 the
/// n-th string.
fn put_strings(out: &mut Vec<u8>, dictionary: &Strings, ids: &[u32], effort: u8) {
    put_varint(out, dictionary.len() as u64);
    let mut lengths = Vec::new();
    for string in dictionary.iter() {
        put_varint(&mut lengths, string.len() as u64);
    }
    stream::put(out, &lengths, effort);
    stream::put(out, &dictionary.bytes, effort);
    let mut codes = Vec::new();
    let mut new = 0;
    for &id in ids {
        if id == NULL {
            codes.push(0);
        } else if id == new {
            codes.push(1);
            new += 1;
        } else {
            put_varint(&mut codes, u64::from(id) + 2);
        }
    }
    stream::put(out, &codes, effort);
}

fn take_strings(reader: &mut Reader<'_>, rows: usize, budget: &mut usize) -> Result<Column> {
    let n = reader.count(rows, "at most one string a row expected")?;
    let base = reader.offset();
    let lengths = stream::take(reader, budget)?;
    let mut lengths = Reader::new(&lengths, base, Stage::Column);
    let bytes = stream::take(reader, budget)?.into_owned();
    let mut ends = Vec::with_capacity(n.min(lengths.left()));
    let mut end = 0usize;
    for _ in 0..n {
        end = end.saturating_add(lengths.count(bytes.len(), "a string inside the dictionary expected")?);
        ends.push(
            u32::try_from(end).map_err(|_| lengths.fail(Kind::Limit, "a dictionary under 4 GiB expected"))?,
        );
    }
    if end != bytes.len() || !lengths.is_done() {
        return Err(lengths.fail(Kind::Malformed, "lengths that add up to the dictionary expected"));
    }
    let base = reader.offset();
    let codes = stream::take(reader, budget)?;
    let mut codes = Reader::new(&codes, base, Stage::Column);
    let mut ids = Vec::with_capacity(rows.min(codes.left()));
    let mut new = 0u32;
    for _ in 0..rows {
        ids.push(match codes.varint()? {
            0 => NULL,
            1 => {
                new += 1;
                new - 1
            }
            code => u32::try_from(code - 2).ok().filter(|&id| id < new).ok_or_else(|| unknown_id(&codes))?,
        });
    }
    if new as usize != n || !codes.is_done() {
        return Err(codes.fail(Kind::Malformed, "every string used and no more ids expected"));
    }
    Ok(Column::Strings { dictionary: Strings { bytes, ends }, ids })
}

fn unknown_id(codes: &Reader<'_>) -> Error {
    codes.fail(Kind::Malformed, "the id of a string used before expected")
}
