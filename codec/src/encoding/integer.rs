//! 64-bit integers in their one canonical spelling.
//!
//! **Takes** what `i64` printing gives: no leading zero, no plus, no `-0`, no fraction, no exponent, from −2^63 to
//! 2^63−1.
//!
//! **Leaves** every other spelling (`1.0`, `1E5`, `007`, 30 digits).
//!
//! **Costs** 8 bytes in memory; in a block a difference to the value before, or a byte of each plane that changes;
//! 14 ns to parse, 16 ns to render.

use alloc::vec::Vec;

/// Parses a canonical integer.
pub fn parse(raw: &[u8]) -> Option<i64> {
    let (negative, digits) = match raw {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [] => return None,
        [b'0', ..] if negative || digits.len() > 1 => return None,
        _ if digits.len() > 19 => return None,
        _ => {}
    }
    // Down from zero, so that −2^63 fits.
    let mut value = 0i64;
    for &c in digits {
        let digit = c.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// The digits of 0–99.
pub(crate) static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < 100 {
        pairs[i as usize] = [b'0' + i / 10, b'0' + i % 10];
        i += 1;
    }
    pairs
};

/// Appends the canonical spelling.
pub fn render(value: i64, out: &mut Vec<u8>) {
    // 19 digits at most.
    let mut pairs = [[0u8; 2]; 10];
    let mut rest = value.unsigned_abs();
    let mut digits = 0;
    for pair in pairs.iter_mut().rev() {
        *pair = PAIRS[(rest % 100) as usize];
        digits += 1 + usize::from(rest >= 10);
        rest /= 100;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    let all = pairs.as_flattened();
    out.extend_from_slice(&all[all.len() - digits..]);
}

/// Appends the last `width` digits of a number, leading zeros included.
pub(crate) fn put_digits(mut number: u64, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out.iter_mut().skip(start).rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_integer_comes_back(v: i64, bits in 0u32..64) {
            let v = v >> bits;
            let mut out = Vec::new();
            render(v, &mut out);
            let text = v.to_string();
            prop_assert_eq!(&out, text.as_bytes());
            prop_assert_eq!(parse(&out), Some(v));
        }

        #[test]
        fn law(raw in "-?[0-9]{0,21}[.eE]?[0-9]{0,2}") {
            if let Some(v) = parse(raw.as_bytes()) {
                let mut out = Vec::new();
                render(v, &mut out);
                prop_assert_eq!(out, raw.as_bytes());
            }
        }
    }

    #[test]
    fn bounds_and_misfits() {
        assert_eq!(parse(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse(b"9223372036854775807"), Some(i64::MAX));
        for raw in
            ["9223372036854775808", "-9223372036854775809", "-0", "007", "+1", "", "-", "1.0", "1e5", " 1"]
        {
            assert_eq!(parse(raw.as_bytes()), None, "{raw}");
        }
    }
}
