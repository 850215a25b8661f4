//! JSON text and paths into it. Values keep their own spelling: nothing goes through a float.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, Int64Array, StringArray},
        datatypes::DataType,
    },
    common::{Result, cast::as_string_array},
};
use serde_json::value::RawValue;

use super::udf::{Arg, Compiled, Function, Returns, arg, fail};

/// What `CAST(json AS …)` casts: the content of a JSON string, the text of any other value.
pub(in crate::engine::local) const JSON_SCALAR: &str = "fidelog_json_scalar";

const TEXT: Returns = Returns::Always(|| DataType::Utf8);

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("json_array_length", &[Arg::Varchar], Returns::Always(|| DataType::Int64), array_length),
    || {
        Function::new("json_extract", &[Arg::Varchar, Arg::Varchar], Returns::Json, |args| {
            at_path(args, |value| Some(compact(value)))
        })
    },
    || {
        Function::new("json_extract_scalar", &[Arg::Varchar, Arg::Varchar], TEXT, |args| {
            at_path(args, scalar)
        })
    },
    || Function::new("json_format", &[Arg::Varchar], TEXT, parse),
    || Function::new("json_parse", &[Arg::Varchar], Returns::Json, parse),
    || Function::new(JSON_SCALAR, &[Arg::Varchar], TEXT, json_scalar),
];

fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text).ok()
}

fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

fn array_length(args: &[ArrayRef]) -> Result<ArrayRef> {
    let lengths =
        as_string_array(arg(args, 0)?)?.iter().map(|text| Some(elements(raw(text?)?)?.len() as i64));
    Ok(Arc::new(lengths.collect::<Int64Array>()))
}

fn parse(args: &[ArrayRef]) -> Result<ArrayRef> {
    let values = as_string_array(arg(args, 0)?)?.iter().map(|text| {
        text.map(|text| {
            raw(text).map(compact).ok_or_else(|| fail("json_parse: the text is not one JSON value"))
        })
        .transpose()
    });
    Ok(Arc::new(values.collect::<Result<StringArray>>()?))
}

fn json_scalar(args: &[ArrayRef]) -> Result<ArrayRef> {
    let values = as_string_array(arg(args, 0)?)?.iter().map(|text| scalar(raw(text?)?));
    Ok(Arc::new(values.collect::<StringArray>()))
}

fn at_path(args: &[ArrayRef], give: fn(&RawValue) -> Option<String>) -> Result<ArrayRef> {
    let mut compiled = Compiled::new(steps);
    let rows = as_string_array(arg(args, 0)?)?.iter().zip(as_string_array(arg(args, 1)?)?);
    let values = rows.map(|row| match row {
        (Some(text), Some(path)) => {
            let steps = compiled.get(path)?;
            let found =
                raw(text).and_then(|value| steps.iter().try_fold(value, |value, step| step.into(value)));
            Ok(found.and_then(give))
        }
        _ => Ok(None),
    });
    Ok(Arc::new(values.collect::<Result<StringArray>>()?))
}

/// The content of a string, the text of a number or boolean; nothing for null, arrays and objects.
fn scalar(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(value.get().to_owned()),
    }
}

/// The value's text without white space between its parts.
fn compact(value: &RawValue) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |c: &char| {
        let kept = in_string || !c.is_ascii_whitespace();
        in_string ^= *c == '"' && !escaped;
        escaped = in_string && *c == '\\' && !escaped;
        kept
    };
    value.get().chars().filter(keep).collect()
}

/// One step of a path.
enum Step {
    Member(String),
    Element(usize),
}

impl Step {
    /// The value one step further in; the first of equal keys.
    fn into<'a>(&self, value: &'a RawValue) -> Option<&'a RawValue> {
        match self {
            Step::Element(at) => elements(value)?.get(*at).copied(),
            Step::Member(key) => {
                let members: Members<'a> = serde_json::from_str(value.get()).ok()?;
                members.0.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
        }
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Reads `$.a.b[0]["c"]`.
fn steps(path: &str) -> Result<Vec<Step>> {
    let bad = || fail(format!("the JSON path {path:?} cannot be read; write one like $.a.b[0][\"c d\"]"));
    let mut rest = path.strip_prefix('$').ok_or_else(bad)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let (key, tail) = tail.split_at(end);
            if key.is_empty() || key == "*" {
                return Err(bad());
            }
            steps.push(Step::Member(key.to_owned()));
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("[\"").or_else(|| rest.strip_prefix("['")) {
            let quote = if rest.starts_with("[\"") { "\"]" } else { "']" };
            let (key, tail) = tail.split_once(quote).ok_or_else(bad)?;
            steps.push(Step::Member(key.replace("\\\"", "\"").replace("\\\\", "\\")));
            rest = tail;
        } else if let Some((index, tail)) = rest.strip_prefix('[').and_then(|tail| tail.split_once(']')) {
            steps.push(Step::Element(index.trim().parse().map_err(|_| bad())?));
            rest = tail;
        } else {
            return Err(bad());
        }
    }
    Ok(steps)
}
