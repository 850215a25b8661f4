//! Strings of hex digits, kept as bytes.
//!
//! Takes a string of an even number of hex digits, all letters in the declared case, of the declared number of bytes
//! if there is one. Leaves mixed case, odd lengths, escapes and other lengths in the skeleton. Halves the bytes.

use alloc::vec::Vec;

use super::Case;

/// Stands for a byte that is no digit.
const NONE: u8 = 0xff;

const fn digits(case: Case) -> [u8; 256] {
    let mut values = [NONE; 256];
    let letter = match case {
        Case::Lower => b'a',
        Case::Upper => b'A',
    };
    let mut i = 0;
    while i < 16 {
        values[if i < 10 { b'0' + i } else { letter + i - 10 } as usize] = i;
        i += 1;
    }
    values
}

static LOWER: [u8; 256] = digits(Case::Lower);
static UPPER: [u8; 256] = digits(Case::Upper);

/// Parses pairs of digits into `out`; `false` if there is any other byte.
pub(super) fn parse_pairs(digits: &[u8], case: Case, out: &mut Vec<u8>) -> bool {
    if !digits.len().is_multiple_of(2) {
        return false;
    }
    let values = match case {
        Case::Lower => &LOWER,
        Case::Upper => &UPPER,
    };
    let mut all = 0;
    out.extend(digits.chunks_exact(2).map(|pair| {
        let (high, low) = (values[usize::from(pair[0])], values[usize::from(pair[1])]);
        all |= high | low;
        high << 4 | low & 15
    }));
    all < 16
}

/// Appends two digits for each byte.
pub(super) fn render_pairs(bytes: &[u8], case: Case, out: &mut Vec<u8>) {
    let (whole, rest) = bytes.as_chunks::<CHUNK>();
    for bytes in whole {
        out.extend_from_slice(digits_of(*bytes, case).as_flattened());
    }
    let mut last = [0; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    out.extend_from_slice(&digits_of(last, case).as_flattened()[..2 * rest.len()]);
}

/// Bytes that are spelled at once.
pub(super) const CHUNK: usize = 16;

/// Two digits for each byte; without a table, so that the compiler does many at once.
pub(super) fn digits_of(bytes: [u8; CHUNK], case: Case) -> [[u8; 2]; CHUNK] {
    let letter = match case {
        Case::Lower => b'a',
        Case::Upper => b'A',
    };
    let digit = |n: u8| n + if n < 10 { b'0' } else { letter - 10 };
    let mut digits = [[0; 2]; CHUNK];
    for (pair, b) in digits.iter_mut().zip(bytes) {
        *pair = [digit(b >> 4), digit(b & 15)];
    }
    digits
}

/// Parses a quoted string of hex digits.
pub fn parse<'a>(raw: &[u8], case: Case, bytes: Option<u32>, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let digits = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if bytes.is_some_and(|n| digits.len() != 2 * n as usize) {
        return None;
    }
    scratch.clear();
    parse_pairs(digits, case, scratch).then_some(scratch.as_slice())
}

/// Appends the quoted string; `false` if the number of bytes is not the declared one.
pub fn render(value: &[u8], case: Case, bytes: Option<u32>, out: &mut Vec<u8>) -> bool {
    if bytes.is_some_and(|n| value.len() != n as usize) {
        return false;
    }
    out.push(b'"');
    render_pairs(value, case, out);
    out.push(b'"');
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law(raw in "\"?[0-9a-fA-Fg\\\\]{0,70}\"?", upper: bool, n in proptest::option::of(0u32..40)) {
            let case = if upper { Case::Upper } else { Case::Lower };
            let mut scratch = Vec::new();
            if let Some(v) = parse(raw.as_bytes(), case, n, &mut scratch) {
                let mut out = Vec::new();
                prop_assert!(render(v, case, n, &mut out));
                prop_assert_eq!(out, raw.as_bytes());
            }
        }

        #[test]
        fn every_value_comes_back(v: Vec<u8>, upper: bool) {
            let case = if upper { Case::Upper } else { Case::Lower };
            let (mut out, mut scratch) = (Vec::new(), Vec::new());
            prop_assert!(render(&v, case, None, &mut out));
            prop_assert_eq!(parse(&out, case, None, &mut scratch), Some(v.as_slice()));
        }
    }

    #[test]
    fn misfits() {
        let mut scratch = Vec::new();
        assert_eq!(parse(b"\"\"", Case::Lower, None, &mut scratch), Some(&[][..]));
        for raw in ["\"aB\"", "\"abc\"", "\"AB\"", "ab", "\"", "null", "\"ab\\u0061\""] {
            assert_eq!(parse(raw.as_bytes(), Case::Lower, None, &mut scratch), None, "{raw}");
        }
        assert_eq!(parse(b"\"abab\"", Case::Lower, Some(1), &mut scratch), None);
        assert!(!render(&[1, 2], Case::Lower, Some(1), &mut Vec::new()));
    }
}
