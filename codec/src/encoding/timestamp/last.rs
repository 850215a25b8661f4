//! Spells instants that follow each other: of one on the same day only the time of day is written anew.

use alloc::vec::Vec;

use super::{Fraction, TimestampPattern, render, zone_seconds};

const DAY: i64 = 86_400_000_000;

/// The last spelling, if it can be written over.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pattern: TimestampPattern,
    /// Fraction digits of a pattern that always has the same; `None` for other patterns.
    digits: Option<u8>,
    offset: i64,
    day: i64,
    spelling: Vec<u8>,
}

impl Last {
    pub(crate) const fn new(pattern: TimestampPattern) -> Self {
        let (digits, offset) = match pattern {
            TimestampPattern::Calendar { fraction: Fraction::None, zone, .. } => {
                (Some(0), zone_seconds(zone))
            }
            TimestampPattern::Calendar { fraction: Fraction::Fixed(n @ 0..=6), zone, .. } => {
                (Some(n), zone_seconds(zone))
            }
            _ => (None, 0),
        };
        Last { pattern, digits, offset: offset * 1_000_000, day: i64::MIN, spelling: Vec::new() }
    }

    /// As [`render`].
    pub(crate) fn render(&mut self, micros: i64, nanos: u16, out: &mut Vec<u8>) -> bool {
        let Some((digits, local)) = self.digits.zip(micros.checked_add(self.offset)) else {
            return render(micros, nanos, &self.pattern, out);
        };
        let day = local.div_euclid(DAY);
        if day != self.day || nanos != 0 {
            self.spelling.clear();
            let is_done = render(micros, nanos, &self.pattern, &mut self.spelling);
            self.day = if is_done && nanos == 0 { day } else { i64::MIN };
            out.extend_from_slice(&self.spelling);
            return is_done;
        }
        let time = local - day * DAY;
        let (seconds, below) = ((time / 1_000_000) as u32, (time % 1_000_000) as u32);
        let unit = 10u32.pow(6 - u32::from(digits));
        if below % unit != 0 {
            return false;
        }
        for (at, value) in [(12, seconds / 3_600), (15, seconds / 60 % 60), (18, seconds % 60)] {
            put(&mut self.spelling, at, 2, value);
        }
        if digits > 0 {
            put(&mut self.spelling, 21, usize::from(digits), below / unit);
        }
        out.extend_from_slice(&self.spelling);
        true
    }
}

/// Writes a number over the digits at `at`.
fn put(spelling: &mut [u8], at: usize, width: usize, value: u32) {
    let mut rest = value;
    for slot in spelling.get_mut(at..at + width).unwrap_or_default().iter_mut().rev() {
        *slot = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_same_as_one_by_one(
            start in -62_135_596_800_000_000i64..253_402_300_799_000_000,
            steps in prop::collection::vec(-5_000_000_000i64..5_000_000_000, 1..20),
            nanos in prop::collection::vec(prop_oneof![4 => Just(0u16), 1 => 0u16..1002], 20),
        ) {
            for name in [
                "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm:ss.fffZ", "YYYY-MM-DDThh:mm:ss.ffffff+09:00",
                "YYYY-MM-DDThh:mm:ss.fffffffffZ", "YYYY-MM-DDThh:mm:ss.f*-0530", "epoch_ms",
            ] {
                let pattern = TimestampPattern::try_from(name.to_string()).unwrap();
                let mut last = Last::new(pattern);
                let mut at = start;
                for (step, nanos) in steps.iter().zip(&nanos) {
                    for unit in [1, 1_000, 1_000_000] {
                        let micros = at / unit * unit;
                        let (mut one, mut other) = (Vec::new(), Vec::new());
                        let is_spelled = render(micros, *nanos, &pattern, &mut one);
                        prop_assert_eq!(last.render(micros, *nanos, &mut other), is_spelled);
                        prop_assert!(!is_spelled || one == other);
                    }
                    at += step;
                }
            }
        }
    }
}
