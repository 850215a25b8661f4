//! The decimal digits of doubles: the fewest that give the double back, or to a fixed number of decimals.
//!
//! `core::fmt` does both, in ten times the code, which every page that shows logs would download.

use alloc::vec::Vec;

use crate::encoding::integer::{self, put_digits};

/// The fewest digits that give a double back.
pub(super) struct Shortest {
    digits: [u8; 17],
    len: usize,
    /// The power of ten of the first digit.
    pub(super) exponent: i32,
}

impl Shortest {
    /// Of a finite double that is not negative.
    pub(super) fn of(value: f64) -> Self {
        let mut buffer = ryu::Buffer::new();
        let (mut digits, mut len, mut point, mut power) = ([0; 17], 0, None, 0);
        let mut bytes = buffer.format_finite(value).bytes();
        // Like 0.0012, 120.0 or 1.2e-7.
        let mut passed = 0;
        for byte in bytes.by_ref().take_while(|&byte| byte != b'e') {
            if byte == b'.' {
                point = Some(passed);
                continue;
            }
            passed += 1;
            // Zeros that lead count for the exponent alone.
            if len == 0 && byte == b'0' {
                power -= 1;
            } else if let Some(digit) = digits.get_mut(len) {
                *digit = byte;
                len += 1;
            }
        }
        let (mut exponent, mut sign) = (0, 1);
        for byte in bytes {
            match byte {
                b'-' => sign = -1,
                digit => exponent = exponent * 10 + i32::from(digit.wrapping_sub(b'0')),
            }
        }
        while len > 0 && digits.get(len - 1) == Some(&b'0') {
            len -= 1;
        }
        if len == 0 {
            return Shortest { digits: [b'0'; 17], len: 1, exponent: 0 };
        }
        let mut shortest =
            Shortest { digits, len, exponent: point.unwrap_or(passed) - 1 + power + sign * exponent };
        shortest.away_from_zero(value);
        shortest
    }

    /// Of two numbers equally near, ryu takes the even one, and the format the one of larger magnitude.
    fn away_from_zero(&mut self, value: f64) {
        let (mantissa, power) = parts(value);
        let decimals = self.len as i32 - 1 - self.exponent;
        // A multiple of 2^-d, and not of 2^(1-d), has d decimals, of which the last is 5.
        if decimals < 0 || power + mantissa.trailing_zeros() as i32 != -1 - decimals {
            return;
        }
        let scaled =
            10u128.checked_pow(decimals.unsigned_abs()).and_then(|unit| unit.checked_mul(mantissa.into()));
        let below =
            scaled.and_then(|scaled| scaled.checked_shr(power.unsigned_abs())).map(|below| below as u64);
        if let (Some(below), Some(last)) = (below, self.digits.get_mut(self.len - 1))
            && (below ^ u64::from(*last)) & 1 == 0
        {
            // It is even, so there is no carry.
            *last += 1;
        }
    }

    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }
}

/// A double that is not negative as mantissa · 2^power.
fn parts(value: f64) -> (u64, i32) {
    const BITS: u32 = f64::MANTISSA_DIGITS - 1;
    let (mantissa, exponent) = (value.to_bits() & ((1 << BITS) - 1), (value.to_bits() >> BITS) as i32);
    if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << BITS, exponent - 1075) }
}

/// Powers of two above this are left out: with a fraction, such doubles are longer than any spelling.
const MAX_POWER: u32 = 128;

/// Appends a finite double that is not negative, with 1 to 17 decimals, half to even; `false` if that is absurdly long.
pub(super) fn fixed(value: f64, decimals: u8, out: &mut Vec<u8>) -> bool {
    let (mantissa, power) = parts(value);
    let (mut tenths, unit) = (0, 10u64.pow(u32::from(decimals)));
    if power >= 0 {
        if power.unsigned_abs() > MAX_POWER {
            return false;
        }
        put_whole(mantissa, power.unsigned_abs(), out);
    } else {
        let below = power.unsigned_abs();
        let mut whole = mantissa.checked_shr(below).unwrap_or(0);
        let rest = mantissa - whole.checked_shl(below).unwrap_or(0);
        // Below 2^53 · 10^17, which is less than 2^110.
        let scaled = u128::from(rest) * u128::from(unit);
        tenths = scaled.checked_shr(below).unwrap_or(0) as u64;
        let rest = scaled - u128::from(tenths).checked_shl(below).unwrap_or(0);
        let half = 1u128.checked_shl(below - 1).unwrap_or(u128::MAX);
        tenths += u64::from(rest > half || rest == half && tenths % 2 == 1);
        if tenths == unit {
            (whole, tenths) = (whole + 1, 0);
        }
        integer::render(whole as i64, out);
    }
    out.push(b'.');
    put_digits(tenths, usize::from(decimals), out);
    true
}

/// Appends mantissa · 2^power.
fn put_whole(mantissa: u64, power: u32, out: &mut Vec<u8>) {
    const GROUP: u64 = 1_000_000_000;
    // 53 and MAX_POWER bits, the lowest first.
    let mut words = [0u32; 6];
    let mut rest = u128::from(mantissa) << (power % 32);
    for word in words.iter_mut().skip(power as usize / 32) {
        *word = rest as u32;
        rest >>= 32;
    }
    let mut groups = Vec::new();
    while words.iter().any(|&word| word != 0) {
        let mut left = 0;
        for word in words.iter_mut().rev() {
            let all = left << 32 | u64::from(*word);
            *word = (all / GROUP) as u32;
            left = all % GROUP;
        }
        groups.push(left);
    }
    if let Some(first) = groups.pop() {
        integer::render(first as i64, out);
    }
    groups.iter().rev().for_each(|&group| put_digits(group, 9, out));
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use proptest::prelude::*;

    use super::*;

    fn spelled_fixed(value: f64, decimals: u8) -> Option<String> {
        let mut out = Vec::new();
        fixed(value, decimals, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    fn check(value: f64) {
        let shortest = Shortest::of(value);
        let digits = core::str::from_utf8(shortest.digits()).unwrap();
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        assert_eq!(format!("{first}{point}{rest}e{}", shortest.exponent), format!("{value:e}"));
        for decimals in 1..=17 {
            if let Some(spelled) = spelled_fixed(value, decimals) {
                assert_eq!(spelled, format!("{value:.*}", usize::from(decimals)));
            } else {
                assert!(format!("{value:.1}").len() > super::super::MAX_SPELLING);
            }
        }
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_standard_library(bits: u64) {
            let value = f64::from_bits(bits & !(1 << 63));
            if value.is_finite() {
                check(value);
            }
        }

        #[test]
        fn of_ordinary_numbers_too(mantissa in 0u64..1 << 60, bits in 0u32..60, scale in 0i32..20) {
            let mantissa = (mantissa >> bits) as f64;
            check(mantissa);
            check(mantissa / 10f64.powi(scale));
            check(mantissa / 2f64.powi(scale));
            check(mantissa * 10f64.powi(scale));
        }

        #[test]
        fn of_numbers_half_way_between_two(mantissa in 0u64..1 << 53, bits in 0u32..8) {
            check((1u64 << 53 | mantissa) as f64 / 2f64.powi(bits as i32));
        }
    }

    #[test]
    fn ends_of_the_range() {
        for value in [
            0.0,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            9_007_199_254_740_992.0,
            1e23,
            0.125,
            0.375,
            1e46,
            9.99999e45,
        ] {
            check(value);
        }
    }
}
