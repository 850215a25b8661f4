//! Values of one type as streams: integers, mantissas, bits, or strings in one of four layouts.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    context::Atom,
    decimals,
    integers::Shape,
    mixing,
    model::Ids,
    parts::{Sink, Source},
    streams::{Content, charge},
    values::Values,
};
use crate::{
    column::Strings,
    encoding::Encoding,
    error::{Kind, Result},
    mix::Text,
    text::{self, Role},
    wire::{Reader, put_varint},
};

/// Layouts of strings: rows or planes of fixed width, lengths and bytes, or text.
pub(super) const ROWS: u8 = 0;
pub(super) const PLANES: u8 = 1;
pub(super) const LENGTHS: u8 = 2;
pub(super) const TEXT: u8 = 3;
/// Text whose lines the mixing coder writes.
pub(super) const MIXED: u8 = 4;

/// Which of a text's streams is the text itself.
pub(super) const TEXT_STREAM: usize = 1;

/// Stands for a scale where numbers are no decimals.
pub(super) const BITS: u8 = 255;

/// Widest strings that planes are tried for.
const MAX_PLANES: usize = 64;

/// What the mixing coder needs to know of the values' rows.
#[derive(Debug)]
pub(super) struct Mixed<'m> {
    /// The number that tells this column's text from others'.
    pub(super) column: u32,
    /// The row in which each value is first used.
    pub(super) rows: &'m [u32],
    /// Contexts of plain numbers.
    pub(super) contexts: &'m [Atom],
    pub(super) columns: &'m [Ids],
    pub(super) text_context: Option<u16>,
}

impl Mixed<'_> {
    fn row(&self, i: usize) -> usize {
        self.rows.get(i).map_or(0, |&row| row as usize)
    }

    /// The context of line `i` of a text.
    fn line(&self, i: usize) -> u32 {
        let column = self.text_context.and_then(|c| self.columns.get(usize::from(c)));
        let id = column.zip(self.rows.get(i)).and_then(|(c, &row)| c.ids.get(row as usize));
        id.map_or(0, |id| id.wrapping_add(1))
    }
}

/// Writes values; `plain` numbers come row by row, the others are a dictionary.
pub(super) fn put(
    sink: &mut Sink,
    values: &Values<'_>,
    thorough: bool,
    plain: bool,
    mixed: Option<&Mixed<'_>>,
) {
    match values {
        Values::Integers(values) => put_integers(sink, values, thorough, plain, mixed),
        Values::Numbers(numbers) => match decimals::mantissas(numbers) {
            Some((scale, mantissas)) => {
                sink.head.push(scale);
                put_integers(sink, &mantissas, thorough, plain, mixed);
            }
            None => {
                sink.head.push(BITS);
                // Bytes of the same weight together: the high ones repeat.
                let planes =
                    (0..8).flat_map(|byte| numbers.iter().map(move |v| v.to_bits().to_be_bytes()[byte]));
                sink.stream(Content::Codes, planes.collect());
            }
        },
        Values::Booleans(values) => sink.stream(Content::Codes, bitmap(values)),
        Values::Instants(micros, nanos) => {
            let scale = common_scale(micros);
            sink.head.push(scale | u8::from(!nanos.is_empty()) << 7);
            let unit = 10i64.pow(u32::from(scale));
            let scaled: Vec<i64> = micros.iter().map(|us| us / unit).collect();
            put_integers(sink, &scaled, thorough, plain, mixed);
            if !nanos.is_empty() {
                let nanos: Vec<i64> = nanos.iter().map(|&ns| i64::from(ns)).collect();
                put_integers(sink, &nanos, thorough, plain, mixed);
            }
        }
        Values::Strings(strings) => put_strings(sink, strings, thorough, mixed),
    }
}

/// Reads `n` values of a field.
pub(super) fn take(
    source: &mut Source<'_, '_>,
    encoding: &Encoding,
    n: usize,
    plain: bool,
    mixed: Option<&Mixed<'_>>,
) -> Result<Values<'static>> {
    charge(&source.head, n.saturating_mul(8), source.budget)?;
    Ok(match encoding {
        Encoding::Integer => Values::Integers(take_integers(source, n, plain, mixed)?),
        Encoding::Number { .. } => match source.head.byte()? {
            BITS => {
                let bytes = source.stream()?;
                if bytes.len() != n.saturating_mul(8) {
                    return Err(source.head.fail(Kind::Malformed, "8 bytes a number expected"));
                }
                let byte = |plane: usize, i: usize| u64::from(bytes.get(plane * n + i).copied().unwrap_or(0));
                let bits = |i: usize| (0..8).fold(0, |v, plane| v << 8 | byte(plane, i));
                Values::Numbers((0..n).map(|i| f64::from_bits(bits(i))).collect())
            }
            scale @ 0..=decimals::MAX_SCALE => {
                let mantissas = take_integers(source, n, plain, mixed)?;
                Values::Numbers(mantissas.iter().map(|&m| decimals::value(m, scale)).collect())
            }
            _ => return Err(source.head.fail(Kind::Malformed, "a decimal scale expected")),
        },
        Encoding::Boolean => {
            let bits = source.stream()?;
            Values::Booleans(
                flags(&bits, n)
                    .ok_or_else(|| source.head.fail(Kind::Malformed, "one bit a value expected"))?,
            )
        }
        Encoding::Timestamp { .. } => {
            let byte = source.head.byte()?;
            let scale = u32::from(byte & 0x7f);
            let unit = 10i64.checked_pow(scale).filter(|_| scale <= 6);
            let unit =
                unit.ok_or_else(|| source.head.fail(Kind::Malformed, "a scale of at most 6 expected"))?;
            let micros = take_integers(source, n, plain, mixed)?;
            let micros = micros.iter().map(|v| v.wrapping_mul(unit)).collect();
            let nanos = if byte & 0x80 == 0 { Vec::new() } else { take_integers(source, n, plain, mixed)? };
            let narrow =
                nanos.iter().map(|&ns| u16::try_from(ns)).collect::<core::result::Result<Vec<_>, _>>();
            Values::Instants(
                micros,
                narrow.map_err(|_| source.head.fail(Kind::Malformed, "nanoseconds expected"))?,
            )
        }
        Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => {
            Values::Strings(Cow::Owned(take_strings(source, n, mixed)?))
        }
    })
}

fn put_integers(sink: &mut Sink, values: &[i64], thorough: bool, plain: bool, mixed: Option<&Mixed<'_>>) {
    let mixed = mixed.filter(|_| plain);
    let shape = Shape::of(values, thorough && mixed.is_none());
    shape.put_header(&mut sink.head);
    match mixed {
        Some(m) => {
            let rows = (0..values.len()).map(|i| m.row(i));
            sink.stream(Content::Random, mixing::put_plain(&shape, values, rows, m.contexts, m.columns));
        }
        None => {
            let mut bytes = Vec::new();
            shape.put(values, &mut bytes);
            sink.stream(Content::Codes, bytes);
        }
    }
}

fn take_integers(
    source: &mut Source<'_, '_>,
    n: usize,
    plain: bool,
    mixed: Option<&Mixed<'_>>,
) -> Result<Vec<i64>> {
    let shape = Shape::take_header(&mut source.head)?;
    let bytes = source.stream()?;
    match mixed.filter(|_| plain) {
        Some(m) => mixing::take_plain(&bytes, &shape, n, (0..n).map(|i| m.row(i)), m.contexts, m.columns),
        None => shape.take(&mut Reader::new(&bytes, source.streams.offset(), crate::error::Stage::Column), n),
    }
}

/// The largest power of ten, up to 6, that divides all.
fn common_scale(values: &[i64]) -> u8 {
    let mut scale = 6;
    for &value in values {
        while scale > 0 && value % 10i64.pow(u32::from(scale)) != 0 {
            scale -= 1;
        }
    }
    scale
}

/// Bits, the first in the lowest of a byte.
pub(super) fn bitmap(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect()
}

/// The inverse of [`bitmap`]; `None` if the size is not that of `n` bits.
pub(super) fn flags(bytes: &[u8], n: usize) -> Option<Vec<bool>> {
    let bit = |i: usize| bytes.get(i / 8).is_some_and(|byte| byte >> (i % 8) & 1 == 1);
    (bytes.len() == n.div_ceil(8)).then(|| (0..n).map(bit).collect())
}

/// Writes distinct strings: of one width as rows or planes, else as text.
pub(super) fn put_strings(sink: &mut Sink, strings: &Strings, thorough: bool, mixed: Option<&Mixed<'_>>) {
    let width = strings.get(0).map_or(0, <[u8]>::len);
    let is_fixed = width > 0 && strings.iter().all(|s| s.len() == width);
    let is_text = core::str::from_utf8(&strings.bytes)
        .is_ok_and(|_| strings.bytes.iter().filter(|b| **b >= 0x20).count() * 20 >= strings.bytes.len() * 19);
    if is_fixed && !is_text {
        let planes: Vec<u8> = if thorough && width <= MAX_PLANES && strings.len() > 1 {
            (0..width).flat_map(|k| strings.iter().map(move |s| s.get(k).copied().unwrap_or(0))).collect()
        } else {
            Vec::new()
        };
        let is_better = !planes.is_empty() && planes_pay(&planes, &strings.bytes, strings.len());
        sink.head.push(if is_better { PLANES } else { ROWS });
        put_varint(&mut sink.head, width as u64);
        sink.stream(Content::Random, if is_better { planes } else { strings.bytes.clone() });
    } else if is_text || strings.is_empty() {
        put_text(sink, strings, mixed);
    } else {
        let mut lengths = Vec::new();
        strings.iter().for_each(|s| put_varint(&mut lengths, s.len() as u64));
        sink.head.push(LENGTHS);
        sink.stream(Content::Codes, lengths);
        sink.stream(Content::Text, strings.bytes.clone());
    }
}

/// Whether DEFLATE makes less of the planes.
fn planes_pay(planes: &[u8], rows: &[u8], n: usize) -> bool {
    use super::streams::{Effort, pack};
    let size = |bytes: &[u8]| pack(bytes, Content::Text, Effort::Quick).size(bytes.len());
    n >= 4 && size(planes) < size(rows)
}

fn put_text(sink: &mut Sink, strings: &Strings, mixed: Option<&Mixed<'_>>) {
    let cut = text::cut(strings);
    sink.head.push(if mixed.is_some() { MIXED } else { TEXT });
    put_varint(&mut sink.head, cut.len() as u64);
    for stream in cut {
        match (stream.role, mixed) {
            (Role::Text, Some(m)) => {
                put_varint(&mut sink.head, stream.bytes.len() as u64);
                put_varint(&mut sink.head, mixing::count_lines(&stream.bytes) as u64);
                let model = sink.text.get_or_insert_with(|| Text::new(stream.bytes.len()));
                let bytes = mixing::put_text(model, &stream.bytes, m.column, |i| m.line(i));
                sink.stream(Content::Random, bytes);
            }
            (role, _) => sink.stream(content(role), stream.bytes),
        }
    }
}

const fn content(role: Role) -> Content {
    match role {
        Role::Text | Role::Words | Role::Head => Content::Text,
        Role::Templates | Role::Numbers | Role::Bytes => Content::Codes,
        Role::Random => Content::Random,
    }
}

/// Reads `n` distinct strings.
pub(super) fn take_strings(
    source: &mut Source<'_, '_>,
    n: usize,
    mixed: Option<&Mixed<'_>>,
) -> Result<Strings> {
    let layout = source.head.byte()?;
    match (layout, mixed) {
        (ROWS | PLANES, _) => {
            let width = source.head.count(u32::MAX as usize, "a width under 4 GiB expected")?;
            let bytes = source.stream()?;
            if bytes.len() as u64 != n as u64 * width as u64 || width == 0 {
                return Err(source.head.fail(Kind::Malformed, "strings of the declared width expected"));
            }
            let bytes = if layout == ROWS { bytes.into_owned() } else { transpose(&bytes, n, width) };
            ends(source, (1..=n).map(|i| i * width), bytes)
        }
        (LENGTHS, _) => {
            let lengths = source.stream()?;
            let bytes = source.stream()?.into_owned();
            let mut reader = Reader::new(&lengths, source.streams.offset(), crate::error::Stage::Column);
            let mut end = 0usize;
            let mut all = Vec::with_capacity(n.min(lengths.len()));
            for _ in 0..n {
                end =
                    end.saturating_add(reader.count(bytes.len(), "a string inside the dictionary expected")?);
                all.push(end);
            }
            if !reader.is_done() || end != bytes.len() {
                return Err(reader.fail(Kind::Malformed, "lengths that add up to the dictionary expected"));
            }
            ends(source, all.into_iter(), bytes)
        }
        (TEXT, None) | (MIXED, Some(_)) => take_text(source, n, mixed),
        _ => Err(source.head.fail(Kind::Unsupported, "a layout of strings that this coder has expected")),
    }
}

fn transpose(planes: &[u8], n: usize, width: usize) -> Vec<u8> {
    (0..n).flat_map(|i| (0..width).map(move |k| planes.get(k * n + i).copied().unwrap_or(0))).collect()
}

fn ends(source: &Source<'_, '_>, ends: impl Iterator<Item = usize>, bytes: Vec<u8>) -> Result<Strings> {
    let ends = ends.map(u32::try_from).collect::<core::result::Result<Vec<u32>, _>>();
    let ends = ends.map_err(|_| source.head.fail(Kind::Limit, "a dictionary under 4 GiB expected"))?;
    Ok(Strings { bytes, ends })
}

/// How many streams a text has.
pub(super) fn take_stream_count(source: &mut Source<'_, '_>) -> Result<usize> {
    source.head.count(source.head.left(), "no more streams than entries expected")
}

fn take_text(source: &mut Source<'_, '_>, n: usize, mixed: Option<&Mixed<'_>>) -> Result<Strings> {
    let count = take_stream_count(source)?;
    let mut streams = Vec::new();
    for i in 0..count {
        match mixed.filter(|_| i == TEXT_STREAM) {
            Some(m) => {
                let len = source.head.count(*source.budget, "a text within the limits expected")?;
                charge(&source.head, len.saturating_mul(2), source.budget)?;
                let lines = source.head.count(len, "no more lines than bytes expected")?;
                let bytes = source.stream()?;
                let model = source.text.get_or_insert_with(|| Text::new(len));
                streams.push(Cow::Owned(mixing::take_text(model, &bytes, (len, lines), m.column, |i| {
                    m.line(i)
                })?));
            }
            None => streams.push(source.stream()?),
        }
    }
    let slices: Vec<&[u8]> = streams.iter().map(|s| &s[..]).collect();
    let strings = text::join(&slices, source.budget)?;
    if strings.len() != n {
        return Err(source.head.fail(Kind::Malformed, "as many strings as declared expected"));
    }
    Ok(strings)
}
