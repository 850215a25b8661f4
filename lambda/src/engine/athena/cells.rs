//! Athena prints every value as text; this reads it back into typed columns.

use fidelog_codec::{
    column::{Column, NULL, Strings},
    encoding::{TimestampPattern, timestamp},
};

use crate::engine::{EngineError, Kind, Result, Typed};

/// Columns under construction.
#[derive(Debug, Default)]
pub(super) struct Cells {
    columns: Vec<Typed>,
    /// How the last time was spelled: the next one is likely to be alike.
    pattern: Option<TimestampPattern>,
}

impl Cells {
    pub(super) fn new(kinds: &[Kind]) -> Self {
        let empty = |&kind: &Kind| {
            let (values, valid) = (Vec::new(), Vec::new());
            let values = match kind {
                Kind::Bigint | Kind::Date => Column::Integers { values, valid },
                Kind::Double => Column::Numbers { values: Vec::new(), valid },
                Kind::Boolean => Column::Booleans { values: Vec::new(), valid },
                Kind::Timestamp => Column::Timestamps { micros: values, nanos: Vec::new(), valid },
                _ => Column::Strings { dictionary: Strings::default(), ids: Vec::new() },
            };
            Typed { kind, values }
        };
        Cells { columns: kinds.iter().map(empty).collect(), pattern: None }
    }

    /// Appends a row.
    pub(super) fn push<'a>(&mut self, mut row: impl Iterator<Item = Option<&'a [u8]>>) -> Result<()> {
        for typed in &mut self.columns {
            let cell = row.next().flatten();
            put(typed, cell, &mut self.pattern).ok_or_else(|| {
                let (cell, kind) = (cell.map(String::from_utf8_lossy), typed.kind.name());
                EngineError::Internal(format!("Athena printed {cell:?} in a column of type {kind}"))
            })?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<Typed> {
        self.columns
    }
}

/// What a column's values mean. Arrays, maps and rows print ambiguously (`[a, b]` has one, two or three elements), so
/// they have no kind.
pub(super) fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "tinyint" | "smallint" | "integer" | "int" | "bigint" => Kind::Bigint,
        "real" | "float" | "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "varbinary" | "binary" => Kind::Varbinary,
        "json" => Kind::Json,
        "array" | "map" | "row" | "struct" => return None,
        name if ["array(", "map(", "row(", "array<", "map<", "struct<"]
            .iter()
            .any(|p| name.starts_with(p)) =>
        {
            return None;
        }
        name if name.starts_with("decimal") => Kind::Decimal,
        name if name.starts_with("timestamp") => Kind::Timestamp,
        _ => Kind::Varchar,
    })
}

fn add<T: Default>(values: &mut Vec<T>, valid: &mut Vec<bool>, value: Option<T>) {
    valid.push(value.is_some());
    values.push(value.unwrap_or_default());
}

/// Reads a cell; outer `None` if it cannot be one of its type.
fn put(typed: &mut Typed, cell: Option<&[u8]>, pattern: &mut Option<TimestampPattern>) -> Option<()> {
    fn read<T>(cell: Option<&[u8]>, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
        match cell {
            None => Some(None),
            Some(cell) => std::str::from_utf8(cell).ok().and_then(parse).map(Some),
        }
    }
    match &mut typed.values {
        Column::Integers { values, valid } if typed.kind == Kind::Date => {
            let day =
                |text: &str| Some(micros(&format!("{text} 00:00:00"), pattern)?.div_euclid(86_400_000_000));
            add(values, valid, read(cell, day)?);
        }
        Column::Integers { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Numbers { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Booleans { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Timestamps { micros: values, valid, .. } => {
            let time = |text: &str| micros(text.strip_suffix(" UTC").unwrap_or(text), pattern);
            add(values, valid, read(cell, time)?);
        }
        Column::Strings { dictionary, ids } => match cell {
            None => ids.push(NULL),
            Some(cell) => {
                ids.push(u32::try_from(dictionary.len()).ok()?);
                if typed.kind == Kind::Varbinary {
                    dictionary.push(&bytes(cell)?);
                } else {
                    // Athena's text is UTF-8 always.
                    std::str::from_utf8(cell).ok()?;
                    dictionary.push(cell);
                }
            }
        },
    }
    Some(())
}

/// `2022-01-06 06:09:45.117`, with any number of fraction digits up to nine.
fn micros(text: &str, pattern: &mut Option<TimestampPattern>) -> Option<i64> {
    let quoted = [b"\"", text.as_bytes(), b"\""].concat();
    let alike = pattern.as_ref().and_then(|pattern| timestamp::parse(&quoted, pattern));
    let time = match alike {
        Some(time) => time,
        None => timestamp::parse(&quoted, pattern.insert(TimestampPattern::of(&quoted)?))?,
    };
    Some(time.0)
}

/// `51 7c 73`
fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len().div_ceil(3));
    for (i, group) in text.chunks(3).enumerate() {
        let (pair, is_last) = (group.get(..2)?, (i + 1) * 3 > text.len());
        match (pair, group.get(2)) {
            (&[high, low], None) if is_last => bytes.push((digit(high)? * 16 + digit(low)?) as u8),
            (&[high, low], Some(b' ')) => bytes.push((digit(high)? * 16 + digit(low)?) as u8),
            _ => return None,
        }
    }
    // A space promises a pair.
    text.last().is_none_or(|&last| last != b' ').then_some(bytes)
}

#[cfg(test)]
mod tests {
    use fidelog_codec::encoding::Value;

    use super::*;
    use crate::rows::value;

    fn read(kind: &str, cell: &str) -> Option<Column> {
        let mut cells = Cells::new(&[self::kind(kind).unwrap()]);
        cells.push([Some(cell.as_bytes())].into_iter()).ok().map(|()| cells.finish().remove(0).values)
    }

    #[test]
    fn cells_as_athena_prints_them() {
        for (kind, cell, want) in [
            ("bigint", "-9223372036854775808", Value::Integer(i64::MIN)),
            ("date", "1970-01-02", Value::Integer(1)),
            ("double", "1.0E10", Value::Number(1e10)),
            ("double", "-Infinity", Value::Number(f64::NEG_INFINITY)),
            ("boolean", "true", Value::Boolean(true)),
            ("timestamp", "2022-01-06 06:09:45.117", Value::Timestamp(1_641_449_385_117_000, 0)),
            ("timestamp(6)", "2022-01-06 06:09:45.117001", Value::Timestamp(1_641_449_385_117_001, 0)),
            ("timestamp with time zone", "1970-01-01 00:00:00.001 UTC", Value::Timestamp(1_000, 0)),
            ("varbinary", "51 7c 73", Value::Bytes(b"\x51\x7c\x73")),
            ("varbinary", "", Value::Bytes(b"")),
            ("varchar", "", Value::Bytes(b"")),
            ("decimal(10,2)", "1.50", Value::Bytes(b"1.50")),
        ] {
            assert_eq!(value(&read(kind, cell).unwrap(), 0), want, "{kind} {cell}");
        }
        for (kind, cell) in [
            ("bigint", "x"),
            ("varbinary", "517c"),
            ("varbinary", "51 "),
            ("varbinary", "5"),
            ("varbinary", "+1"),
            ("timestamp", "2022-01-06"),
            ("boolean", "1"),
        ] {
            assert_eq!(read(kind, cell), None, "{kind} {cell}");
        }
    }

    #[test]
    fn what_prints_ambiguously_has_no_kind() {
        for name in ["array", "array(varchar)", "map(varchar,bigint)", "row(a bigint)", "map"] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn an_absent_cell_is_null() {
        let mut cells = Cells::new(&[Kind::Varchar]);
        cells.push([None].into_iter()).unwrap();
        assert_eq!(value(&cells.finish()[0].values, 0), Value::Null);
    }
}
