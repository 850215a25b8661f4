//! A column's parts under the mixing coder of level `small`.

use alloc::vec::Vec;

use super::{
    context::{ABSENT, Atom, Context},
    integers::Shape,
    model::{Far, Ids, Model},
};
use crate::{
    error::{Error, Kind, Result, Stage},
    mix::{Bits, Coder, Numbers, Ranks, Reader, Text, Writer, join},
};

fn damaged(detail: &'static str) -> Error {
    Error::new(Kind::Malformed, Stage::Column, 0, detail)
}

/// A mixed stream holds as many bytes as its values need.
fn finish(reader: &Reader<'_>) -> Result<()> {
    if reader.overrun() == 0 && reader.remaining() == 0 {
        Ok(())
    } else {
        Err(damaged("a stream as long as its values expected"))
    }
}

pub(super) fn put_ranks(contexts: &[Context], columns: &[Ids], ids: &[u32]) -> Vec<u8> {
    let mut writer = Writer::new();
    let coded = ids.iter().filter(|&&id| id != ABSENT).count();
    let mut model = Model::new(contexts, columns, Far::Recency(coded));
    let mut ranks = Ranks::new(contexts.len(), coded);
    for (row, &id) in ids.iter().enumerate().filter(|(_, id)| **id != ABSENT) {
        model.begin(row);
        ranks.code(&mut writer, &mut model, id);
        model.update(id);
    }
    writer.finish()
}

pub(super) fn take_ranks(
    bytes: &[u8],
    contexts: &[Context],
    columns: &[Ids],
    distinct: usize,
    (rows, coded): (usize, usize),
    is_coded: impl Fn(usize) -> bool,
) -> Result<Vec<u32>> {
    let mut reader = Reader::new(bytes);
    let mut model = Model::new(contexts, columns, Far::Recency(coded));
    let mut ranks = Ranks::new(contexts.len(), coded);
    let mut ids = Vec::with_capacity(rows);
    let mut known = 0;
    for row in 0..rows {
        if !is_coded(row) {
            ids.push(ABSENT);
            continue;
        }
        model.begin(row);
        let id = ranks.code(&mut reader, &mut model, 0);
        if id as usize >= distinct {
            return Err(damaged("no more new values than declared expected"));
        }
        known = known.max(id as usize + 1);
        model.update(id);
        ids.push(id);
    }
    if known != distinct {
        return Err(damaged("as many new values as declared expected"));
    }
    finish(&reader).map(|()| ids)
}

/// The model of plain numbers: their sizes under the last sizes and under two earlier columns' values.
struct PlainModel {
    numbers: Numbers,
    last: u32,
    before: u32,
    average: u32,
}

impl PlainModel {
    fn new(rows: usize) -> Self {
        let log2 = (usize::BITS - (rows.max(64) * 4 - 1).leading_zeros()).min(16);
        PlainModel { numbers: Numbers::new(6, log2), last: 0, before: 0, average: 0 }
    }

    fn code<I: Coder>(&mut self, io: &mut I, [first, second]: [u32; 2], number: u64, signed: bool) -> u64 {
        let contexts = [
            self.last.min(20),
            join(self.last.min(6), self.before.min(6)),
            self.average >> 2,
            join(first, 77),
            join(second, 78),
            join(join(first, second), 79),
        ];
        let (number, size) = if signed {
            let value = self.numbers.code_signed(io, &contexts, crate::wire::unzigzag(number), 63);
            (crate::wire::zigzag(value), value.unsigned_abs())
        } else {
            let number = self.numbers.code(io, &contexts, number, 64);
            (number, number)
        };
        self.before = self.last;
        self.last = if size < 20 { size as u32 } else { 20 + (64 - size.leading_zeros()) };
        self.average = self.average - (self.average >> 3) + size.min(60) as u32;
        number
    }
}

/// The values that a plain column's contexts have in a row.
fn row_contexts(contexts: &[Atom], columns: &[Ids], row: usize) -> [u32; 2] {
    let mut values = [0; 2];
    for (value, atom) in values.iter_mut().zip(contexts) {
        let ids = atom.column().and_then(|c| columns.get(usize::from(c)));
        *value = ids.and_then(|c| c.ids.get(row)).map_or(0, |id| id.wrapping_add(1));
    }
    values
}

/// Codes the values of the given rows.
pub(super) fn put_plain(
    shape: &Shape,
    values: &[i64],
    rows: impl Iterator<Item = usize>,
    contexts: &[Atom],
    columns: &[Ids],
) -> Vec<u8> {
    let mut writer = Writer::new();
    let mut model = PlainModel::new(values.len());
    for (number, row) in shape.transformed(values).zip(rows) {
        model.code(&mut writer, row_contexts(contexts, columns, row), number, shape.signed);
    }
    writer.finish()
}

pub(super) fn take_plain(
    bytes: &[u8],
    shape: &Shape,
    n: usize,
    rows: impl Iterator<Item = usize>,
    contexts: &[Atom],
    columns: &[Ids],
) -> Result<Vec<i64>> {
    let mut reader = Reader::new(bytes);
    let mut model = PlainModel::new(n);
    let mut last = shape.base;
    let values = rows.take(n).map(|row| {
        let number = model.code(&mut reader, row_contexts(contexts, columns, row), 0, shape.signed);
        shape.value(number, &mut last)
    });
    let values: Vec<i64> = values.collect();
    finish(&reader).map(|()| values)
}

/// Codes text line by line; `row` tells each line's context.
pub(super) fn put_text(model: &mut Text, text: &[u8], column: u32, row: impl Fn(usize) -> u32) -> Vec<u8> {
    let mut writer = Writer::new();
    let mut out = Vec::new();
    for (i, line) in lines(text).enumerate() {
        out.clear();
        let ended = model.value(&mut writer, column, row(i), line, &mut out, line.len());
        debug_assert!(ended, "a value is as long as it is");
    }
    writer.finish()
}

/// How many lines a text has.
pub(super) fn count_lines(text: &[u8]) -> usize {
    lines(text).count()
}

/// The parts between line feeds, without the empty one after the last.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.strip_suffix(b"\n").into_iter().flat_map(|text| text.split(|&c| c == b'\n'))
}

pub(super) fn take_text(
    model: &mut Text,
    bytes: &[u8],
    (len, count): (usize, usize),
    column: u32,
    row: impl Fn(usize) -> u32,
) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let mut text = Vec::with_capacity(len);
    for i in 0..count {
        let left =
            len.checked_sub(text.len() + 1).ok_or_else(|| damaged("no more text than declared expected"))?;
        if !model.value(&mut reader, column, row(i), &[], &mut text, left) {
            return Err(damaged("a line within the text declared expected"));
        }
        text.push(b'\n');
    }
    if text.len() != len {
        return Err(damaged("as much text as declared expected"));
    }
    finish(&reader).map(|()| text)
}

/// Any bytes, each under the two before it.
struct Bytes {
    bits: Bits,
    last: u32,
    before: u32,
}

impl Bytes {
    fn new(len: usize) -> Self {
        let log2 = usize::BITS - (len.max(16) * 8 - 1).leading_zeros();
        Bytes { bits: Bits::new(3, log2), last: 0, before: 0 }
    }

    fn code<I: Coder>(&mut self, io: &mut I, byte: u8) -> u8 {
        let mut node = 1u32;
        for position in (0..8).rev() {
            let contexts =
                [node, join(node, self.last + 1), join(join(node, self.last + 1), self.before + 1)];
            let bit = self.bits.code(io, &contexts, byte >> position & 1 == 1);
            node = node << 1 | u32::from(bit);
        }
        self.before = self.last;
        self.last = node & 0xff;
        node as u8
    }
}

pub(super) fn put_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    let mut model = Bytes::new(bytes.len());
    bytes.iter().for_each(|&byte| {
        model.code(&mut writer, byte);
    });
    writer.finish()
}

pub(super) fn take_bytes(bytes: &[u8], len: usize) -> Result<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let mut model = Bytes::new(len);
    let mut out = Vec::with_capacity(len);
    for _ in 0..len {
        out.push(model.code(&mut reader, 0));
    }
    finish(&reader).map(|()| out)
}
