//! Doubles as integer mantissas with one decimal scale, where that is exact.

use alloc::vec::Vec;

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Largest decimal scale.
pub(super) const MAX_SCALE: u8 = 22;

/// Integers up to here are exact as doubles, so one correctly rounded division gives the value back.
const MAX_MANTISSA: i64 = 1 << 53;

/// The double that a mantissa stands for.
pub(super) fn value(mantissa: i64, scale: u8) -> f64 {
    mantissa as f64 / POWERS.get(usize::from(scale)).copied().unwrap_or(1.0)
}

/// The mantissa of a double, if the scale gives exactly this one back.
fn mantissa(number: f64, scale: u8) -> Option<i64> {
    let scaled = number * POWERS.get(usize::from(scale))?;
    // Casts truncate, and saturate where there is no such integer.
    let rounded = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64;
    let is_exact =
        rounded.unsigned_abs() <= MAX_MANTISSA as u64 && value(rounded, scale).to_bits() == number.to_bits();
    is_exact.then_some(rounded)
}

/// The smallest scale that is exact for all numbers, and their mantissas.
pub(super) fn mantissas(numbers: &[f64]) -> Option<(u8, Vec<i64>)> {
    let mut scale = 0;
    for &number in numbers {
        scale = (scale..=MAX_SCALE).find(|&s| mantissa(number, s).is_some())?;
    }
    let all = numbers.iter().map(|&number| mantissa(number, scale)).collect::<Option<Vec<i64>>>()?;
    Some((scale, all))
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_decimals_are_exact(mantissas in prop::collection::vec(-999_999_999_999_999i64..1_000_000_000_000_000, 1..20), scale in 0u8..16) {
            let numbers: Vec<f64> = mantissas.iter().map(|m| format!("{m}e-{scale}").parse().unwrap()).collect();
            if let Some((scale, found)) = super::mantissas(&numbers) {
                for (number, mantissa) in numbers.iter().zip(found) {
                    prop_assert_eq!(value(mantissa, scale).to_bits(), number.to_bits());
                }
            }
            prop_assert!(super::mantissas(&numbers[..1]).is_some());
        }

        #[test]
        fn any_double_is_exact_or_none(bits: u64) {
            let number = f64::from_bits(bits);
            if let Some((scale, found)) = super::mantissas(&[number]) {
                prop_assert_eq!(value(found[0], scale).to_bits(), bits);
            }
        }
    }

    #[test]
    fn scales() {
        assert_eq!(mantissas(&[1.5, 0.25, -3.0]), Some((2, vec![150, 25, -300])));
        assert_eq!(mantissas(&[]), Some((0, vec![])));
        assert_eq!(mantissas(&[f64::NAN]), None);
        assert_eq!(mantissas(&[-0.0]), None);
    }
}
