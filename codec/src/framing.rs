//! A file as records and what stands between them: the elements of one JSON array, or lines.

use alloc::{collections::BTreeMap, format, vec::Vec};

use miniz_oxide::deflate::compress_to_vec;

use crate::{
    block::Packed,
    error::{Error, Kind, Result, Stage},
    record::{skip_white_space, value_end},
    stream,
    wire::{Reader, put_bytes, put_varint},
};

/// What some editors put before a file's text.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// miniz's own default level: a framing is small, or much the same all over.
const DEFLATE_LEVEL: u8 = 6;

/// How a file holds its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// An array if the whole file is one JSON array, else lines.
    #[default]
    Auto,
    /// The elements of one JSON array.
    Array,
    /// Split on `\n` bytes only; a final `\n` ends the last record; an empty line is an empty record.
    Lines,
}

/// What stands before, between and after a file's records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Framing {
    /// Before the first record.
    pub prefix: Vec<u8>,
    /// Between two records, as a rule.
    pub separator: Vec<u8>,
    /// After the last record.
    pub suffix: Vec<u8>,
    /// What stands before these records instead, by index, ascending.
    pub exceptions: Vec<(usize, Vec<u8>)>,
}

/// Splits a file into its records.
pub fn records(file: &[u8], format: Format) -> Result<(Vec<&[u8]>, Framing)> {
    match format {
        Format::Lines => Ok(lines(file)),
        Format::Array => array(file),
        Format::Auto => Ok(array(file).unwrap_or_else(|_| lines(file))),
    }
}

fn lines(file: &[u8]) -> (Vec<&[u8]>, Framing) {
    let mut framing = Framing { separator: b"\n".to_vec(), ..Framing::default() };
    if file.is_empty() {
        return (Vec::new(), framing);
    }
    let body = match file.strip_suffix(b"\n") {
        Some(body) => {
            framing.suffix.push(b'\n');
            body
        }
        None => file,
    };
    (body.split(|&c| c == b'\n').collect(), framing)
}

fn array(file: &[u8]) -> Result<(Vec<&[u8]>, Framing)> {
    let fail = |at: usize, what: &str| {
        Error::with(Kind::Malformed, Stage::Framing, at, format!("one JSON array expected: {what}"))
    };
    let text = if file.starts_with(BOM) { BOM.len() } else { 0 };
    let open = skip_white_space(file, text);
    if file.get(open) != Some(&b'[') {
        return Err(fail(open, "no opening bracket"));
    }
    let mut at = skip_white_space(file, open + 1);
    let mut records = Vec::new();
    let mut framing = Framing { prefix: file[..at].to_vec(), ..Framing::default() };
    let mut gaps = Vec::new();
    let mut last_end = at;
    if file.get(at) != Some(&b']') {
        loop {
            let end =
                value_end(file, at).ok_or_else(|| fail(at, "an element that never ends or is missing"))?;
            gaps.push(&file[last_end..at]);
            records.push(&file[at..end]);
            last_end = end;
            at = skip_white_space(file, end);
            match file.get(at) {
                Some(b',') => at = skip_white_space(file, at + 1),
                Some(b']') => break,
                _ => return Err(fail(at, "neither a comma nor the closing bracket after an element")),
            }
        }
    }
    let end = skip_white_space(file, at + 1);
    if end != file.len() {
        return Err(fail(end, "more text after the closing bracket"));
    }
    framing.suffix = file[last_end..].to_vec();
    let gaps = gaps.get(1..).unwrap_or_default();
    let separator = commonest(gaps);
    framing.separator = separator.to_vec();
    let exceptions = gaps.iter().enumerate().filter(|(_, gap)| **gap != separator);
    framing.exceptions = exceptions.map(|(i, gap)| (i + 1, gap.to_vec())).collect();
    Ok((records, framing))
}

/// The commonest of some byte strings, the shortest of equally common ones; empty if there is none.
fn commonest<'a>(all: &[&'a [u8]]) -> &'a [u8] {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for &one in all {
        *counts.entry(one).or_default() += 1;
    }
    let best = counts.into_iter().max_by_key(|(one, n)| (*n, core::cmp::Reverse(one.len())));
    best.map(|(one, _)| one).unwrap_or_default()
}

impl Framing {
    /// What stands before record `i`; `next` is the position in the exceptions to go on from.
    pub fn before<'a>(&'a self, i: usize, next: &mut usize) -> &'a [u8] {
        match self.exceptions.get(*next) {
            Some((at, gap)) if *at == i => {
                *next += 1;
                gap
            }
            _ if i == 0 => &self.prefix,
            _ => &self.separator,
        }
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        for bytes in [&self.prefix, &self.separator, &self.suffix] {
            put_bytes(&mut body, bytes);
        }
        put_varint(&mut body, self.exceptions.len() as u64);
        let mut last = 0;
        for (at, gap) in &self.exceptions {
            put_varint(&mut body, at.saturating_sub(last) as u64);
            put_bytes(&mut body, gap);
            last = *at;
        }
        let deflated = compress_to_vec(&body, DEFLATE_LEVEL);
        let packed = if deflated.len() < body.len() { Packed::Deflate(deflated) } else { Packed::Stored };
        stream::put(out, &body, &packed);
    }

    /// Reads a framing; what it takes counts against `budget`.
    pub(crate) fn take(reader: &mut Reader<'_>, budget: &mut usize) -> Result<Self> {
        let offset = reader.offset();
        let body = stream::take(reader, budget)?;
        let mut reader = Reader::new(&body, offset, Stage::Framing);
        let prefix = reader.bytes()?.to_vec();
        let separator = reader.bytes()?.to_vec();
        let suffix = reader.bytes()?.to_vec();
        let n = reader.count(reader.left() / 2, "no more exceptions than there are bytes expected")?;
        let memory = n.saturating_mul(size_of::<(usize, Vec<u8>)>());
        *budget = budget
            .checked_sub(memory)
            .ok_or_else(|| reader.fail(Kind::Limit, "no more exceptions than the limits allow expected"))?;
        let mut exceptions = Vec::with_capacity(n);
        let mut last = 0usize;
        for _ in 0..n {
            let step = reader.count(usize::MAX, "a record's index expected")?;
            last = match last.checked_add(step) {
                Some(at) if step > 0 => at,
                _ => return Err(reader.fail(Kind::Malformed, "ascending indices expected")),
            };
            exceptions.push((last, reader.bytes()?.to_vec()));
        }
        if !reader.is_done() {
            return Err(reader.fail(Kind::Malformed, "the end of the framing expected"));
        }
        Ok(Framing { prefix, separator, suffix, exceptions })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn join(records: &[&[u8]], framing: &Framing) -> Vec<u8> {
        let mut file = Vec::new();
        let mut next = 0;
        for (i, record) in records.iter().enumerate() {
            file.extend_from_slice(framing.before(i, &mut next));
            file.extend_from_slice(record);
        }
        if records.is_empty() {
            file.extend_from_slice(&framing.prefix);
        }
        file.extend_from_slice(&framing.suffix);
        file
    }

    proptest! {
        #[test]
        fn files_come_back(file in "[\\[\\]{}\",:1a\n \t]{0,40}", bytes: Vec<u8>) {
            for file in [file.as_bytes(), &bytes] {
                for format in [Format::Auto, Format::Array, Format::Lines] {
                    if let Ok((records, framing)) = records(file, format) {
                        prop_assert_eq!(join(&records, &framing), file);
                        let mut out = Vec::new();
                        framing.put(&mut out);
                        let mut reader = Reader::new(&out, 0, Stage::Framing);
                        prop_assert_eq!(Framing::take(&mut reader, &mut usize::MAX.clone()).unwrap(), framing);
                        prop_assert!(reader.is_done());
                    }
                }
            }
        }
    }

    fn split(file: &str, format: Format) -> Option<Vec<&str>> {
        let (records, _) = records(file.as_bytes(), format).ok()?;
        Some(records.into_iter().map(|r| core::str::from_utf8(r).unwrap()).collect())
    }

    #[test]
    fn arrays_and_lines() {
        assert_eq!(split(" [ {\"a\":1} ,\n[2], 3 ]\n", Format::Auto).unwrap(), ["{\"a\":1}", "[2]", "3"]);
        assert_eq!(split("[]", Format::Auto).unwrap(), Vec::<&str>::new());
        assert_eq!(split("[1] x", Format::Auto).unwrap(), ["[1] x"]);
        assert_eq!(split("[1\n2]", Format::Array), None);
        assert_eq!(split("[1,]", Format::Array), None);
        assert_eq!(split("a\n\nb\r\n", Format::Auto).unwrap(), ["a", "", "b\r"]);
        assert_eq!(split("\n", Format::Auto).unwrap(), [""]);
        assert_eq!(split("", Format::Auto).unwrap(), Vec::<&str>::new());
        assert_eq!(split("[1]", Format::Lines).unwrap(), ["[1]"]);
    }

    #[test]
    fn a_bom_stands_before_the_array() {
        let (found, framing) = records("\u{feff}[1,2]".as_bytes(), Format::Auto).unwrap();
        assert_eq!((found.len(), framing.prefix.as_slice()), (2, "\u{feff}[".as_bytes()));
        assert_eq!(split("\u{feff}1", Format::Auto).unwrap(), ["\u{feff}1"]);
    }

    #[test]
    fn the_commonest_gap_separates() {
        let (_, framing) = records(b"[1,\n2, 3, 4,\n5, 6]", Format::Array).unwrap();
        assert_eq!(framing.separator, b", ");
        assert_eq!(framing.exceptions, [(1, b",\n".to_vec()), (4, b",\n".to_vec())]);
    }

    #[test]
    fn many_exceptions_are_small() {
        let file = format!("[1{}]", ", 2,\n3".repeat(2_000));
        let (_, framing) = records(file.as_bytes(), Format::Array).unwrap();
        assert_eq!(framing.exceptions.len(), 2_000);
        let mut out = Vec::new();
        framing.put(&mut out);
        assert!(out.len() < 100, "{}", out.len());
        let mut budget = 20_000;
        let error = Framing::take(&mut Reader::new(&out, 0, Stage::Framing), &mut budget).unwrap_err();
        assert_eq!(error.kind, Kind::Limit);
    }
}
