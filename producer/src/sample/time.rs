//! The instants in a sample: they fall, as in logs listed newest first.

use super::dice::{Dice, Weighted};

/// The newest record's time: 2024-03-14T18:27:51.482Z.
const NEWEST: u64 = 1_710_440_871_482;

/// Chances that the next record is 0, 1, 2 … ms older.
const GAPS: [u32; 18] = [2400, 3230, 1760, 1010, 550, 300, 225, 135, 95, 55, 40, 36, 27, 16, 13, 15, 12, 60];

/// A clock that runs backwards.
pub(super) struct Clock {
    now: u64,
    gaps: Weighted,
}

impl Clock {
    pub(super) fn new() -> Self {
        Clock { now: NEWEST, gaps: Weighted::new(GAPS) }
    }

    /// The next record's time in ms since 1970.
    pub(super) fn next(&mut self, dice: &mut Dice) -> u64 {
        let gap = self.gaps.pick(dice) as u32;
        let gap = if gap + 1 == GAPS.len() as u32 { gap + dice.below(40) } else { gap };
        self.now = self.now.saturating_sub(u64::from(gap));
        // A few arrive late and stand among older ones.
        if dice.one_in(500) { self.now + u64::from(dice.below(40)) } else { self.now }
    }
}

/// An instant in the 300 days before the sample: when some other player or clan began.
pub(super) fn earlier(dice: &mut Dice) -> u64 {
    NEWEST - 1000 * u64::from(dice.below(300 * 86_400)) - u64::from(dice.below(1000))
}

/// Appends `YYYY-MM-DDThh:mm:ss.fffZ`.
pub(super) fn spell(ms: u64, out: &mut Vec<u8>) {
    let (days, ms) = (ms / 86_400_000, (ms % 86_400_000) as u32);
    // Civil date from days since 1970, for dates after it.
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut put = |at: usize, digits: usize, mut n: u32| {
        for slot in text.iter_mut().skip(at).take(digits).rev() {
            *slot = b'0' + (n % 10) as u8;
            n /= 10;
        }
    };
    put(0, 4, year as u32);
    put(5, 2, month as u32);
    put(8, 2, day as u32);
    put(11, 2, ms / 3_600_000);
    put(14, 2, ms / 60_000 % 60);
    put(17, 2, ms / 1000 % 60);
    put(20, 3, ms % 1000);
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_spelled_right() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_704_067_199_999, "2023-12-31T23:59:59.999Z"),
            (NEWEST, "2024-03-14T18:27:51.482Z"),
        ] {
            let mut out = Vec::new();
            spell(ms, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
