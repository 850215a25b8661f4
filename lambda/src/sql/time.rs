//! Time literals: text to an instant, and an instant to the text both engines read.

use fidelog_codec::encoding::{
    TimestampPattern, timestamp,
    timestamp::{Fraction, Zone},
};

use super::error::{Result, SqlError};

/// An instant: microseconds since 1970-01-01T00:00:00Z, and the nanoseconds below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    pub micros: i64,
    pub nanos: u16,
}

const NANOS: TimestampPattern =
    TimestampPattern::Calendar { separator: b'T', fraction: Fraction::Fixed(9), zone: Zone::Utc };
const MICROS: TimestampPattern =
    TimestampPattern::Calendar { separator: b' ', fraction: Fraction::Fixed(6), zone: Zone::None };

/// Reads RFC 3339 and its relatives: a date, or a date and a time of day with up to nine fraction digits and an offset.
/// Without an offset the time is UTC.
pub(super) fn parse(text: &str) -> Result<Instant> {
    read(text.trim()).ok_or_else(|| {
        SqlError::refused(
            format!("{:?} is not a time", text.chars().take(40).collect::<String>()),
            "write times as '2022-01-06T06:09:30.123Z', '2022-01-06 06:09:30' (UTC) or '2022-01-06'",
        )
    })
}

fn read(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, zone) = match rest.strip_prefix(['T', 't', ' ']) {
        None if rest.is_empty() => ("00:00", ""),
        None => return None,
        Some(rest) => rest
            .split_at(rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len())),
    };
    let (clock, fraction) = time.split_once('.').map_or((time, None), |(clock, f)| (clock, Some(f)));
    let seconds = match clock.len() {
        5 => ":00",
        _ => "",
    };
    let digits = fraction.unwrap_or("0");
    if digits.is_empty() || digits.len() > 9 || (fraction.is_some() && clock.len() == 5) {
        return None;
    }
    let (micros, nanos) =
        timestamp::parse(format!("\"{date}T{clock}{seconds}.{digits:0<9}Z\"").as_bytes(), &NANOS)?;
    let zone = zone.trim_start();
    let minutes = if zone.is_empty() { 0 } else { offset_minutes(zone)? };
    let micros = micros.checked_sub(i64::from(minutes) * 60_000_000)?;
    let instant = Instant { micros, nanos };
    format(instant).map(|_| instant)
}

fn offset_minutes(zone: &str) -> Option<i32> {
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("U", "TC") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => "00",
        minutes => minutes,
    };
    let number =
        |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<i32>().ok())?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// `2022-01-06 06:09:30.000000`: the microseconds only.
pub(super) fn format(instant: Instant) -> Option<String> {
    let mut out = Vec::new();
    if !timestamp::render(instant.micros, 0, &MICROS, &mut out) {
        return None;
    }
    Some(String::from_utf8(out).ok()?.trim_matches('"').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Option<String> {
        let instant = parse(text).ok()?;
        Some(format!("{} {}", format(instant)?, instant.nanos))
    }

    #[test]
    fn spellings_are_read() {
        for (text, want) in [
            ("2022-01-06T06:09:30Z", "2022-01-06 06:09:30.000000 0"),
            ("2022-01-06", "2022-01-06 00:00:00.000000 0"),
            (" 2022-01-06 06:09 ", "2022-01-06 06:09:00.000000 0"),
            ("2022-01-06 06:09:30.5", "2022-01-06 06:09:30.500000 0"),
            ("2022-01-06t06:09:30.123456789z", "2022-01-06 06:09:30.123456 789"),
            ("2022-01-06T06:09:30+09:00", "2022-01-05 21:09:30.000000 0"),
            ("2022-01-06T06:09:30 -0130", "2022-01-06 07:39:30.000000 0"),
            ("2022-01-06 06:09:30.000 UTC", "2022-01-06 06:09:30.000000 0"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31 23:59:59.999999 999"),
        ] {
            assert_eq!(show(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_time() {
        for text in [
            "",
            "yesterday",
            "2022-13-01",
            "2022-02-30",
            "2022-01-06T24:00:00Z",
            "2022-01-06T23:59:60Z",
            "0000-01-01",
            "2022-01-06T06:09:30.1234567890Z",
            "2022-01-06T06:09:30.",
            "2022-01-06Z",
            "2022-01-06T",
            "2022-01-06T06:09:30+24:00",
            "2022-01-06T06:09:30+9",
            "2022-01-06T06:09:30 Asia/Seoul",
            "é022-01-06",
            "0001-01-01T00:00:00+01:00",
            "2022-01-06T06:09.5Z",
            "２０２２-01-06",
            "2022-01-06T06:09:30+0:900",
        ] {
            assert_eq!(show(text), None, "{text}");
        }
    }
}
