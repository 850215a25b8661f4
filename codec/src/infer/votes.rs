//! What the values at one path are, by count.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use super::epoch;
use crate::encoding::{
    Case, Encoding, NumberPattern, TimestampPattern, boolean, hex, integer, number::patterns_of,
    timestamp::Fraction, uuid,
};

/// Most different patterns, lengths and texts that are counted at one path.
const MAX_VARIANTS: usize = 32;

/// An encoding is proposed when it takes at least this many of a hundred values.
const ENOUGH: usize = 90;

/// Integers are proposed, and not numbers, when at least this many of a hundred numbers are.
const NEARLY_ALL: usize = 99;

/// Strings are looked into when so many of a hundred hold objects: the others stay in the skeleton.
const MOSTLY_TEXTS: usize = 75;

/// Shortest run of hex digits that is taken for an id rather than a word, in bytes.
const MIN_HEX: usize = 4;

/// Counts over the values seen at one path.
#[derive(Debug, Default)]
pub(super) struct Votes {
    seen: usize,
    nulls: usize,
    strings: usize,
    /// Strings whose content was looked at instead: an object.
    texts: usize,
    numerics: usize,
    integers: usize,
    /// Integers that are instants of this century, by unit.
    epochs: [usize; 3],
    booleans: usize,
    numbers: BTreeMap<u8, (NumberPattern, usize)>,
    times: BTreeMap<String, (TimestampPattern, usize)>,
    uuids: [usize; 2],
    /// By case and number of bytes; and the values that have a digit of each kind, lest words be taken for ids.
    hex: [BTreeMap<usize, usize>; 2],
    hex_mixed: usize,
}

const CASES: [Case; 2] = [Case::Lower, Case::Upper];

fn bump<K: Ord, V: Copy>(counts: &mut BTreeMap<K, (V, usize)>, key: K, value: V) {
    if counts.len() < MAX_VARIANTS || counts.contains_key(&key) {
        counts.entry(key).or_insert((value, 0)).1 += 1;
    }
}

impl Votes {
    /// How many values were seen.
    pub(super) const fn seen(&self) -> usize {
        self.seen
    }

    /// How many strings' contents were looked at instead.
    pub(super) const fn texts(&self) -> usize {
        self.texts
    }

    /// Counts a string whose content is looked at instead.
    pub(super) const fn add_text(&mut self) {
        self.texts += 1;
    }

    /// Counts a value of a path whose encoding is known.
    pub(super) const fn add_known(&mut self) {
        self.seen += 1;
    }

    /// Whether so many of the strings hold objects that their members had better be fields.
    pub(super) const fn are_texts(&self) -> bool {
        self.texts > 0 && self.texts * 100 >= (self.seen - self.nulls + self.texts) * MOSTLY_TEXTS
    }

    /// Looks at a value's raw spelling.
    pub(super) fn add(&mut self, raw: &[u8]) {
        self.seen += 1;
        match raw.first() {
            Some(b'n') if raw == b"null" => self.nulls += 1,
            Some(b'"') => self.add_string(raw),
            Some(b't' | b'f') => self.booleans += usize::from(boolean::parse(raw).is_some()),
            Some(b'-' | b'0'..=b'9') => {
                self.numerics += 1;
                if let Some(value) = integer::parse(raw) {
                    self.integers += 1;
                    if let Some(count) = epoch::unit(value).and_then(|unit| self.epochs.get_mut(unit)) {
                        *count += 1;
                    }
                }
                for pattern in patterns_of(raw) {
                    let key = match pattern {
                        // The last of equals wins.
                        NumberPattern::Fixed(n) => n,
                        NumberPattern::Exponent => 100,
                        NumberPattern::Shortest => 101,
                        NumberPattern::Fraction => 102,
                    };
                    bump(&mut self.numbers, key, pattern);
                }
            }
            _ => {}
        }
    }

    fn add_string(&mut self, raw: &[u8]) {
        self.strings += 1;
        if let Some(pattern) = TimestampPattern::of(raw) {
            bump(&mut self.times, pattern.into(), pattern);
            return;
        }
        let mut scratch = Vec::new();
        for (i, case) in CASES.into_iter().enumerate() {
            if uuid::parse(raw, case, &mut scratch).is_some() {
                self.uuids[i] += 1;
            }
            if let Some(n) = hex::parse(raw, case, None, &mut scratch).map(<[u8]>::len) {
                let counts = &mut self.hex[i];
                if counts.len() < MAX_VARIANTS || counts.contains_key(&n) {
                    *counts.entry(n).or_insert(0) += 1;
                }
                let is_mixed = raw.iter().any(u8::is_ascii_digit) && raw.iter().any(u8::is_ascii_alphabetic);
                self.hex_mixed += usize::from(is_mixed);
            }
        }
    }

    /// The encoding that takes (nearly) all values, how many it takes, and why it was chosen.
    ///
    /// `objects` is how often the value was an object whose members were looked at instead, `key` the field's last key.
    pub(super) fn winner(&self, objects: usize, key: &str) -> (Encoding, usize, String) {
        let valued = self.seen - self.nulls + self.texts + objects;
        let enough = |n: usize| n > 0 && n * 100 >= valued * ENOUGH;
        let share = |n: usize| format!("{n} of {valued} values");
        if valued == 0 {
            return (Encoding::Json, self.nulls, "only nulls were seen".into());
        }
        // A rare 1.0 among integers stays in the skeleton; a mixture is a number.
        for (pattern, n) in self.epochs() {
            // All of them, lest counters or ids be taken for instants.
            if enough(n) && n == self.numerics && epoch::says_time(key) {
                let why = format!(
                    "{} are {} of this century, and its name says time",
                    share(n),
                    String::from(pattern)
                );
                return (Encoding::Timestamp { pattern }, self.nulls + n, why);
            }
        }
        if enough(self.integers) && self.integers * 100 >= self.numerics * NEARLY_ALL {
            return (
                Encoding::Integer,
                self.nulls + self.integers,
                format!("{} are integers", share(self.integers)),
            );
        }
        if enough(self.booleans) {
            return (
                Encoding::Boolean,
                self.nulls + self.booleans,
                format!("{} are booleans", share(self.booleans)),
            );
        }
        if let Some((pattern, n)) = self.numbers.values().max_by_key(|(_, n)| *n).filter(|(_, n)| enough(*n))
        {
            let why = format!("{} are numbers spelled {}", share(*n), String::from(*pattern));
            return (Encoding::Number { pattern: *pattern }, self.nulls + n, why);
        }
        if let Some((pattern, n)) = self.time().filter(|(_, n)| enough(*n)) {
            let why = format!("{} are instants spelled {}", share(n), String::from(pattern));
            return (Encoding::Timestamp { pattern }, self.nulls + n, why);
        }
        for (i, case) in CASES.into_iter().enumerate() {
            if enough(self.uuids[i]) {
                return (
                    Encoding::Uuid { case },
                    self.nulls + self.uuids[i],
                    format!("{} are UUIDs", share(self.uuids[i])),
                );
            }
        }
        if let Some((encoding, n)) = self.hex().filter(|(_, n)| enough(*n)) {
            return (encoding, self.nulls + n, format!("{} are hex digits", share(n)));
        }
        let strings = self.strings + self.texts;
        if enough(strings) {
            return (Encoding::Text, self.nulls + strings, format!("{} are strings", share(strings)));
        }
        let all = self.seen + self.texts + objects;
        (Encoding::Json, all, "values of several types, arrays or objects".into())
    }

    /// How many integers are instants, by pattern.
    fn epochs(&self) -> impl Iterator<Item = (TimestampPattern, usize)> {
        let patterns = epoch::UNITS.map(|unit| TimestampPattern::Epoch { unit });
        patterns.into_iter().zip(self.epochs)
    }

    /// The commonest pattern; a trimmed fraction when the digits vary and trailing zeros do not show.
    fn time(&self) -> Option<(TimestampPattern, usize)> {
        let (best, most) = *self.times.values().max_by_key(|(_, n)| *n)?;
        let same_but_fraction = |p: &TimestampPattern| p.trimmed() == best.trimmed();
        let all: usize = self.times.values().filter(|(p, _)| same_but_fraction(p)).map(|(_, n)| n).sum();
        let is_fixed = |p: &TimestampPattern| {
            matches!(
                p,
                TimestampPattern::Calendar { fraction: Fraction::Fixed(3 | 6 | 9) | Fraction::None, .. }
            )
        };
        if all > most && !(is_fixed(&best) && most * 100 >= all * ENOUGH) {
            return Some((best.trimmed(), all));
        }
        Some((best, most))
    }

    fn hex(&self) -> Option<(Encoding, usize)> {
        let (i, counts) =
            self.hex.iter().enumerate().max_by_key(|(_, counts)| counts.values().sum::<usize>())?;
        let all: usize = counts.values().sum();
        let (&len, &most) = counts.iter().max_by_key(|(_, n)| **n)?;
        let case = *CASES.get(i)?;
        // Digits alone may be numbers, letters alone words.
        if len < MIN_HEX || self.hex_mixed * 2 < all {
            return None;
        }
        let is_fixed = most * 100 >= all * ENOUGH;
        let bytes = u32::try_from(len).ok().filter(|_| is_fixed);
        Some((Encoding::Hex { case, bytes }, if is_fixed { most } else { all }))
    }
}
