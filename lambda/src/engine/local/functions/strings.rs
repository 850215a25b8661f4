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

const TRIM: &[Arg] = &[Arg::Varchar, Arg::Varchar];

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("chr", &[Arg::Bigint], TEXT, chr),
    || Function::new("codepoint", &[Arg::Varchar], BIGINT, codepoint),
    || Function::new("concat", &[Arg::Varchar], TEXT, concat).variadic(),
    || Function::new("ltrim", TRIM, TEXT, |args| trim(args, true, false)).required(1),
    || Function::new("replace", &[Arg::Varchar, Arg::Varchar, Arg::Varchar], TEXT, replace).required(2),
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
    let row = |row: usize| {
        let to = match to {
            Some(to) => to.is_valid(row).then(|| to.value(row))?,
            None => "",
        };
        (text.is_valid(row) && from.is_valid(row)).then(|| text.value(row).replace(from.value(row), to))
    };
    Ok(Arc::new((0..text.len()).map(row).collect::<StringArray>()))
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
