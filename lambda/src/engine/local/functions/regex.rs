//! Regular expressions: `find` semantics, linear time.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray, StringArray},
        datatypes::DataType,
    },
    common::{
        Result,
        cast::{as_int64_array, as_string_array},
    },
};
use regex::{Regex, RegexBuilder};

use super::{
    strings::Room,
    udf::{Arg, Compiled, Function, Returns, arg, fail},
};

const TEXT: Returns = Returns::Always(|| DataType::Utf8);

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || {
        Function::new(
            "regexp_like",
            &[Arg::Varchar, Arg::Varchar],
            Returns::Always(|| DataType::Boolean),
            like,
        )
    },
    || Function::new("regexp_extract", &[Arg::Varchar, Arg::Varchar, Arg::Bigint], TEXT, extract).required(2),
    || {
        Function::new("regexp_replace", &[Arg::Varchar, Arg::Varchar, Arg::Varchar], TEXT, replace)
            .required(2)
    },
];

/// Most bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 4 << 20;

fn compile(pattern: &str) -> Result<Regex> {
    let regex = RegexBuilder::new(pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build();
    regex.map_err(|e| fail(format!("the regular expression {pattern:?} cannot be used: {e}")))
}

fn like(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(compile);
    let rows = as_string_array(arg(args, 0)?)?.iter().zip(as_string_array(arg(args, 1)?)?);
    let found = rows.map(|row| match row {
        (Some(text), Some(pattern)) => compiled.get(pattern).map(|regex| Some(regex.is_match(text))),
        _ => Ok(None),
    });
    Ok(Arc::new(found.collect::<Result<BooleanArray>>()?))
}

fn extract(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(compile);
    let (text, pattern) = (as_string_array(arg(args, 0)?)?, as_string_array(arg(args, 1)?)?);
    let group = args.get(2).map(|a| as_int64_array(a)).transpose()?;
    let row = |row: usize| {
        if text.is_null(row) || pattern.is_null(row) || group.is_some_and(|g| g.is_null(row)) {
            return Ok(None);
        }
        let regex = compiled.get(pattern.value(row))?;
        let group = usize::try_from(group.map_or(0, |g| g.value(row))).unwrap_or(usize::MAX);
        if group >= regex.captures_len() {
            return Err(fail(format!("regexp_extract: the pattern has no group {group}")));
        }
        let captures = regex.captures(text.value(row));
        Ok(captures.and_then(|captures| captures.get(group)).map(|found| found.as_str()))
    };
    Ok(Arc::new((0..text.len()).map(row).collect::<Result<StringArray>>()?))
}

fn replace(args: &[ArrayRef]) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(compile);
    let (text, pattern) = (as_string_array(arg(args, 0)?)?, as_string_array(arg(args, 1)?)?);
    let with = args.get(2).map(|a| as_string_array(a)).transpose()?;
    let mut room = Room::new();
    let mut row = |row: usize| {
        if text.is_null(row) || pattern.is_null(row) || with.is_some_and(|w| w.is_null(row)) {
            return Ok(None);
        }
        let regex = compiled.get(pattern.value(row))?;
        let with = replacement(with.map_or("", |w| w.value(row)), regex.captures_len())?;
        let text = text.value(row);
        if with.len() > 64 {
            // One row alone can be too much: every match gets the replacement, and every group's reference at most
            // all that was matched.
            let literal = regex.find_iter(text).count().saturating_mul(with.len());
            let groups = text.len().saturating_mul(with.matches("${").count());
            room.after(literal.saturating_add(groups), "regexp_replace")?;
        }
        let replaced = regex.replace_all(text, with.as_str()).into_owned();
        room.take(replaced.len(), "regexp_replace")?;
        Ok(Some(replaced))
    };
    Ok(Arc::new((0..text.len()).map(&mut row).collect::<Result<StringArray>>()?))
}

/// From Java's spelling of a replacement (`$1`, `${name}`, `\` escapes) to the library's (`${1}`, `${name}`, `$$`).
fn replacement(java: &str, groups: usize) -> Result<String> {
    let mut out = String::new();
    let mut chars = java.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('$') => out.push_str("$$"),
                Some(c) => out.push(c),
                None => return Err(fail("regexp_replace: the replacement ends with a backslash")),
            },
            '$' if chars.peek() == Some(&'{') => out.push('$'),
            '$' => {
                let first = chars.next().and_then(|c| c.to_digit(10));
                let mut group =
                    first.ok_or_else(|| fail("regexp_replace: a group's number is expected after $"))?;
                // More digits belong to it as long as there is such a group.
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group * 10 + digit;
                    if longer as usize >= groups {
                        break;
                    }
                    group = longer;
                    chars.next();
                }
                if group as usize >= groups {
                    return Err(fail(format!("regexp_replace: the pattern has no group {group}")));
                }
                out.push_str(&format!("${{{group}}}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}
