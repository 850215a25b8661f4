//! Integers that count time since 1970: told by their size and by the name of their key.

/// The units an integer may count, in microseconds, with the seconds of the years 2000 to 2099 in each.
pub(super) const UNITS: [i64; 3] = [1_000_000, 1_000, 1];
const YEARS: core::ops::Range<i64> = 946_684_800..4_102_444_800;

/// The index in [`UNITS`] of the unit in which the number is an instant of this century. The ranges do not overlap.
pub(super) fn unit(value: i64) -> Option<usize> {
    UNITS.iter().position(|unit| YEARS.contains(&(value / (1_000_000 / unit))))
}

/// Last words of keys that name an instant.
const TIME: &str = "at created date datetime deadline end ended epoch exp expiration expires expiry iat modified nbf \
                    now received seen sent since start started time timestamp ts tstamp until updated when";

/// Words that may follow them: the unit.
const UNIT: &str =
    "s sec secs second seconds ms msec millis milliseconds us usec micros microseconds unix utc gmt";

/// The key's words, the last one first.
fn words(key: &str) -> impl Iterator<Item = &str> {
    let mut rest = key;
    core::iter::from_fn(move || {
        rest = rest.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let bytes = rest.as_bytes();
        let last = bytes.len().checked_sub(1)?;
        // A word starts after what is no letter, or where a capital follows or precedes a small letter.
        let starts_at =
            |i: usize| match (i.checked_sub(1).and_then(|b| bytes.get(b)), bytes.get(i), bytes.get(i + 1)) {
                (None, ..) => true,
                (Some(before), Some(own), after) => {
                    !before.is_ascii_alphabetic()
                        || (own.is_ascii_uppercase()
                            && (before.is_ascii_lowercase() || after.is_some_and(u8::is_ascii_lowercase)))
                }
                _ => false,
            };
        let start = (0..=last).rev().find(|&i| starts_at(i))?;
        let word = rest.get(start..)?;
        rest = rest.get(..start)?;
        Some(word)
    })
}

/// Whether a key names an instant: its last word (but for a unit) says so.
pub(super) fn says_time(key: &str) -> bool {
    let is = |list: &str, word: &str| list.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(word));
    let mut words = words(key);
    let Some(last) = words.next() else { return false };
    is(TIME, last) || is(UNIT, last) && words.next().is_some_and(|word| is(TIME, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_instants() {
        for key in [
            "ts",
            "TS",
            "time",
            "eventTime",
            "event_time",
            "@timestamp",
            "created_at",
            "createdAt",
            "UpdatedAt",
            "timestamp_ms",
            "tsMs",
            "epochMillis",
            "startTimeUTC",
            "exp",
            "last-seen",
            "time ",
            "a.date",
        ] {
            assert!(says_time(key), "{key}");
        }
        for key in [
            "",
            "_",
            "cat",
            "format",
            "duration_ms",
            "timeout",
            "ms",
            "at_id",
            "parts",
            "account",
            "é",
            "estart",
        ] {
            assert!(!says_time(key), "{key}");
        }
    }

    #[test]
    fn units_are_told_by_size() {
        assert_eq!(unit(1_700_000_000), Some(0));
        assert_eq!(unit(1_700_000_000_123), Some(1));
        assert_eq!(unit(1_700_000_000_123_456), Some(2));
        for no in [0, -1, 946_684_799, 4_102_444_800, 99_999_999_999, i64::MAX, i64::MIN] {
            assert_eq!(unit(no), None, "{no}");
        }
    }
}
