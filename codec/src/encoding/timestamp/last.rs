//! Spells instants that follow each other: of one on the same day only the time of day is written anew.

use alloc::vec::Vec;

use super::{Fraction, SECONDS, TimestampPattern, render, zone_seconds};
use crate::encoding::integer::PAIRS;

const DAY: i64 = 86_400_000_000;

/// Room for a spelling and what comes before it.
pub(crate) const ROOM: usize = 64;

/// The last spelling, behind some bytes that come before all.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pattern: TimestampPattern,
    /// What one of the last fraction digit counts, in microseconds.
    unit: i64,
    digits: usize,
    /// Of the zone, in microseconds.
    offset: i64,
    lead: usize,
    /// When the day of the spelling begins, in local time; none if it is not to be written over.
    midnight: Option<i64>,
    spelling: Vec<u8>,
}

impl Last {
    /// For a pattern that has always as many digits, down to microseconds at most; `lead` comes before each spelling
    /// and has up to 30 bytes.
    pub(crate) fn new(pattern: TimestampPattern, lead: &[u8]) -> Option<Self> {
        let TimestampPattern::Calendar { fraction, zone, .. } = pattern else { return None };
        let (digits, unit) = match fraction {
            Fraction::None => (0, 1_000_000),
            Fraction::Fixed(n @ 0..=6) => (usize::from(n), 10i64.pow(6 - u32::from(n))),
            _ => return None,
        };
        let offset = zone_seconds(zone) * 1_000_000;
        Some(Last {
            pattern,
            unit,
            digits,
            offset,
            lead: lead.len(),
            midnight: None,
            spelling: lead.to_vec(),
        })
    }

    /// As [`render`], behind the lead; how many bytes of the room were used.
    #[inline]
    pub(crate) fn render(&mut self, micros: i64, nanos: u16, room: &mut [u8; ROOM]) -> Option<usize> {
        let time = self.midnight.and_then(|midnight| micros.checked_add(self.offset)?.checked_sub(midnight));
        let time = match time {
            Some(time @ 0..DAY) if nanos == 0 => time,
            _ => self.begin(micros, nanos)?,
        };
        let (seconds, below) = ((time / 1_000_000) as u32, time % 1_000_000);
        if below % self.unit != 0 {
            return None;
        }
        let len = self.spelling.len() - ROOM;
        *room = *self.spelling.first_chunk()?;
        let at = self.lead;
        for (at, value) in [(at + 12, seconds / 3_600), (at + 15, seconds / 60 % 60), (at + 18, seconds % 60)]
        {
            *room.get_mut(at..)?.first_chunk_mut()? = *PAIRS.get(value as usize)?;
        }
        if self.digits > 0 {
            put(room.get_mut(at + 21..at + 21 + self.digits)?, below / self.unit);
        }
        Some(len)
    }

    /// Null behind the lead.
    pub(crate) fn null(&self, room: &mut [u8; ROOM]) -> Option<usize> {
        let (lead, rest) = room.split_at_mut_checked(self.lead)?;
        lead.copy_from_slice(self.spelling.get(..self.lead)?);
        *rest.first_chunk_mut()? = *b"null";
        Some(self.lead + 4)
    }

    /// Spells an instant in full, and padding behind it; its time of day.
    #[cold]
    fn begin(&mut self, micros: i64, nanos: u16) -> Option<i64> {
        self.midnight = None;
        self.spelling.truncate(self.lead);
        if !render(micros, nanos, &self.pattern, &mut self.spelling) {
            return None;
        }
        self.spelling.resize(self.spelling.len() + ROOM, 0);
        let local = micros.checked_add(self.offset)?;
        let midnight = local.div_euclid(DAY) * DAY;
        // Where only part of the day can be spelled, each instant is looked at.
        let is_whole = |at: i64| SECONDS.contains(&(at - self.offset).div_euclid(1_000_000));
        self.midnight = (is_whole(midnight) && is_whole(midnight + DAY - 1)).then_some(midnight);
        Some(local - midnight)
    }
}

/// Writes a number over some digits.
#[inline]
fn put(digits: &mut [u8], value: i64) {
    let mut rest = value as u32;
    for slot in digits.iter_mut().rev() {
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
            lead in "[ -~]{0,28}",
        ) {
            for name in [
                "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm:ss.fffZ", "YYYY-MM-DDThh:mm:ss.f-0530",
                "YYYY-MM-DDThh:mm:ss.ffffff+09:00",
                "YYYY-MM-DDThh:mm:ss.ffffffZ",
            ] {
                let pattern = TimestampPattern::try_from(name.to_string()).unwrap();
                let Some(mut last) = Last::new(pattern, lead.as_bytes()) else { continue };
                let mut at = start;
                for (step, nanos) in steps.iter().zip(&nanos) {
                    for unit in [1, 1_000, 1_000_000] {
                        let micros = at / unit * unit;
                        let mut one = lead.as_bytes().to_vec();
                        let one = render(micros, *nanos, &pattern, &mut one).then_some(one);
                        let mut room = [0xff; ROOM];
                        let len = last.render(micros, *nanos, &mut room);
                        prop_assert_eq!(len.map(|len| room[..len].to_vec()), one);
                    }
                    at += step;
                }
            }
        }
    }

    #[test]
    fn other_patterns_are_not_written_over() {
        for name in ["YYYY-MM-DDThh:mm:ss.fffffffffZ", "YYYY-MM-DDThh:mm:ss.f*Z", "epoch_ms"] {
            assert!(
                Last::new(TimestampPattern::try_from(name.to_string()).unwrap(), b"").is_none(),
                "{name}"
            );
        }
    }
}
