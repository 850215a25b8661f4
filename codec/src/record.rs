//! Finds the members of a record's JSON object, once, without recursion, without copying.
//!
//! The scan is lenient inside values it does not enter (it matches brackets and strings only): exactness never
//! depends on it, since all bytes outside encoded values are kept as they are.

use core::ops::Range;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// High bits set from the first byte of `word` that equals `c` (those above it may be wrong).
const fn matches(word: u64, c: u8) -> u64 {
    let x = word ^ (ONES * c as u64);
    x.wrapping_sub(ONES) & !x & HIGHS
}

/// Where the string whose content starts at `at` ends (past its closing quotation mark).
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let found = matches(word, b'"') | matches(word, b'\\');
            if found != 0 {
                at += found.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the value that starts at `at` ends; `None` if it never does.
pub fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match *bytes.get(at)? {
        b'"' => string_end(bytes, at + 1),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut at = at;
            loop {
                match *bytes.get(at)? {
                    b'"' => {
                        at = string_end(bytes, at + 1)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let rest = bytes.get(at..)?;
            let is_end =
                |c: &u8| matches!(c, b',' | b'}' | b']' | b':' | b'"' | b' ' | b'\n' | b'\r' | b'\t');
            let n = rest.iter().position(is_end).unwrap_or(rest.len());
            (n > 0).then_some(at + n)
        }
    }
}

/// The first byte at or after `at` that is not JSON white space.
pub fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Whether a value looks like a string that holds an object with members.
pub(crate) fn may_hold_object(raw: &[u8]) -> bool {
    matches!(raw, [b'"', b'{', b'\\' | b' ', ..])
}

/// What comes next in a record's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member with this key (between its quotation marks); its value is next: take it or enter it.
    Key(Range<usize>),
    /// The object that was entered last is over.
    Leave,
    /// The record is over, and was an object with nothing but white space around it.
    End,
    /// The record is no such object.
    Broken,
}

/// Walks the members of one record.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// Whether the next member is the first of its object.
    first: bool,
}

impl<'a> Members<'a> {
    /// Starts a walk; `None` if the record does not start as an object.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        Members::from(bytes, 0)
    }

    /// As [`Members::new`] for a record that starts at `at` and ends with `bytes`.
    pub(crate) fn from(bytes: &'a [u8], at: usize) -> Option<Self> {
        let at = skip_white_space(bytes, at);
        (bytes.get(at) == Some(&b'{')).then_some(Members { bytes, at: at + 1, depth: 1, first: true })
    }

    /// Goes on to the next member. After a [`Step::Key`], call [`Members::value`] or [`Members::enter`] first.
    pub fn step(&mut self) -> Step {
        self.walk().unwrap_or(Step::Broken)
    }

    fn walk(&mut self) -> Option<Step> {
        let mut at = skip_white_space(self.bytes, self.at);
        match *self.bytes.get(at)? {
            b'}' => {
                self.at = at + 1;
                self.depth -= 1;
                self.first = false;
                if self.depth > 0 {
                    return Some(Step::Leave);
                }
                let end = skip_white_space(self.bytes, self.at);
                return Some(if end == self.bytes.len() { Step::End } else { Step::Broken });
            }
            b',' if !self.first => at = skip_white_space(self.bytes, at + 1),
            _ if !self.first => return None,
            _ => {}
        }
        self.first = false;
        if *self.bytes.get(at)? != b'"' {
            return None;
        }
        let end = string_end(self.bytes, at + 1)?;
        let colon = skip_white_space(self.bytes, end);
        if *self.bytes.get(colon)? != b':' {
            return None;
        }
        self.at = skip_white_space(self.bytes, colon + 1);
        Some(Step::Key(at + 1..end - 1))
    }

    /// How far it is: past what was stepped over, entered or taken last.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// Whether the value that is next is an object with members.
    pub fn at_object(&self) -> bool {
        self.bytes.get(self.at) == Some(&b'{')
            && self.bytes.get(skip_white_space(self.bytes, self.at + 1)) == Some(&b'"')
    }

    /// Enters the object that is next.
    pub fn enter(&mut self) {
        self.at += 1;
        self.depth += 1;
        self.first = true;
    }

    /// Takes the value that is next as a whole.
    pub fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.at = value_end(self.bytes, start)?;
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    /// Every member's key and value as text, nested objects entered.
    fn members(record: &str) -> Option<Vec<(&str, &str)>> {
        let mut walk = Members::new(record.as_bytes())?;
        let mut found = Vec::new();
        loop {
            match walk.step() {
                Step::Key(key) if walk.at_object() => {
                    walk.enter();
                    found.push((&record[key], "{"));
                }
                Step::Key(key) => found.push((&record[key], &record[walk.value()?])),
                Step::Leave => found.push(("", "}")),
                Step::End => return Some(found),
                Step::Broken => return None,
            }
        }
    }

    #[test]
    fn members_and_nesting() {
        assert_eq!(
            members(r#" {"a": 1, "b" :{"c\"":[1,{"x":"}"}],"d":{}}, "e":"\\"} "#).unwrap(),
            [("a", "1"), ("b", "{"), ("c\\\"", r#"[1,{"x":"}"}]"#), ("d", "{}"), ("", "}"), ("e", r#""\\""#)]
        );
        assert_eq!(members("{}").unwrap(), []);
    }

    #[test]
    fn what_is_no_object_is_broken() {
        for record in [
            "",
            "42",
            "[]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{,\"a\":1}",
            "{\"a\":1}{\"a\":2}",
            "{\"a\" 1}",
            "{'a':1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":\"x}",
            "{\"a\":[1,2}",
        ] {
            assert_eq!(members(record), None, "{record}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_and_spans_stay_inside(bytes: Vec<u8>) {
            for at in 0..bytes.len() {
                if let Some(end) = value_end(&bytes, at) {
                    prop_assert!(end > at && end <= bytes.len());
                }
            }
        }

        #[test]
        fn brackets_and_quotes_end(text in "[\\[\\]{}\",:\\\\a1 ]{0,40}") {
            members(&text);
        }
    }
}
