//! Times and dates, always UTC.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Timelike};
use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, StringArray,
            TimestampMicrosecondArray,
        },
        datatypes::{DataType, Date32Type},
    },
    common::{
        Result,
        cast::{as_float64_array, as_int64_array, as_string_array, as_timestamp_microsecond_array},
    },
};

use super::{
    format::Format,
    udf::{Arg, Compiled, Function, Returns, TIME as TIME_TYPE, arg, fail},
};

/// `CAST(timestamp AS varchar)`.
pub(in crate::engine::local) const TIMESTAMP_TEXT: &str = "fidelog_timestamp_text";

const TEXT: Returns = Returns::Always(|| DataType::Utf8);
const TIME: Returns = Returns::Always(|| TIME_TYPE);
const BIGINT: Returns = Returns::Always(|| DataType::Int64);
const DOUBLE: Returns = Returns::Always(|| DataType::Float64);

macro_rules! part {
    ($name:literal, $part:expr) => {
        || Function::new($name, &[Arg::Time], BIGINT, |args| part(args, $part))
    };
}

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    part!("year", |t| t.year().into()),
    part!("quarter", |t| (t.month0() / 3 + 1).into()),
    part!("month", |t| t.month().into()),
    part!("week", |t| t.iso_week().week().into()),
    part!("day", |t| t.day().into()),
    part!("day_of_month", |t| t.day().into()),
    part!("day_of_week", |t| t.weekday().number_from_monday().into()),
    part!("dow", |t| t.weekday().number_from_monday().into()),
    part!("day_of_year", |t| t.ordinal().into()),
    part!("doy", |t| t.ordinal().into()),
    part!("hour", |t| t.hour().into()),
    part!("minute", |t| t.minute().into()),
    part!("second", |t| t.second().into()),
    part!("millisecond", |t| (t.nanosecond() / 1_000_000).into()),
    || Function::new("date_add", &[Arg::Varchar, Arg::Bigint, Arg::Moment], Returns::Arg(2), date_add),
    || Function::new("date_diff", &[Arg::Varchar, Arg::Time, Arg::Time], BIGINT, date_diff),
    || Function::new("date_format", &[Arg::Time, Arg::Varchar], TEXT, date_format),
    || Function::new("date_parse", &[Arg::Varchar, Arg::Varchar], TIME, date_parse),
    || Function::new("from_iso8601_timestamp", &[Arg::Varchar], TIME, from_iso8601),
    || Function::new("from_unixtime", &[Arg::Double], TIME, from_unixtime),
    || Function::new("to_iso8601", &[Arg::Moment], TEXT, to_iso8601),
    || Function::new("to_unixtime", &[Arg::Time], DOUBLE, to_unixtime),
    || Function::new(TIMESTAMP_TEXT, &[Arg::Time], TEXT, |args| text(args, ' ')),
];

fn time(micros: i64) -> Result<NaiveDateTime> {
    let time = DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc());
    time.ok_or_else(|| fail("a time is out of range"))
}

fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

fn part(args: &[ArrayRef], part: fn(NaiveDateTime) -> i64) -> Result<ArrayRef> {
    let times = as_timestamp_microsecond_array(arg(args, 0)?)?.iter();
    let parts = times.map(|us| us.map(|us| time(us).map(part)).transpose());
    Ok(Arc::new(parts.collect::<Result<Int64Array>>()?))
}

/// A unit of `date_add` and `date_diff`: so many months, or so many microseconds.
#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Micros(i64),
}

fn unit(name: &str) -> Result<Unit> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "millisecond" => Unit::Micros(1_000),
        "second" => Unit::Micros(1_000_000),
        "minute" => Unit::Micros(60_000_000),
        "hour" => Unit::Micros(3_600_000_000),
        "day" => Unit::Micros(86_400_000_000),
        "week" => Unit::Micros(604_800_000_000),
        "month" => Unit::Months(1),
        "quarter" => Unit::Months(3),
        "year" => Unit::Months(12),
        _ => {
            return Err(fail(format!(
                "{name:?} is no unit: millisecond, second, minute, hour, day, week, month, quarter, year"
            )));
        }
    })
}

fn add(start: NaiveDateTime, n: i64, unit: Unit) -> Option<NaiveDateTime> {
    match unit {
        Unit::Micros(each) => start.checked_add_signed(TimeDelta::microseconds(n.checked_mul(each)?)),
        Unit::Months(each) => {
            let n = n.checked_mul(each)?;
            let months = Months::new(u32::try_from(n.unsigned_abs()).ok()?);
            if n < 0 { start.checked_sub_months(months) } else { start.checked_add_months(months) }
        }
    }
}

fn date_add(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(unit);
    let (units, counts, moments) =
        (as_string_array(arg(args, 0)?)?, as_int64_array(arg(args, 1)?)?, arg(args, 2)?);
    let dates = moments.as_primitive_opt::<Date32Type>();
    let times = if dates.is_some() { None } else { Some(as_timestamp_microsecond_array(moments)?) };
    let mut row = |row: usize| {
        if units.is_null(row) || counts.is_null(row) || moments.is_null(row) {
            return Ok(None);
        }
        let start = match (dates, times) {
            (Some(dates), _) => {
                let micros = i64::from(dates.value(row)).checked_mul(86_400_000_000);
                time(micros.ok_or_else(|| fail("date_add: the date is out of range"))?)?
            }
            (None, Some(times)) => time(times.value(row))?,
            (None, None) => return Ok(None),
        };
        let unit = *compiled.get(units.value(row))?;
        if dates.is_some() && matches!(unit, Unit::Micros(each) if each < 86_400_000_000) {
            return Err(fail("date_add: a date has no such unit; cast it to timestamp"));
        }
        let sum = add(start, counts.value(row), unit)
            .ok_or_else(|| fail("date_add: the result is out of range"))?;
        Ok(Some(micros(sum)))
    };
    let sums = (0..moments.len()).map(&mut row).collect::<Result<TimestampMicrosecondArray>>()?;
    Ok(match dates {
        None => Arc::new(sums),
        Some(_) => {
            let days =
                sums.iter().map(|us| us.and_then(|us| i32::try_from(us.div_euclid(86_400_000_000)).ok()));
            Arc::new(days.collect::<Date32Array>())
        }
    })
}

/// Whole units from the second argument to the third.
fn date_diff(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(unit);
    let units = as_string_array(arg(args, 0)?)?.iter();
    let starts = as_timestamp_microsecond_array(arg(args, 1)?)?.iter();
    let rows = units.zip(starts).zip(as_timestamp_microsecond_array(arg(args, 2)?)?);
    let counts = rows.map(|row| match row {
        ((Some(name), Some(start)), Some(end)) => match *compiled.get(name)? {
            Unit::Micros(each) => Ok(Some(end.saturating_sub(start) / each)),
            Unit::Months(each) => Ok(Some(months_between(time(start)?, time(end)?) / each)),
        },
        _ => Ok(None),
    });
    Ok(Arc::new(counts.collect::<Result<Int64Array>>()?))
}

fn months_between(start: NaiveDateTime, end: NaiveDateTime) -> i64 {
    if start > end {
        return -months_between(end, start);
    }
    let months =
        i64::from(end.year() - start.year()) * 12 + i64::from(end.month()) - i64::from(start.month());
    match add(start, months, Unit::Months(1)) {
        Some(reached) if reached <= end => months,
        _ => months - 1,
    }
}

fn date_format(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(Format::new);
    let rows = as_timestamp_microsecond_array(arg(args, 0)?)?.iter().zip(as_string_array(arg(args, 1)?)?);
    let texts = rows.map(|row| match row {
        (Some(us), Some(format)) => Ok(Some(compiled.get(format)?.write(time(us)?))),
        _ => Ok(None),
    });
    Ok(Arc::new(texts.collect::<Result<StringArray>>()?))
}

fn date_parse(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(Format::new);
    let rows = as_string_array(arg(args, 0)?)?.iter().zip(as_string_array(arg(args, 1)?)?);
    let times = rows.map(|row| match row {
        (Some(text), Some(format)) => {
            let time = compiled.get(format)?.read(text);
            time.map(|time| Some(micros(time)))
                .ok_or_else(|| fail(format!("date_parse: {text:?} is not in the format {format:?}")))
        }
        _ => Ok(None),
    });
    Ok(Arc::new(times.collect::<Result<TimestampMicrosecondArray>>()?))
}

fn from_iso8601(args: &[ArrayRef]) -> Result<ArrayRef> {
    let times = as_string_array(arg(args, 0)?)?.iter().map(|text| {
        text.map(|text| iso8601(text).ok_or_else(|| fail(format!("{text:?} is no ISO 8601 time"))))
            .transpose()
    });
    Ok(Arc::new(times.collect::<Result<TimestampMicrosecondArray>>()?))
}

fn iso8601(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return Some(time.timestamp_micros());
        }
    }
    let local = text.strip_suffix('Z').unwrap_or(text);
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(local, format) {
            return Some(micros(time));
        }
    }
    let date = NaiveDate::parse_from_str(local, "%Y-%m-%d").ok()?;
    Some(micros(date.and_hms_opt(0, 0, 0)?))
}

fn from_unixtime(args: &[ArrayRef]) -> Result<ArrayRef> {
    let times = as_float64_array(arg(args, 0)?)?.iter().map(|seconds| {
        // Athena's result has milliseconds.
        seconds.map(|seconds| time(((seconds * 1_000.0).round() * 1_000.0) as i64).map(micros)).transpose()
    });
    Ok(Arc::new(times.collect::<Result<TimestampMicrosecondArray>>()?))
}

fn to_unixtime(args: &[ArrayRef]) -> Result<ArrayRef> {
    let seconds =
        as_timestamp_microsecond_array(arg(args, 0)?)?.iter().map(|us| us.map(|us| us as f64 / 1e6));
    Ok(Arc::new(seconds.collect::<Float64Array>()))
}

fn to_iso8601(args: &[ArrayRef]) -> Result<ArrayRef> {
    match arg(args, 0)?.as_primitive_opt::<Date32Type>() {
        Some(dates) => {
            let epoch = NaiveDate::default();
            let texts = dates.iter().map(|days| {
                let date = epoch.checked_add_signed(TimeDelta::days(i64::from(days?)))?;
                Some(date.to_string())
            });
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        None => text(args, 'T'),
    }
}

/// `2022-01-06 06:09:45.117`; six digits where three do not do.
fn text(args: &[ArrayRef], separator: char) -> Result<ArrayRef> {
    let texts = as_timestamp_microsecond_array(arg(args, 0)?)?.iter().map(|us| {
        us.map(|us| {
            let digits = if us % 1_000 == 0 { SecondsFormat::Millis } else { SecondsFormat::Micros };
            let text = time(us)?.and_utc().to_rfc3339_opts(digits, true);
            Ok(text.trim_end_matches('Z').replace('T', &separator.to_string()))
        })
        .transpose()
    });
    Ok(Arc::new(texts.collect::<Result<StringArray>>()?))
}
