//! MySQL's format specifiers, which Athena's `date_format` and `date_parse` take.

use chrono::{
    NaiveDateTime,
    format::{Item, Parsed, StrftimeItems, parse},
};
use datafusion::common::Result;

use super::udf::fail;

/// A format in chrono's items, to write times with or to read them.
pub(super) struct Format {
    write: Vec<Item<'static>>,
    read: Vec<Item<'static>>,
}

impl Format {
    pub(super) fn new(mysql: &str) -> Result<Self> {
        let mut strftime = String::new();
        let mut chars = mysql.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                strftime.push(c);
                continue;
            }
            let specifier = chars.next();
            strftime.push_str(match specifier {
                Some('a') => "%a",
                Some('b') => "%b",
                Some('c') => "%-m",
                Some('d') => "%d",
                Some('e') => "%-d",
                Some('f') => "%6f",
                Some('H') => "%H",
                Some('h' | 'I') => "%I",
                Some('i') => "%M",
                Some('j') => "%j",
                Some('k') => "%-H",
                Some('l') => "%-I",
                Some('M') => "%B",
                Some('m') => "%m",
                Some('p') => "%p",
                Some('r') => "%I:%M:%S %p",
                Some('S' | 's') => "%S",
                Some('T') => "%H:%M:%S",
                Some('v') => "%V",
                Some('W') => "%A",
                Some('x') => "%G",
                Some('Y') => "%Y",
                Some('y') => "%y",
                Some('%') => "%%",
                Some(other) => {
                    return Err(fail(format!("the date format specifier %{other} is not supported")));
                }
                None => return Err(fail("the date format ends with %")),
            });
        }
        let items = |text: &str| {
            let items = StrftimeItems::new(text).parse_to_owned();
            items.map_err(|_| fail(format!("the date format {mysql:?} cannot be read")))
        };
        // Reading takes any number of fraction digits.
        Ok(Format { write: items(&strftime)?, read: items(&strftime.replace(".%6f", "%.f"))? })
    }

    pub(super) fn write(&self, time: NaiveDateTime) -> String {
        time.format_with_items(self.write.iter()).to_string()
    }

    /// Reads a time; what the format does not say is that of 1970-01-01 00:00:00.
    pub(super) fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.read.iter()).ok()?;
        let has_year =
            parsed.year().is_some() || parsed.year_mod_100().is_some() || parsed.isoyear().is_some();
        if !has_year {
            parsed.set_year(1970).ok()?;
        }
        if parsed.isoweek().is_some() && parsed.weekday().is_none() {
            parsed.set_weekday(chrono::Weekday::Mon).ok()?;
        }
        if parsed.ordinal().is_none() && parsed.isoweek().is_none() {
            if parsed.month().is_none() {
                parsed.set_month(1).ok()?;
            }
            if parsed.day().is_none() {
                parsed.set_day(1).ok()?;
            }
        }
        if parsed.hour_div_12().is_none() && parsed.hour_mod_12().is_none() {
            parsed.set_hour(0).ok()?;
        } else if parsed.hour_div_12().is_none() {
            parsed.set_ampm(false).ok()?;
        }
        if parsed.minute().is_none() {
            parsed.set_minute(0).ok()?;
        }
        parsed.to_naive_datetime_with_offset(0).ok()
    }
}
