//! Athena prints every value as text; this reads it back into typed columns.

use aws_sdk_athena::types::{ColumnInfo, Datum};
use fidelog_codec::{
    column::{Column, NULL, Strings},
    encoding::{TimestampPattern, timestamp},
};

use crate::engine::{EngineError, Kind, Result, Typed};

/// Columns under construction.
#[derive(Debug, Default)]
pub(super) struct Cells(Vec<Typed>);

impl Cells {
    pub(super) fn new(columns: &[ColumnInfo]) -> Self {
        let empty = |column: &ColumnInfo| {
            let kind = kind(column.r#type());
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
        Cells(columns.iter().map(empty).collect())
    }

    /// Appends a row.
    pub(super) fn push(&mut self, row: &[Datum]) -> Result<()> {
        for (i, typed) in self.0.iter_mut().enumerate() {
            let cell = row.get(i).and_then(|datum| datum.var_char_value());
            put(typed, cell).ok_or_else(|| {
                EngineError::Internal(format!(
                    "Athena printed {cell:?} in a column of type {}",
                    typed.kind.name()
                ))
            })?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<Typed> {
        self.0
    }
}

/// Arrays, maps and rows print ambiguously: their text is passed on as text.
fn kind(name: &str) -> Kind {
    match name {
        "tinyint" | "smallint" | "integer" | "int" | "bigint" => Kind::Bigint,
        "real" | "float" | "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "varbinary" => Kind::Varbinary,
        "json" => Kind::Json,
        name if name.starts_with("decimal") => Kind::Decimal,
        name if name.starts_with("timestamp") => Kind::Timestamp,
        _ => Kind::Varchar,
    }
}

fn add<T: Default>(values: &mut Vec<T>, valid: &mut Vec<bool>, value: Option<T>) {
    valid.push(value.is_some());
    values.push(value.unwrap_or_default());
}

/// Reads a cell; outer `None` if it cannot be one of its type.
fn put(typed: &mut Typed, cell: Option<&str>) -> Option<()> {
    fn read<T>(cell: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        match cell {
            None => Some(None),
            Some(text) => parse(text).map(Some),
        }
    }
    match &mut typed.values {
        Column::Integers { values, valid } if typed.kind == Kind::Date => {
            add(
                values,
                valid,
                read(cell, |text| Some(micros(&format!("{text} 00:00:00"))? / 86_400_000_000))?,
            );
        }
        Column::Integers { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Numbers { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Booleans { values, valid } => add(values, valid, read(cell, |text| text.parse().ok())?),
        Column::Timestamps { micros: values, valid, .. } => {
            add(values, valid, read(cell, |text| micros(text.strip_suffix(" UTC").unwrap_or(text)))?);
        }
        Column::Strings { dictionary, ids } => {
            let is_bytes = typed.kind == Kind::Varbinary;
            match read(cell, |text| if is_bytes { bytes(text) } else { Some(text.as_bytes().to_vec()) })? {
                None => ids.push(NULL),
                Some(value) => {
                    ids.push(dictionary.len() as u32);
                    dictionary.push(&value);
                }
            }
        }
    }
    Some(())
}

/// `2022-01-06 06:09:45.117`, with any number of fraction digits up to nine.
fn micros(text: &str) -> Option<i64> {
    let quoted = format!("\"{text}\"");
    let pattern = TimestampPattern::of(quoted.as_bytes())?;
    timestamp::parse(quoted.as_bytes(), &pattern).map(|(micros, _)| micros)
}

/// `51 7c 73`
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.split_ascii_whitespace()
        .map(|pair| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2))
        .collect()
}

#[cfg(test)]
mod tests {
    use fidelog_codec::encoding::Value;

    use super::*;
    use crate::rows::value;

    fn read(kind: &str, cell: &str) -> Option<Column> {
        let column = ColumnInfo::builder().name("c").r#type(kind).build().unwrap();
        let mut cells = Cells::new(&[column]);
        let row = [Datum::builder().var_char_value(cell).build()];
        cells.push(&row).ok().map(|()| cells.finish().remove(0).values)
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
        for (kind, cell) in
            [("bigint", "x"), ("varbinary", "517c"), ("timestamp", "2022-01-06"), ("boolean", "1")]
        {
            assert_eq!(read(kind, cell), None, "{kind} {cell}");
        }
    }

    #[test]
    fn an_absent_cell_is_null() {
        let column = ColumnInfo::builder().name("c").r#type("varchar").build().unwrap();
        let mut cells = Cells::new(&[column]);
        cells.push(&[Datum::builder().build()]).unwrap();
        assert_eq!(value(&cells.finish()[0].values, 0), Value::Null);
    }
}
