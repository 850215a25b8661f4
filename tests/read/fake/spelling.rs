//! How Athena spells values, in its files and in GetQueryResults.

use fidelog_codec::column::{Column, NULL};
use fidelog_lambda::engine::{Kind, Typed};

/// A row: null or text.
pub type Cells = Vec<Option<String>>;

pub fn cell(typed: &Typed, row: usize) -> Option<String> {
    match &typed.values {
        Column::Integers { values, valid } if typed.kind == Kind::Date => {
            valid[row].then(|| date(values[row]))
        }
        Column::Integers { values, valid } => valid[row].then(|| values[row].to_string()),
        Column::Numbers { values, valid } => valid[row].then(|| double(values[row])),
        Column::Booleans { values, valid } => valid[row].then(|| values[row].to_string()),
        Column::Timestamps { micros, valid, .. } => valid[row].then(|| timestamp(micros[row])),
        Column::Strings { dictionary, ids } => (ids[row] != NULL).then(|| {
            let bytes = dictionary.get(ids[row] as usize).unwrap();
            match typed.kind {
                Kind::Varbinary => bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" "),
                _ => String::from_utf8(bytes.to_vec()).unwrap(),
            }
        }),
    }
}

/// As Java's `Double.toString`.
fn double(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        let sign = if value < 0.0 { "-" } else { "" };
        return if value.is_nan() { "NaN".into() } else { format!("{sign}Infinity") };
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap();
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

/// Proleptic Gregorian, from days since 1970-01-01.
fn date(days: i64) -> String {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Milliseconds as a `timestamp(3)`, what is finer as a `timestamp(6)`.
fn timestamp(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let fraction =
        if fraction % 1_000 == 0 { format!("{:03}", fraction / 1_000) } else { format!("{fraction:06}") };
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}.{fraction}", date(days))
}

/// Every value quoted, a null left empty.
pub fn csv(rows: &[Cells]) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        let cells = row.iter().map(|cell| {
            cell.as_ref().map_or(String::new(), |text| format!("\"{}\"", text.replace('"', "\"\"")))
        });
        out.extend(cells.collect::<Vec<_>>().join(",").into_bytes());
        out.push(b'\n');
    }
    out
}

#[test]
fn spellings_that_were_seen() {
    for (value, want) in [
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (1e7, "1.0E7"),
        (1.5e-4, "1.5E-4"),
        (9_999_999.0, "9999999.0"),
        (f64::NEG_INFINITY, "-Infinity"),
    ] {
        assert_eq!(double(value), want);
    }
    assert_eq!(timestamp(1_641_449_385_117_000), "2022-01-06 06:09:45.117");
    assert_eq!(timestamp(1_641_449_385_117_001), "2022-01-06 06:09:45.117001");
    assert_eq!(timestamp(-1), "1969-12-31 23:59:59.999999");
    assert_eq!((date(0), date(-719_162)), ("1970-01-01".into(), "0001-01-01".into()));
}
