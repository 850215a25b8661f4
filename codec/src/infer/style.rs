//! Which JSON style the samples are written in.

use alloc::vec::Vec;
use core::ops::Range;

use crate::schema::{NonAscii, Style};

/// A member that the walk found: its path, its key's span, and its value's unless it was entered.
pub(super) type Found = (usize, Range<usize>, Option<Range<usize>>);

/// Votes for each property of a [`Style`], yes against no.
#[derive(Debug, Default)]
pub(super) struct StyleVotes {
    item_space: (usize, usize),
    key_space: (usize, usize),
    raw: usize,
    lower: usize,
    upper: usize,
    solidus: (usize, usize),
    html: (usize, usize),
}

fn vote(votes: &mut (usize, usize), yes: bool) {
    if yes {
        votes.0 += 1;
    } else {
        votes.1 += 1;
    }
}

impl StyleVotes {
    /// Looks at the white space around a record's members.
    pub(super) fn add_gaps(&mut self, record: &[u8], found: &[Found]) {
        let mut last_value: Option<usize> = None;
        for (_, key, value) in found {
            // After the key's quotation mark comes the colon.
            match record.get(key.end + 1..).unwrap_or_default() {
                [b':', b' ', ..] => self.key_space.0 += 1,
                [b':', ..] => self.key_space.1 += 1,
                _ => {}
            }
            match last_value.and_then(|end| record.get(end..)) {
                Some([b',', b' ', ..]) => self.item_space.0 += 1,
                Some([b',', ..]) => self.item_space.1 += 1,
                _ => {}
            }
            last_value = value.as_ref().map(|span| span.end);
        }
    }

    /// Looks at a value's escapes.
    pub(super) fn add_value(&mut self, raw: &[u8]) {
        if raw.first() != Some(&b'"') {
            return;
        }
        self.raw += usize::from(!raw.is_ascii());
        let mut rest = raw;
        let mut escaped = Vec::new();
        while let Some(at) = rest.iter().position(|&c| matches!(c, b'\\' | b'/' | b'<' | b'>' | b'&')) {
            let (used, html, solidus) = match &rest[at..] {
                [b'\\', b'/', ..] => (2, None, Some(true)),
                [b'/', ..] => (1, None, Some(false)),
                [b'\\', b'u', digits @ ..] => {
                    let digits = digits.get(..4).unwrap_or_default();
                    let is_html = [&b"003c"[..], b"003e", b"0026", b"003C", b"003E"].contains(&digits);
                    escaped.push(digits);
                    (6, is_html.then_some(true), None)
                }
                [b'\\', ..] => (2, None, None),
                _ => (1, Some(false), None),
            };
            if let Some(yes) = html {
                vote(&mut self.html, yes);
            }
            if let Some(yes) = solidus {
                vote(&mut self.solidus, yes);
            }
            rest = rest.get(at + used..).unwrap_or_default();
        }
        for digits in escaped {
            self.lower += usize::from(digits.iter().any(u8::is_ascii_lowercase));
            self.upper += usize::from(digits.iter().any(u8::is_ascii_uppercase));
        }
    }

    /// The style that most of the samples are written in; as another one where they do not tell.
    pub(super) fn winner(&self, other: &Style) -> Style {
        let wins = |(yes, no): (usize, usize), other: bool| if yes == no { other } else { yes > no };
        let escaped = self.lower + self.upper;
        Style {
            item: if wins(self.item_space, other.item == ", ") { ", " } else { "," }.into(),
            key: if wins(self.key_space, other.key == ": ") { ": " } else { ":" }.into(),
            non_ascii: match () {
                () if self.raw + escaped == 0 => other.non_ascii,
                () if self.raw >= escaped => NonAscii::Raw,
                () if self.upper > self.lower => NonAscii::Upper,
                () => NonAscii::Lower,
            },
            escape_solidus: wins(self.solidus, other.escape_solidus),
            escape_html: wins(self.html, other.escape_html),
            embedded: None,
        }
    }
}
