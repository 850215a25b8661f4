//! Hyphenated UUIDs (RFC 9562, section 4), kept as 16 bytes.
//!
//! Takes `"8-4-4-4-12"` hex digits with all letters in the declared case. Leaves braces, missing hyphens and mixed
//! case in the skeleton. 36 characters become 16 bytes.

use alloc::vec::Vec;

use super::{Case, hex};

const GROUPS: [usize; 5] = [4, 2, 2, 2, 6];

/// Parses a quoted UUID.
pub fn parse<'a>(raw: &[u8], case: Case, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let mut rest = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    scratch.clear();
    for (i, group) in GROUPS.into_iter().enumerate() {
        if i > 0 {
            rest = rest.strip_prefix(b"-")?;
        }
        let digits = rest.get(..2 * group)?;
        if !hex::parse_pairs(digits, case, scratch) {
            return None;
        }
        rest = rest.get(2 * group..)?;
    }
    rest.is_empty().then_some(scratch.as_slice())
}

/// Appends the quoted UUID; `false` if the value is not 16 bytes.
pub fn render(value: &[u8], case: Case, out: &mut Vec<u8>) -> bool {
    let Ok(bytes) = value.try_into() else { return false };
    let digits = hex::digits_of(bytes, case);
    let mut rest = digits.as_flattened();
    out.push(b'"');
    for (i, group) in GROUPS.into_iter().enumerate() {
        if i > 0 {
            out.push(b'-');
        }
        let (now, later) = rest.split_at(2 * group);
        out.extend_from_slice(now);
        rest = later;
    }
    out.push(b'"');
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_uuid_comes_back(v: [u8; 16], upper: bool) {
            let case = if upper { Case::Upper } else { Case::Lower };
            let (mut out, mut scratch) = (Vec::new(), Vec::new());
            prop_assert!(render(&v, case, &mut out));
            prop_assert_eq!(parse(&out, case, &mut scratch), Some(&v[..]));
        }

        #[test]
        fn law_on_neighbours(v: [u8; 16], at in 0usize..38, byte: u8) {
            let (mut raw, mut scratch) = (Vec::new(), Vec::new());
            prop_assert!(render(&v, Case::Lower, &mut raw));
            raw[at] = byte;
            if let Some(v) = parse(&raw, Case::Lower, &mut scratch) {
                let mut out = Vec::new();
                prop_assert!(render(v, Case::Lower, &mut out));
                prop_assert_eq!(out, raw);
            }
        }
    }

    #[test]
    fn misfits() {
        let mut scratch = Vec::new();
        for raw in [
            "\"123e4567-e89b-12d3-a456-42661417400\"",
            "\"123e4567-e89b-12d3-a456-4266141740000\"",
            "\"{123e4567-e89b-12d3-a456-426614174000}\"",
            "\"123e4567e89b12d3a456426614174000\"",
            "\"123E4567-e89b-12d3-a456-426614174000\"",
        ] {
            assert_eq!(parse(raw.as_bytes(), Case::Lower, &mut scratch), None, "{raw}");
        }
        assert!(!render(&[0; 15], Case::Lower, &mut Vec::new()));
    }
}
