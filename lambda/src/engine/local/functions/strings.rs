//! Text.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, Int64Array, ListBuilder, StringArray, StringBuilder},
        datatypes::{DataType, Field},
    },
    common::{
        Result,
        cast::{as_int64_array, as_string_array},
    },
};

use super::udf::{Arg, Function, Returns, arg, fail};

/// The name of [`substr`]: `SUBSTRING` is planned by hand.
pub(in crate::engine::local) const SUBSTR: &str = "substr";

const TEXT: Returns = Returns::Always(|| DataType::Utf8);
const BIGINT: Returns = Returns::Always(|| DataType::Int64);

const PAD: &[Arg] = &[Arg::Varchar, Arg::Bigint, Arg::Varchar];
const TRIM: &[Arg] = &[Arg::Varchar, Arg::Varchar];

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("chr", &[Arg::Bigint], TEXT, chr),
    || Function::new("codepoint", &[Arg::Varchar], BIGINT, codepoint),
    || Function::new("concat", &[Arg::Varchar], TEXT, concat).variadic(),
    || Function::new("lpad", PAD, TEXT, |args| pad(args, true)),
    || Function::new("ltrim", TRIM, TEXT, |args| trim(args, true, false)).required(1),
    || Function::new("replace", &[Arg::Varchar, Arg::Varchar, Arg::Varchar], TEXT, replace).required(2),
    || Function::new("rpad", PAD, TEXT, |args| pad(args, false)),
    || Function::new("rtrim", TRIM, TEXT, |args| trim(args, false, true)).required(1),
    || {
        Function::new("split", &[Arg::Varchar, Arg::Varchar, Arg::Bigint], Returns::Always(texts), split)
            .required(2)
    },
    || Function::new("split_part", &[Arg::Varchar, Arg::Varchar, Arg::Bigint], TEXT, split_part),
    || Function::new(SUBSTR, &[Arg::Varchar, Arg::Bigint, Arg::Bigint], TEXT, substr).required(2),
    || Function::new("trim", TRIM, TEXT, |args| trim(args, true, true)).required(1),
    || Function::new("btrim", TRIM, TEXT, |args| trim(args, true, true)).required(1),
];

/// The longest text that padding makes, in characters.
const MAX_PADDED: i64 = 1 << 20;

/// The text that one call may make of a batch of rows. What a query keeps is limited elsewhere, what is made at
/// once is not, and a process without memory cannot say so.
pub(super) struct Room(usize);

impl Room {
    pub(super) const fn new() -> Self {
        Room(256 << 20)
    }

    pub(super) fn take(&mut self, bytes: usize, name: &str) -> Result<()> {
        self.0 = self.after(bytes, name)?;
        Ok(())
    }

    /// What is left after so many bytes; an error if there is no room for them.
    pub(super) fn after(&self, bytes: usize, name: &str) -> Result<usize> {
        self.0.checked_sub(bytes).ok_or_else(|| {
            fail(format!("{name}: the texts become too long; shorten them, or ask for fewer rows"))
        })
    }
}

/// Fills up to a number of characters on the left or on the right; cuts what is longer.
fn pad(args: &[ArrayRef], left: bool) -> Result<ArrayRef> {
    let name = if left { "lpad" } else { "rpad" };
    let (text, size) = (as_string_array(arg(args, 0)?)?, as_int64_array(arg(args, 1)?)?);
    let with = as_string_array(arg(args, 2)?)?;
    let mut room = Room::new();
    let mut row = |row: usize| {
        if text.is_null(row) || size.is_null(row) || with.is_null(row) {
            return Ok(None);
        }
        let (text, size, with) = (text.value(row), size.value(row), with.value(row));
        if !(0..=MAX_PADDED).contains(&size) || with.is_empty() {
            return Err(fail(format!(
                "{name}: a size of 0 to {MAX_PADDED} and some text to fill with are expected"
            )));
        }
        let size = size as usize;
        let missing = size.saturating_sub(text.chars().count());
        let fill = with.chars().cycle().take(missing);
        let padded: String = if left {
            fill.chain(text.chars().take(size)).collect()
        } else {
            text.chars().take(size).chain(fill).collect()
        };
        room.take(padded.len(), name)?;
        Ok(Some(padded))
    };
    Ok(Arc::new((0..text.len()).map(&mut row).collect::<Result<StringArray>>()?))
}

/// An array of text.
pub(super) fn texts() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
}

/// Takes white space, or the characters of the second argument, off the ends.
fn trim(args: &[ArrayRef], start: bool, end: bool) -> Result<ArrayRef> {
    let text = as_string_array(arg(args, 0)?)?;
    let set = args.get(1).map(|a| as_string_array(a)).transpose()?;
    let row = |row: usize| {
        let set = match set {
            Some(set) => Some(set.is_valid(row).then(|| set.value(row))?),
            None => None,
        };
        let goes = |c: char| set.map_or(c.is_whitespace(), |set| set.contains(c));
        let text = text.is_valid(row).then(|| text.value(row))?;
        let text = if start { text.trim_start_matches(goes) } else { text };
        Some(if end { text.trim_end_matches(goes) } else { text })
    };
    Ok(Arc::new((0..text.len()).map(row).collect::<StringArray>()))
}

fn chr(args: &[ArrayRef]) -> Result<ArrayRef> {
    let chars = as_int64_array(arg(args, 0)?)?.iter().map(|code| {
        code.map(|code| {
            let char = u32::try_from(code).ok().and_then(char::from_u32);
            char.map(String::from).ok_or_else(|| fail(format!("chr: {code} is no Unicode code point")))
        })
        .transpose()
    });
    Ok(Arc::new(chars.collect::<Result<StringArray>>()?))
}

fn codepoint(args: &[ArrayRef]) -> Result<ArrayRef> {
    let codes = as_string_array(arg(args, 0)?)?.iter().map(|text| {
        text.map(|text| {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(i64::from(u32::from(c))),
                _ => Err(fail("codepoint: text of one character expected")),
            }
        })
        .transpose()
    });
    Ok(Arc::new(codes.collect::<Result<Int64Array>>()?))
}

/// Null if any argument is.
fn concat(args: &[ArrayRef]) -> Result<ArrayRef> {
    let columns = args.iter().map(|a| as_string_array(a)).collect::<Result<Vec<_>>>()?;
    let rows = columns.first().map_or(0, |column| column.len());
    let row = |row| columns.iter().map(|c| c.is_valid(row).then(|| c.value(row))).collect::<Option<String>>();
    Ok(Arc::new((0..rows).map(row).collect::<StringArray>()))
}

fn replace(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (text, from) = (as_string_array(arg(args, 0)?)?, as_string_array(arg(args, 1)?)?);
    let to = args.get(2).map(|a| as_string_array(a)).transpose()?;
    let mut room = Room::new();
    let mut row = |row: usize| {
        if text.is_null(row) || from.is_null(row) || to.is_some_and(|to| to.is_null(row)) {
            return Ok(None);
        }
        let (text, from, to) = (text.value(row), from.value(row), to.map_or("", |to| to.value(row)));
        // Measured first: one row alone can be too much.
        let longer = to.len().saturating_sub(from.len());
        let grown = if longer > 0 { text.matches(from).count().saturating_mul(longer) } else { 0 };
        room.take(text.len().saturating_add(grown), "replace")?;
        Ok(Some(text.replace(from, to)))
    };
    Ok(Arc::new((0..text.len()).map(&mut row).collect::<Result<StringArray>>()?))
}

fn split(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (text, delimiter) = (as_string_array(arg(args, 0)?)?, as_string_array(arg(args, 1)?)?);
    let limit = args.get(2).map(|a| as_int64_array(a)).transpose()?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..text.len() {
        let is_null = text.is_null(row) || delimiter.is_null(row) || limit.is_some_and(|l| l.is_null(row));
        if is_null {
            lists.append_null();
            continue;
        }
        if delimiter.value(row).is_empty() {
            return Err(fail("split: the delimiter must not be empty"));
        }
        let limit = match limit.map(|limit| usize::try_from(limit.value(row))) {
            None => usize::MAX,
            Some(Ok(limit)) if limit > 0 => limit,
            Some(_) => return Err(fail("split: the limit must be positive")),
        };
        text.value(row)
            .splitn(limit, delimiter.value(row))
            .for_each(|part| lists.values().append_value(part));
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

/// Null beyond the last part.
fn split_part(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (text, delimiter) = (as_string_array(arg(args, 0)?)?, as_string_array(arg(args, 1)?)?);
    let parts = text.iter().zip(delimiter).zip(as_int64_array(arg(args, 2)?)?).map(|row| match row {
        ((Some(text), Some(delimiter)), Some(n)) => match usize::try_from(n) {
            Ok(n) if n > 0 && !delimiter.is_empty() => Ok(text.split(delimiter).nth(n - 1)),
            _ => Err(fail("split_part: the index must be positive and the delimiter not empty")),
        },
        _ => Ok(None),
    });
    Ok(Arc::new(parts.collect::<Result<StringArray>>()?))
}

/// Counts from 1, or from the end if negative; 0 gives the empty text.
fn substr(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (text, start) = (as_string_array(arg(args, 0)?)?, as_int64_array(arg(args, 1)?)?);
    let length = args.get(2).map(|a| as_int64_array(a)).transpose()?;
    let row = |row: usize| {
        let length = match length {
            Some(length) => length.is_valid(row).then(|| length.value(row))?,
            None => i64::MAX,
        };
        (text.is_valid(row) && start.is_valid(row)).then(|| part(text.value(row), start.value(row), length))
    };
    Ok(Arc::new((0..text.len()).map(row).collect::<StringArray>()))
}

fn part(text: &str, start: i64, length: i64) -> &str {
    let count = || text.chars().count() as i64;
    let skip = match start {
        0 => return "",
        1.. => start - 1,
        _ => count() + start,
    };
    let offset = |n: i64, text: &str| {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        text.char_indices().nth(n).map_or(text.len(), |(at, _)| at)
    };
    if skip < 0 || length <= 0 {
        return "";
    }
    let rest = text.get(offset(skip, text)..).unwrap_or_default();
    rest.get(..offset(length, rest)).unwrap_or_default()
}
