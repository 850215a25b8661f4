//! Instants spelled in one pattern per field.
//!
//! **Takes** proleptic Gregorian dates of the years 1–9999 with a time of day up to 23:59:59 and the pattern's own
//! fraction digits and zone (RFC 3339 and its common relatives), or a canonical integer of epoch seconds,
//! milliseconds or microseconds. The value is UTC, in microseconds, with the nanoseconds below kept beside it.
//!
//! **Leaves** leap seconds, year 0, `24:00`, other digits or zones.
//!
//! **Costs** 8 bytes in memory, 2 more where a column has nanoseconds; in a block the difference to the row before, in
//! the column's coarsest unit; 64 ns to parse, 91 ns to render (a column of rising times renders faster: what did not
//! change since the row before is kept).

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::integer::{self, put_digits};

mod last;

pub(crate) use last::{Last, ROOM};

/// How a field spells instants.
///
/// Written `YYYY-MM-DDThh:mm:ss` (or a space for the `T`), then nothing, `.fff` (one `f` a digit, 1–9) or `.f*`
/// (up to 9 digits, no trailing zero, no point when zero), then nothing, `Z` or one fixed offset (`+09:00`,
/// `-0600`). Or `epoch_s`, `epoch_ms`, `epoch_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TimestampPattern {
    /// An integer count since 1970-01-01T00:00:00Z of units of this many microseconds.
    Epoch {
        /// 1, 1,000 or 1,000,000.
        unit: i64,
    },
    /// Date and time of day.
    Calendar {
        /// `T` or a space.
        separator: u8,
        /// The digits after the seconds.
        fraction: Fraction,
        /// What ends it.
        zone: Zone,
    },
}

/// Digits after the seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fraction {
    /// No fraction.
    None,
    /// Always this many digits (1–9).
    Fixed(u8),
    /// As many as needed, up to 9.
    Trimmed,
}

/// What ends a calendar spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Nothing; the instant is UTC.
    None,
    /// `Z`.
    Utc,
    /// A fixed offset.
    Offset {
        /// Minutes east of UTC.
        minutes: i16,
        /// `+09:00` rather than `+0900`.
        colon: bool,
    },
}

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds.
const SECONDS: core::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Days from 1970-01-01 to a proleptic Gregorian date.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

/// A cursor over the spelling.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn number(&mut self, n: usize) -> Option<i64> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        head.iter().try_fold(0, |v, c| c.is_ascii_digit().then(|| v * 10 + i64::from(c - b'0')))
    }

    fn expect(&mut self, c: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[c])?;
        Some(())
    }
}

/// Reads date, separator and time of day: seconds since the epoch, as if UTC.
fn parse_calendar(digits: &mut Digits<'_>, separator: u8) -> Option<i64> {
    let year = digits.number(4)?;
    digits.expect(b'-')?;
    let month = digits.number(2)?;
    digits.expect(b'-')?;
    let day = digits.number(2)?;
    digits.expect(separator)?;
    let hour = digits.number(2)?;
    digits.expect(b':')?;
    let minute = digits.number(2)?;
    digits.expect(b':')?;
    let second = digits.number(2)?;
    let in_range =
        year > 0 && (1..=12).contains(&month) && day > 0 && hour < 24 && minute < 60 && second < 60;
    if !in_range {
        return None;
    }
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day))
        .then_some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Reads a fraction of any number of digits up to 9, if there is one: nanoseconds and the number of digits.
fn parse_fraction(digits: &mut Digits<'_>) -> Option<(i64, u8)> {
    if digits.expect(b'.').is_none() {
        return Some((0, 0));
    }
    let n = digits.0.iter().take_while(|c| c.is_ascii_digit()).count();
    if n == 0 || n > 9 {
        return None;
    }
    let value = digits.number(n)?;
    Some((value * 10i64.pow(9 - n as u32), n as u8))
}

fn parse_zone(text: &[u8]) -> Option<Zone> {
    let (sign, rest) = match text {
        [] => return Some(Zone::None),
        [b'Z'] => return Some(Zone::Utc),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let mut digits = Digits(rest);
    let hours = digits.number(2)?;
    let colon = digits.expect(b':').is_some();
    let minutes = digits.number(2)?;
    let total = (hours * 60 + minutes) as i16;
    // `-00:00` says that the zone is unknown (RFC 3339, section 4.3): no instant.
    let valid = digits.0.is_empty() && hours < 24 && minutes < 60 && (sign > 0 || total > 0);
    valid.then_some(Zone::Offset { minutes: sign * total, colon })
}

const fn zone_seconds(zone: Zone) -> i64 {
    match zone {
        Zone::Offset { minutes, .. } => minutes as i64 * 60,
        _ => 0,
    }
}

/// Parses a value's raw spelling: microseconds since the epoch and the nanoseconds below.
pub fn parse(raw: &[u8], pattern: &TimestampPattern) -> Option<(i64, u16)> {
    match *pattern {
        TimestampPattern::Epoch { unit } => {
            let micros = integer::parse(raw)?.checked_mul(unit)?;
            SECONDS.contains(&micros.div_euclid(1_000_000)).then_some((micros, 0))
        }
        TimestampPattern::Calendar { separator, fraction, zone } => {
            let content = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            let mut digits = Digits(content);
            let local = parse_calendar(&mut digits, separator)?;
            let before = digits.0;
            let (nanos, n) = parse_fraction(&mut digits)?;
            let fits = match fraction {
                Fraction::None => n == 0,
                Fraction::Fixed(want) => n == want,
                Fraction::Trimmed => n == 0 || before.get(usize::from(n)) != Some(&b'0'),
            };
            if !fits || parse_zone(digits.0)? != zone {
                return None;
            }
            let seconds = local - zone_seconds(zone);
            SECONDS
                .contains(&seconds)
                .then_some((seconds * 1_000_000 + nanos / 1_000, (nanos % 1_000) as u16))
        }
    }
}

/// Appends the spelling; `false` for an instant that the pattern cannot spell.
pub fn render(micros: i64, nanos: u16, pattern: &TimestampPattern, out: &mut Vec<u8>) -> bool {
    if !SECONDS.contains(&micros.div_euclid(1_000_000)) || nanos > 999 {
        return false;
    }
    match *pattern {
        TimestampPattern::Epoch { unit } => {
            if unit < 1 || micros % unit != 0 || nanos != 0 {
                return false;
            }
            integer::render(micros / unit, out);
            true
        }
        TimestampPattern::Calendar { separator, fraction, zone } => {
            out.push(b'"');
            let ok = render_calendar(micros, nanos, (separator, fraction, zone), out);
            out.push(b'"');
            ok
        }
    }
}

fn render_calendar(
    micros: i64,
    nanos: u16,
    (separator, fraction, zone): (u8, Fraction, Zone),
    out: &mut Vec<u8>,
) -> bool {
    let local = micros.div_euclid(1_000_000) + zone_seconds(zone);
    let below = micros.rem_euclid(1_000_000) * 1_000 + i64::from(nanos);
    let (year, month, day) = civil_from_days(local.div_euclid(86_400));
    let time = local.rem_euclid(86_400);
    if !(1..=9999).contains(&year) {
        return false;
    }
    for (value, width, after) in [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, separator),
        (time / 3_600, 2, b':'),
        (time / 60 % 60, 2, b':'),
    ] {
        put_digits(value as u64, width, out);
        out.push(after);
    }
    put_digits((time % 60) as u64, 2, out);
    let digits = match fraction {
        Fraction::None => 0,
        Fraction::Fixed(n) => usize::from(n.min(9)),
        Fraction::Trimmed => 9,
    };
    if below % 10i64.pow(9 - digits as u32) != 0 {
        return false;
    }
    if digits > 0 && !(fraction == Fraction::Trimmed && below == 0) {
        out.push(b'.');
        put_digits((below / 10i64.pow(9 - digits as u32)) as u64, digits, out);
        while fraction == Fraction::Trimmed && out.last() == Some(&b'0') {
            out.pop();
        }
    }
    put_zone(zone, out);
    true
}

fn put_zone(zone: Zone, out: &mut Vec<u8>) {
    match zone {
        Zone::None => {}
        Zone::Utc => out.push(b'Z'),
        Zone::Offset { minutes, colon } => {
            out.push(if minutes < 0 { b'-' } else { b'+' });
            put_digits(u64::from(minutes.unsigned_abs() / 60), 2, out);
            if colon {
                out.push(b':');
            }
            put_digits(u64::from(minutes.unsigned_abs() % 60), 2, out);
        }
    }
}

impl TimestampPattern {
    /// Whether the pattern can spell instants that lie between two microseconds.
    pub const fn has_nanos(&self) -> bool {
        matches!(self, TimestampPattern::Calendar { fraction: Fraction::Fixed(7..) | Fraction::Trimmed, .. })
    }

    /// The pattern of a quoted spelling, with as many fixed digits as it has.
    pub fn of(raw: &[u8]) -> Option<Self> {
        let content = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let separator = *content.get(10)?;
        let mut digits = Digits(content);
        parse_calendar(&mut digits, separator)?;
        let (_, n) = parse_fraction(&mut digits)?;
        let fraction = if n == 0 { Fraction::None } else { Fraction::Fixed(n) };
        let pattern = TimestampPattern::Calendar { separator, fraction, zone: parse_zone(digits.0)? };
        (matches!(separator, b'T' | b' ') && parse(raw, &pattern).is_some()).then_some(pattern)
    }

    /// The same pattern with a trimmed fraction.
    pub const fn trimmed(self) -> Self {
        match self {
            TimestampPattern::Calendar { separator, zone, .. } => {
                TimestampPattern::Calendar { separator, fraction: Fraction::Trimmed, zone }
            }
            epoch => epoch,
        }
    }
}

const EPOCHS: [(&str, i64); 3] = [("epoch_s", 1_000_000), ("epoch_ms", 1_000), ("epoch_us", 1)];

impl From<TimestampPattern> for String {
    fn from(pattern: TimestampPattern) -> String {
        match pattern {
            TimestampPattern::Epoch { unit } => {
                EPOCHS.iter().find(|(_, u)| *u == unit).map_or("epoch_us", |(name, _)| name).into()
            }
            TimestampPattern::Calendar { separator, fraction, zone } => {
                let fraction = match fraction {
                    Fraction::None => String::new(),
                    Fraction::Fixed(n) => format!(".{}", "f".repeat(usize::from(n))),
                    Fraction::Trimmed => ".f*".into(),
                };
                let mut end = Vec::new();
                put_zone(zone, &mut end);
                let zone = core::str::from_utf8(&end).unwrap_or_default();
                format!("YYYY-MM-DD{}hh:mm:ss{fraction}{zone}", char::from(separator))
            }
        }
    }
}

impl TryFrom<String> for TimestampPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        read_pattern(text.as_bytes()).ok_or_else(|| {
            format!(
                "{text:?} is no timestamp pattern: YYYY-MM-DDThh:mm:ss, then .fff (1 to 9) or .f* or nothing, then Z, an \
                 offset like +09:00 or nothing; or epoch_s, epoch_ms, epoch_us"
            )
        })
    }
}

fn read_pattern(text: &[u8]) -> Option<TimestampPattern> {
    if let Some((_, unit)) = EPOCHS.iter().find(|(name, _)| name.as_bytes() == text) {
        return Some(TimestampPattern::Epoch { unit: *unit });
    }
    let rest = text.strip_prefix(b"YYYY-MM-DD")?;
    let (&separator, rest) = rest.split_first()?;
    if !matches!(separator, b'T' | b' ') {
        return None;
    }
    let rest = rest.strip_prefix(b"hh:mm:ss")?;
    let (fraction, rest) = match rest {
        [b'.', b'f', b'*', rest @ ..] => (Fraction::Trimmed, rest),
        [b'.', rest @ ..] => {
            let n = rest.iter().take_while(|&&c| c == b'f').count();
            let fixed = u8::try_from(n).ok().filter(|n| (1..=9).contains(n))?;
            (Fraction::Fixed(fixed), rest.get(n..)?)
        }
        rest => (Fraction::None, rest),
    };
    Some(TimestampPattern::Calendar { separator, fraction, zone: parse_zone(rest)? })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> TimestampPattern {
        TimestampPattern::try_from(text.to_string()).unwrap()
    }

    const PATTERNS: [&str; 13] = [
        "YYYY-MM-DDThh:mm:ss",
        "YYYY-MM-DDThh:mm:ssZ",
        "YYYY-MM-DD hh:mm:ss",
        "YYYY-MM-DDThh:mm:ss.fffZ",
        "YYYY-MM-DDThh:mm:ss.ffffffZ",
        "YYYY-MM-DDThh:mm:ss.fffffffffZ",
        "YYYY-MM-DDThh:mm:ss.f*Z",
        "YYYY-MM-DDThh:mm:ss.fff+09:00",
        "YYYY-MM-DDThh:mm:ss.ffffff-0600",
        "YYYY-MM-DDThh:mm:ss.f*+00:00",
        "epoch_s",
        "epoch_ms",
        "epoch_us",
    ];

    #[test]
    fn pattern_names_come_back() {
        for name in PATTERNS {
            assert_eq!(String::from(pattern(name)), name);
        }
        for name in
            ["", "YYYY", "YYYY-MM-DDThh:mm:ss.", "YYYY-MM-DDThh:mm:ss.ffffffffffZ", "YYYY-MM-DDThh:mm:ssz"]
        {
            assert!(TimestampPattern::try_from(name.to_string()).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_comes_back(seconds in SECONDS, below in 0i64..1_000_000_000, which in 0..PATTERNS.len()) {
            let pattern = pattern(PATTERNS[which]);
            let (micros, nanos) = (seconds * 1_000_000 + below / 1_000, (below % 1_000) as u16);
            // The coarser patterns spell only some instants.
            for (micros, nanos) in [(micros, nanos), (micros, 0), (micros - micros.rem_euclid(1_000), 0), (seconds * 1_000_000, 0)] {
                let mut out = Vec::new();
                if render(micros, nanos, &pattern, &mut out) {
                    prop_assert_eq!(parse(&out, &pattern), Some((micros, nanos)));
                }
            }
        }

        #[test]
        fn law_on_neighbours(
            raw in "\"(19|20|00|99)[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,10})?(Z|\\+09:00|-0600|-00:00)?\"",
        ) {
            for name in PATTERNS {
                if let Some((us, ns)) = parse(raw.as_bytes(), &pattern(name)) {
                    let mut out = Vec::new();
                    prop_assert!(render(us, ns, &pattern(name), &mut out));
                    prop_assert_eq!(&out, raw.as_bytes());
                }
            }
            if let Some(found) = TimestampPattern::of(raw.as_bytes()) {
                prop_assert!(parse(raw.as_bytes(), &found).is_some());
            }
        }
    }

    #[test]
    fn known_instants() {
        let ms = pattern("YYYY-MM-DDThh:mm:ss.fffZ");
        assert_eq!(parse(b"\"1970-01-01T00:00:00.001Z\"", &ms), Some((1_000, 0)));
        assert_eq!(parse(b"\"1969-12-31T23:59:59.999Z\"", &ms), Some((-1_000, 0)));
        assert_eq!(parse(b"\"2022-01-06T06:09:45.117Z\"", &ms), Some((1_641_449_385_117_000, 0)));
        let kst = pattern("YYYY-MM-DDThh:mm:ss+09:00");
        assert_eq!(parse(b"\"1970-01-01T09:00:00+09:00\"", &kst), Some((0, 0)));
        let ns = pattern("YYYY-MM-DDThh:mm:ss.f*Z");
        assert_eq!(parse(b"\"1970-01-01T00:00:00.000001234Z\"", &ns), Some((1, 234)));
        assert_eq!(parse(b"1641449385117", &pattern("epoch_ms")), Some((1_641_449_385_117_000, 0)));
    }

    #[test]
    fn misfits() {
        let ms = pattern("YYYY-MM-DDThh:mm:ss.fffZ");
        for raw in [
            "\"2022-01-06T06:09:60.117Z\"",
            "\"2022-02-30T06:09:45.117Z\"",
            "\"2023-02-29T06:09:45.117Z\"",
            "\"0000-01-06T06:09:45.117Z\"",
            "\"2022-01-06T24:00:00.000Z\"",
            "\"2022-01-06T06:09:45.1170Z\"",
            "\"2022-01-06T06:09:45Z\"",
            "\"2022-01-06t06:09:45.117z\"",
            "\"2022-01-06 06:09:45.117Z\"",
            "2022",
        ] {
            assert_eq!(parse(raw.as_bytes(), &ms), None, "{raw}");
        }
        let trimmed = pattern("YYYY-MM-DDThh:mm:ss.f*Z");
        assert_eq!(parse(b"\"2022-01-06T06:09:45.10Z\"", &trimmed), None);
        assert!(!render(1, 0, &pattern("epoch_ms"), &mut Vec::new()));
        assert!(!render(i64::MAX, 0, &ms, &mut Vec::new()));
    }
}
