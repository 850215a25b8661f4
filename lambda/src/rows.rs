//! A page's columns become rows of JSON.
//!
//! A bare reference to a field prints as the field spells its values; other times print in the event time's pattern,
//! with more fraction digits where they are needed. Integers keep all their digits, dates are `"YYYY-MM-DD"`, bytes
//! are lower-case hex, `NaN` and the infinities are strings, arrays and maps are JSON.

use std::collections::BTreeSet;

use fidelog_codec::{
    Schema,
    column::{Column, NULL},
    encoding::{Encoding, TimestampPattern, Value, timestamp},
    schema::Field,
};
use serde_json::json;

use crate::{
    engine::{Kind, Page, Typed},
    sql::Output,
};

/// A page's columns with their names, and how to print them.
pub(crate) struct Rows<'a> {
    page: &'a Page,
    schema: &'a Schema,
    outputs: &'a [Output],
    /// The outputs' names, made unique for objects.
    keys: Vec<String>,
    event_time: Option<TimestampPattern>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(page: &'a Page, outputs: &'a [Output], schema: &'a Schema) -> Self {
        let event_time = schema.event_time().and_then(|i| pattern(schema.fields().get(i)?));
        Rows { page, schema, outputs, keys: unique(outputs), event_time }
    }

    pub(crate) const fn len(&self) -> usize {
        self.page.rows
    }

    /// The columns, each with its output and key.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&'a Typed, Option<&'a Field>, &str)> {
        let fields = self.schema.fields();
        let keys = self.keys.iter().map(String::as_str);
        self.page
            .columns
            .iter()
            .zip(self.outputs)
            .zip(keys)
            .map(move |((typed, output), key)| (typed, output.field.and_then(|i| fields.get(i)), key))
    }

    /// `[{"name":…,"type":…},…]`
    pub(crate) fn columns_json(&self) -> serde_json::Value {
        let columns = self.columns().zip(self.outputs);
        columns.map(|((typed, field, _), output)| json!({"name": output.name, "type": type_name(typed.kind, field)})).collect()
    }

    /// Appends a row as an object.
    pub(crate) fn object_into(&self, row: usize, out: &mut Vec<u8>) {
        out.push(b'{');
        for (i, (typed, field, key)) in self.columns().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            put_text(key, out);
            out.push(b':');
            self.put_value(typed, field, row, out);
        }
        out.push(b'}');
    }

    /// Appends a row as an array.
    pub(crate) fn array_into(&self, row: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, (typed, field, _)) in self.columns().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            self.put_value(typed, field, row, out);
        }
        out.push(b']');
    }

    /// The pattern that a time column prints in, before more digits are needed.
    pub(crate) fn time_pattern(&self, typed: &Typed, field: Option<&Field>) -> Option<TimestampPattern> {
        let pattern = field.and_then(pattern).or(self.event_time);
        if knows_nanos(&typed.values) { pattern } else { pattern.map(in_micros) }
    }

    fn put_value(&self, typed: &Typed, field: Option<&Field>, row: usize, out: &mut Vec<u8>) {
        let value = value(&typed.values, row);
        match (typed.kind, value) {
            (_, Value::Null) => out.extend_from_slice(b"null"),
            (Kind::Timestamp, Value::Timestamp(micros, nanos)) => {
                put_time(micros, nanos, self.time_pattern(typed, field), out);
            }
            (Kind::Date, Value::Integer(days)) => put_date(days, out),
            (Kind::Varbinary, Value::Bytes(bytes)) => {
                let start = out.len();
                if !field.is_some_and(|field| field.encoding.render(value, self.schema.style(), out)) {
                    out.truncate(start);
                    put_hex(bytes, out);
                }
            }
            (Kind::Double, Value::Number(number)) => {
                let start = out.len();
                if !field.is_some_and(|field| field.encoding.render(value, self.schema.style(), out)) {
                    out.truncate(start);
                    put_number(number, out);
                }
            }
            (Kind::Varchar, Value::Bytes(bytes)) => match field.map(|field| &field.encoding) {
                Some(Encoding::Json) => put_json(bytes, out),
                _ => put_text(&String::from_utf8_lossy(bytes), out),
            },
            (Kind::Json, Value::Bytes(bytes)) => put_json(bytes, out),
            (Kind::Decimal, Value::Bytes(bytes)) => out.extend_from_slice(bytes),
            (_, Value::Integer(v)) => out.extend_from_slice(v.to_string().as_bytes()),
            (_, Value::Boolean(v)) => out.extend_from_slice(if v { b"true" } else { b"false" }),
            // A kind and a column that do not belong together: no engine makes one.
            _ => out.extend_from_slice(b"null"),
        }
    }
}

/// What SQL calls the column's values, seen as the caller sees them.
pub(crate) fn type_name(kind: Kind, field: Option<&Field>) -> &'static str {
    match (kind, field.map(|field| &field.encoding)) {
        (Kind::Varchar, Some(Encoding::Json)) => Kind::Json.name(),
        (Kind::Varbinary, Some(Encoding::Hex { .. } | Encoding::Uuid { .. })) => Kind::Varchar.name(),
        _ => kind.name(),
    }
}

/// SQL sees microseconds only.
const fn knows_nanos(column: &Column) -> bool {
    matches!(column, Column::Timestamps { nanos, .. } if !nanos.is_empty())
}

/// The pattern without the digits that nothing is known of.
fn in_micros(pattern: TimestampPattern) -> TimestampPattern {
    match pattern {
        TimestampPattern::Calendar { separator, fraction: timestamp::Fraction::Fixed(7..), zone } => {
            TimestampPattern::Calendar { separator, fraction: timestamp::Fraction::Fixed(6), zone }
        }
        other => other,
    }
}

fn pattern(field: &Field) -> Option<TimestampPattern> {
    match field.encoding {
        Encoding::Timestamp { pattern } => Some(pattern),
        _ => None,
    }
}

/// Names for an object's members: a repeated one gets `_2`, `_3` and so on.
fn unique(outputs: &[Output]) -> Vec<String> {
    let given: BTreeSet<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for output in outputs {
        let mut key = output.name.clone();
        let mut n = 2;
        while seen.contains(&key) || (n > 2 && given.contains(key.as_str())) {
            key = format!("{}_{n}", output.name);
            n += 1;
        }
        seen.insert(key.clone());
        keys.push(key);
    }
    keys
}

/// The value in a row.
pub(crate) fn value(column: &Column, row: usize) -> Value<'_> {
    let is_valid = |valid: &[bool]| valid.get(row).copied().unwrap_or(false);
    let found = match column {
        Column::Integers { values, valid } if is_valid(valid) => values.get(row).map(|&v| Value::Integer(v)),
        Column::Numbers { values, valid } if is_valid(valid) => values.get(row).map(|&v| Value::Number(v)),
        Column::Booleans { values, valid } if is_valid(valid) => values.get(row).map(|&v| Value::Boolean(v)),
        Column::Timestamps { micros, nanos, valid } if is_valid(valid) => {
            micros.get(row).map(|&v| Value::Timestamp(v, nanos.get(row).copied().unwrap_or(0)))
        }
        Column::Strings { dictionary, ids } => match ids.get(row) {
            Some(&NULL) | None => None,
            Some(&id) => dictionary.get(id as usize).map(Value::Bytes),
        },
        _ => None,
    };
    found.unwrap_or(Value::Null)
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn put_number(number: f64, out: &mut Vec<u8>) {
    if number.is_finite() {
        let _ = serde_json::to_writer(out, &number);
    } else {
        put_text(
            if number.is_nan() {
                "NaN"
            } else if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            },
            out,
        );
    }
}

fn put_hex(bytes: &[u8], out: &mut Vec<u8>) {
    fidelog_codec::encoding::hex::render(bytes, fidelog_codec::encoding::Case::Lower, None, out);
}

/// Appends a time as the pattern spells it; one that the pattern has no digits for gets more, or RFC 3339.
fn put_time(micros: i64, nanos: u16, wanted: Option<TimestampPattern>, out: &mut Vec<u8>) {
    let rfc3339 = TimestampPattern::Calendar {
        separator: b'T',
        fraction: timestamp::Fraction::Trimmed,
        zone: timestamp::Zone::Utc,
    };
    let start = out.len();
    for pattern in wanted.into_iter().flat_map(|pattern| [pattern, pattern.trimmed()]).chain([rfc3339]) {
        if timestamp::render(micros, nanos, &pattern, out) {
            return;
        }
        out.truncate(start);
    }
    // Years beyond 9999, which no record holds but arithmetic may reach.
    put_text(&format!("{micros} us since 1970-01-01T00:00:00Z"), out);
}

fn put_date(days: i64, out: &mut Vec<u8>) {
    let mut time = Vec::new();
    put_time(days.saturating_mul(86_400_000_000), 0, None, &mut time);
    match time.split_at_checked(11) {
        Some((date, rest)) if rest.first() == Some(&b'T') => {
            out.extend_from_slice(date);
            out.push(b'"');
        }
        _ => put_text(&format!("{days} days since 1970-01-01"), out),
    }
}

/// Appends JSON text on one line; what is no JSON becomes a string.
fn put_json(text: &[u8], out: &mut Vec<u8>) {
    if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err() {
        return put_text(&String::from_utf8_lossy(text), out);
    }
    if !text.iter().any(|c| matches!(c, b'\n' | b'\r')) {
        return out.extend_from_slice(text);
    }
    let (mut in_string, mut escaped) = (false, false);
    for &c in text {
        if in_string || !c.is_ascii_whitespace() {
            out.push(c);
        }
        in_string ^= c == b'"' && !escaped;
        escaped = in_string && c == b'\\' && !escaped;
    }
}

#[cfg(test)]
mod tests {
    use fidelog_codec::column::Strings;

    use super::*;

    fn output(name: &str, field: Option<usize>) -> Output {
        Output { name: name.into(), field }
    }

    fn strings(values: &[&str]) -> Column {
        let mut dictionary = Strings::default();
        values.iter().for_each(|v| dictionary.push(v.as_bytes()));
        Column::Strings { ids: (0..values.len() as u32).collect(), dictionary }
    }

    fn schema() -> Schema {
        Schema::from_json(
            r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"event_time":"t","fields":[
                {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.fffZ"},
                {"path":["h"],"column":"h","encoding":"hex","case":"upper"},
                {"path":["j"],"column":"j","encoding":"json"},
                {"path":["x"],"column":"x","encoding":"number","pattern":"fraction"}]}"#,
        )
        .unwrap()
    }

    fn print(kind: Kind, values: Column, field: Option<usize>) -> String {
        let rows = values.len();
        let page = Page { columns: vec![Typed { kind, values }], rows, starts: Vec::new(), next: None };
        let (schema, outputs) = (schema(), [output("c", field)]);
        let (view, mut out) = (Rows::new(&page, &outputs, &schema), Vec::new());
        for row in 0..rows {
            view.array_into(row, &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_print_as_documented() {
        let valid = |n| vec![true; n];
        let integers = Column::Integers { values: vec![i64::MAX, 0], valid: vec![true, false] };
        assert_eq!(print(Kind::Bigint, integers, None), "[9223372036854775807][null]");
        let dates = Column::Integers { values: vec![0, -1, 19_000, i64::MAX], valid: valid(4) };
        let want =
            "[\"1970-01-01\"][\"1969-12-31\"][\"2022-01-08\"][\"9223372036854775807 days since 1970-01-01\"]";
        assert_eq!(print(Kind::Date, dates, None), want);
        let numbers =
            || Column::Numbers { values: vec![1.0, 0.1, f64::NAN, f64::NEG_INFINITY], valid: valid(4) };
        assert_eq!(print(Kind::Double, numbers(), None), "[1.0][0.1][\"NaN\"][\"-Infinity\"]");
        assert_eq!(print(Kind::Double, numbers(), Some(3)), "[1.0][0.1][\"NaN\"][\"-Infinity\"]");
        let times = || Column::Timestamps { micros: vec![1_000, 1_500], nanos: vec![], valid: valid(2) };
        let want = "[\"1970-01-01T00:00:00.001Z\"][\"1970-01-01T00:00:00.0015Z\"]";
        assert_eq!(print(Kind::Timestamp, times(), None), want);
        assert_eq!(print(Kind::Timestamp, times(), Some(0)), want);
        assert_eq!(print(Kind::Varbinary, strings(&["Qs"]), None), "[\"5173\"]");
        assert_eq!(print(Kind::Varbinary, strings(&["\u{7f}"]), Some(1)), "[\"7F\"]");
        let json = ["{\"a\": [1,\n 2,\r\n\"x \\\" y\"]}", "1E5", "no json"];
        let want = "[{\"a\":[1,2,\"x \\\" y\"]}][1E5][\"no json\"]";
        assert_eq!(print(Kind::Json, strings(&json), None), want);
        assert_eq!(print(Kind::Varchar, strings(&json), Some(2)), want);
        assert_eq!(print(Kind::Varchar, strings(&["1", "\u{1}\""]), None), "[\"1\"][\"\\u0001\\\"\"]");
        assert_eq!(print(Kind::Decimal, strings(&["12.30"]), None), "[12.30]");
    }

    #[test]
    fn objects_have_unique_keys() {
        let names = ["a", "a", "a_2", "a"];
        let outputs: Vec<Output> = names.iter().map(|n| output(n, None)).collect();
        let keys = unique(&outputs);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), names.len(), "{keys:?}");
        assert_eq!((keys[0].as_str(), keys[2].as_str()), ("a", "a_2"));
    }
}
