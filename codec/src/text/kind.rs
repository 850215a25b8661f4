//! What a token is. Each kind that a dictionary uses has one marker byte, which stands for the token in the text.

use alloc::vec::Vec;

use crate::{
    encoding::{
        Case, TimestampPattern,
        integer::put_digits,
        timestamp::{self, Fraction, Zone},
    },
    error::{Kind as ErrorKind, Result},
    wire::{Reader, put_varint, unzigzag, zigzag},
};

/// Ends a string or a template in the text.
pub(super) const END: u8 = b'\n';
/// Stands before a literal byte that would otherwise be a marker.
pub(super) const ESCAPE: u8 = 0;
/// Kinds a dictionary can have: the control bytes but `ESCAPE`, tab, line feed, vertical tab, form feed and return.
pub(super) const MAX_KINDS: usize = 26;

/// Digits of the longest run that is a number.
pub(super) const MAX_DIGITS: usize = 19;

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of up to 19 digits, leading zeros included.
    Number,
    /// A run of letters and digits by turns.
    Word,
    /// A calendar time.
    Time(TimestampPattern),
    /// A hyphenated UUID.
    Uuid(Case),
    /// A run of hex digits: so many bytes.
    Hex(Case, u8),
}

/// The marker byte of kind number `index`.
pub(super) const fn marker(index: usize) -> u8 {
    if index < 8 { index as u8 + 1 } else { index as u8 + 6 }
}

/// The kind number of a marker byte.
pub(super) const fn index_of(byte: u8) -> Option<usize> {
    match byte {
        1..=8 => Some(byte as usize - 1),
        14..=31 => Some(byte as usize - 6),
        _ => None,
    }
}

impl Kind {
    /// Bytes of a value in the kind's dictionary; `None` where values are numbers themselves.
    pub(super) const fn width(self) -> Option<usize> {
        match self {
            Kind::Uuid(_) => Some(16),
            Kind::Hex(_, bytes) => Some(bytes as usize),
            _ => None,
        }
    }

    /// Whether a token is an index into the kind's dictionary.
    pub(super) const fn is_indexed(self) -> bool {
        matches!(self, Kind::Word | Kind::Uuid(_) | Kind::Hex(..))
    }

    pub(super) fn put(self, out: &mut Vec<u8>) {
        match self {
            Kind::Number => out.push(0),
            Kind::Word => out.push(1),
            Kind::Uuid(case) => out.push(2 + case as u8),
            Kind::Hex(case, bytes) => out.extend_from_slice(&[4 + case as u8, bytes]),
            Kind::Time(pattern) => {
                out.push(6);
                if let TimestampPattern::Calendar { separator, fraction, zone } = pattern {
                    out.extend_from_slice(&[separator, digits(fraction)]);
                    match zone {
                        Zone::None => out.push(0),
                        Zone::Utc => out.push(1),
                        Zone::Offset { minutes, colon } => {
                            out.push(2 + u8::from(colon));
                            put_varint(out, zigzag(i64::from(minutes)));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn take(reader: &mut Reader<'_>) -> Result<Self> {
        let bad = |reader: &Reader<'_>, what| Err(reader.fail(ErrorKind::Malformed, what));
        Ok(match reader.byte()? {
            0 => Kind::Number,
            1 => Kind::Word,
            2 => Kind::Uuid(Case::Lower),
            3 => Kind::Uuid(Case::Upper),
            tag @ (4 | 5) => match reader.byte()? {
                0 => return bad(reader, "a number of hex digits expected"),
                bytes => Kind::Hex(if tag == 4 { Case::Lower } else { Case::Upper }, bytes),
            },
            6 => {
                let separator = match reader.byte()? {
                    c @ (b'T' | b' ') => c,
                    _ => return bad(reader, "`T` or a space between date and time expected"),
                };
                let fraction = match reader.byte()? {
                    0 => Fraction::None,
                    n @ 1..=9 => Fraction::Fixed(n),
                    _ => return bad(reader, "at most 9 fraction digits expected"),
                };
                let zone = match reader.byte()? {
                    0 => Zone::None,
                    1 => Zone::Utc,
                    tag @ (2 | 3) => match i16::try_from(unzigzag(reader.varint()?)) {
                        Ok(minutes @ -1439..=1439) => Zone::Offset { minutes, colon: tag == 3 },
                        _ => return bad(reader, "an offset of less than a day expected"),
                    },
                    _ => return bad(reader, "a kind of zone expected"),
                };
                Kind::Time(TimestampPattern::Calendar { separator, fraction, zone })
            }
            _ => return bad(reader, "a kind of token expected"),
        })
    }
}

const fn digits(fraction: Fraction) -> u8 {
    match fraction {
        Fraction::Fixed(n) => n,
        Fraction::None | Fraction::Trimmed => 0,
    }
}

/// Numbers of the run's length start here, so that `7`, `07` and `007` differ and fixed widths keep their differences.
const fn first_of_length(len: usize) -> u64 {
    let mut first = 0u64;
    let mut i = 1;
    while i < len {
        first = first * 10 + 10;
        i += 1;
    }
    first
}

/// The number of a run of 1–19 digits among all such runs, by length and value.
pub(super) fn number_of(run: &[u8]) -> u64 {
    run.iter().fold(0u64, |v, &c| v * 10 + u64::from(c - b'0')) + first_of_length(run.len())
}

/// The inverse of [`number_of`]; `false` if there is no such run.
pub(super) fn put_number(code: u64, out: &mut Vec<u8>) -> bool {
    let (mut rest, mut len, mut runs) = (code, 1, 10u64);
    while len < MAX_DIGITS && rest >= runs {
        rest -= runs;
        len += 1;
        runs *= 10;
    }
    put_digits(rest, len, out);
    rest < runs
}

/// Ticks of the pattern's last digit since 1970, if the text is spelled so.
pub(super) fn parse_time(quoted: &[u8], pattern: &TimestampPattern) -> Option<u64> {
    let (micros, nanos) = timestamp::parse(quoted, pattern)?;
    let ticks = match pattern {
        TimestampPattern::Calendar { fraction, .. } => match digits(*fraction) {
            n @ 0..=6 => micros / 10i64.pow(6 - u32::from(n)),
            n => micros.checked_mul(1_000)?.checked_add(i64::from(nanos))? / 10i64.pow(9 - u32::from(n)),
        },
        TimestampPattern::Epoch { .. } => return None,
    };
    Some(ticks as u64)
}

/// The inverse of [`parse_time`], in quotation marks; `false` if there is no such instant.
pub(super) fn put_time(ticks: u64, pattern: &TimestampPattern, out: &mut Vec<u8>) -> bool {
    let TimestampPattern::Calendar { fraction, .. } = pattern else { return false };
    let ticks = ticks as i64;
    let instant = match digits(*fraction) {
        n @ 0..=6 => ticks.checked_mul(10i64.pow(6 - u32::from(n))).map(|micros| (micros, 0)),
        n => ticks
            .checked_mul(10i64.pow(9 - u32::from(n)))
            .map(|nanos| (nanos.div_euclid(1_000), nanos.rem_euclid(1_000) as u16)),
    };
    instant.is_some_and(|(micros, nanos)| timestamp::render(micros, nanos, pattern, out))
}

const fn hex_value(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c - b'0',
        _ => (c | 0x20).wrapping_sub(b'a' - 10) & 15,
    }
}

/// Appends the bytes of hex digits already known to be such.
pub(super) fn parse_hex(digits: &[u8], out: &mut Vec<u8>) {
    out.extend(digits.chunks_exact(2).map(|pair| hex_value(pair[0]) << 4 | hex_value(pair[1])));
}

/// The inverse of [`parse_hex`].
pub(super) fn put_hex(bytes: &[u8], case: Case, out: &mut Vec<u8>) {
    let letter = if case == Case::Lower { b'a' - 10 } else { b'A' - 10 };
    let digit = |v: u8| if v < 10 { b'0' + v } else { letter + v };
    bytes.iter().for_each(|&b| out.extend_from_slice(&[digit(b >> 4), digit(b & 15)]));
}

/// The groups of a UUID's bytes, which hyphens divide.
pub(super) const UUID_GROUPS: [core::ops::Range<usize>; 5] = [0..4, 4..6, 6..8, 8..10, 10..16];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digit_runs_come_back(run in "[0-9]{1,19}", other in "[0-9]{1,19}") {
            let mut out = Vec::new();
            prop_assert!(put_number(number_of(run.as_bytes()), &mut out));
            prop_assert_eq!(&out, run.as_bytes());
            prop_assert_eq!(number_of(run.as_bytes()) == number_of(other.as_bytes()), run == other);
        }

        #[test]
        fn hex_comes_back(bytes: Vec<u8>, upper: bool) {
            let case = if upper { Case::Upper } else { Case::Lower };
            let (mut text, mut back) = (Vec::new(), Vec::new());
            put_hex(&bytes, case, &mut text);
            parse_hex(&text, &mut back);
            prop_assert_eq!(back, bytes);
        }

        #[test]
        fn any_number_renders_or_is_refused(code: u64) {
            let mut out = Vec::new();
            if put_number(code, &mut out) {
                prop_assert_eq!(number_of(&out), code);
            }
        }
    }

    #[test]
    fn numbers_keep_order_within_a_width() {
        assert_eq!(number_of(b"13") - number_of(b"09"), 4);
        assert_eq!(number_of(b"00"), number_of(b"9") + 1);
        assert_eq!(number_of(b"9999999999999999999"), 11_111_111_111_111_111_109);
        assert!(!put_number(u64::MAX, &mut Vec::new()));
    }

    #[test]
    fn markers_come_back() {
        for i in 0..MAX_KINDS {
            assert_eq!(index_of(marker(i)), Some(i));
            assert!(marker(i) != END && marker(i) != ESCAPE && marker(i) < 32);
        }
        assert_eq!((0..=255u8).filter(|&b| index_of(b).is_some()).count(), MAX_KINDS);
    }

    #[test]
    fn kinds_come_back() {
        let pattern = |quoted: &[u8]| TimestampPattern::of(quoted).unwrap();
        for kind in [
            Kind::Number,
            Kind::Word,
            Kind::Uuid(Case::Lower),
            Kind::Uuid(Case::Upper),
            Kind::Hex(Case::Lower, 255),
            Kind::Hex(Case::Upper, 8),
            Kind::Time(pattern(b"\"2024-02-29 01:02:03\"")),
            Kind::Time(pattern(b"\"2024-02-29T01:02:03.123456789-0930\"")),
            Kind::Time(pattern(b"\"2024-02-29T01:02:03.1Z\"")),
        ] {
            let mut out = Vec::new();
            kind.put(&mut out);
            let mut reader = Reader::new(&out, 0, crate::error::Stage::Column);
            assert_eq!(Kind::take(&mut reader).unwrap(), kind);
            assert!(reader.is_done());
        }
    }
}
