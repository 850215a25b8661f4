//! A file as records and what stands between them: the elements of one JSON array, or lines.

use alloc::{format, vec::Vec};

use crate::{
    error::{Error, Kind, Result, Stage},
    record::{skip_white_space, value_end},
    wire::{Reader, put_bytes, put_varint},
};

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
    let open = skip_white_space(file, 0);
    if file.get(open) != Some(&b'[') {
        return Err(fail(open, "no opening bracket"));
    }
    let mut at = skip_white_space(file, open + 1);
    let mut records = Vec::new();
    let mut framing = Framing { prefix: file[..at].to_vec(), ..Framing::default() };
    let mut last_end = at;
    if file.get(at) != Some(&b']') {
        loop {
            let end =
                value_end(file, at).ok_or_else(|| fail(at, "an element that never ends or is missing"))?;
            let gap = &file[last_end..at];
            match records.len() {
                0 => {}
                1 => framing.separator = gap.to_vec(),
                n if gap != framing.separator => framing.exceptions.push((n, gap.to_vec())),
                _ => {}
            }
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
    Ok((records, framing))
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
        for bytes in [&self.prefix, &self.separator, &self.suffix] {
            put_bytes(out, bytes);
        }
        put_varint(out, self.exceptions.len() as u64);
        for (at, gap) in &self.exceptions {
            put_varint(out, *at as u64);
            put_bytes(out, gap);
        }
    }

    pub(crate) fn take(reader: &mut Reader<'_>) -> Result<Self> {
        let prefix = reader.bytes()?.to_vec();
        let separator = reader.bytes()?.to_vec();
        let suffix = reader.bytes()?.to_vec();
        let n = reader.count(reader.left() / 2, "no more exceptions than there are bytes expected")?;
        let mut exceptions = Vec::with_capacity(n);
        let mut last = 0;
        for _ in 0..n {
            let at = reader.count(usize::MAX, "a record's index expected")?;
            if at <= last {
                return Err(reader.fail(Kind::Malformed, "ascending indices expected"));
            }
            last = at;
            exceptions.push((at, reader.bytes()?.to_vec()));
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
}
