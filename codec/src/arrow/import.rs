//! Arrow arrays to columns.

use alloc::{collections::BTreeMap, format, sync::Arc, vec, vec::Vec};

use arrow_array::{
    Array, ArrowPrimitiveType, RecordBatch,
    cast::AsArray,
    types::{
        Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};

use super::{SKELETON, has_nanos, malformed, nanos_name};
use crate::{
    batch::{Batch, Skeletons},
    column::{Column, NULL, Strings},
    encoding::Encoding,
    error::Result,
    intern::Interner,
    schema::Schema,
};

/// Puts the records of a record batch together again; its columns are found by name, all others ignored.
pub fn batch(schema: &Arc<Schema>, record_batch: &RecordBatch) -> Result<Batch> {
    let names = record_batch.schema_ref().fields().iter().map(|f| f.name().as_str());
    let by_name: BTreeMap<&str, &dyn Array> =
        names.zip(record_batch.columns().iter().map(|a| a.as_ref())).collect();
    let find = |name: &str| {
        by_name.get(name).copied().ok_or_else(|| malformed(format!("column {name} expected, there is none")))
    };
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let nanos = if has_nanos(&field.encoding) { Some(find(&nanos_name(&field.column))?) } else { None };
        let column = column(&field.encoding, find(&field.column)?, nanos);
        columns.push(column.map_err(|e| malformed(format!("column {}: {}", field.column, e.detail)))?);
    }
    Batch::from_parts(Arc::clone(schema), columns, skeletons(find(SKELETON)?)?)
}

/// An array as the column of a field with this encoding.
///
/// Takes integers and floats of any width, times of any unit with or without a zone (`nanos` holds what lies below
/// their microseconds), and strings or bytes however they are laid out, dictionaries included.
pub fn column(encoding: &Encoding, array: &dyn Array, nanos: Option<&dyn Array>) -> Result<Column> {
    match encoding {
        Encoding::Integer => {
            let (values, valid) = integers(array)?;
            Ok(Column::Integers { values, valid })
        }
        Encoding::Number { .. } => {
            let (values, valid) = match array.data_type() {
                DataType::Float64 => primitives::<Float64Type, _>(array, Some)?,
                DataType::Float32 => primitives::<Float32Type, _>(array, |v| Some(f64::from(v)))?,
                other => return Err(not_from(other, "numbers")),
            };
            Ok(Column::Numbers { values, valid })
        }
        Encoding::Boolean => {
            let array = array.as_boolean_opt().ok_or_else(|| not_from(array.data_type(), "booleans"))?;
            let valid = valid(array);
            let values = array.values().iter().zip(&valid).map(|(v, &valid)| v && valid).collect();
            Ok(Column::Booleans { values, valid })
        }
        Encoding::Timestamp { .. } => timestamps(array, nanos),
        Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => {
            let (dictionary, ids) = strings(array)?;
            Ok(Column::Strings { dictionary, ids })
        }
    }
}

/// An array of skeletons; a null is the default one.
pub fn skeletons(array: &dyn Array) -> Result<Skeletons> {
    let (dictionary, ids) = strings(array)?;
    Ok(Skeletons { dictionary, ids })
}

fn integers(array: &dyn Array) -> Result<(Vec<i64>, Vec<bool>)> {
    match array.data_type() {
        DataType::Int64 => primitives::<Int64Type, _>(array, Some),
        DataType::Int32 => primitives::<Int32Type, _>(array, |v| Some(i64::from(v))),
        DataType::Int16 => primitives::<Int16Type, _>(array, |v| Some(i64::from(v))),
        DataType::Int8 => primitives::<Int8Type, _>(array, |v| Some(i64::from(v))),
        DataType::UInt64 => primitives::<UInt64Type, _>(array, |v| i64::try_from(v).ok()),
        DataType::UInt32 => primitives::<UInt32Type, _>(array, |v| Some(i64::from(v))),
        DataType::UInt16 => primitives::<UInt16Type, _>(array, |v| Some(i64::from(v))),
        DataType::UInt8 => primitives::<UInt8Type, _>(array, |v| Some(i64::from(v))),
        other => Err(not_from(other, "integers")),
    }
}

fn timestamps(array: &dyn Array, below: Option<&dyn Array>) -> Result<Column> {
    let DataType::Timestamp(unit, _) = array.data_type() else {
        return Err(not_from(array.data_type(), "timestamps"));
    };
    let (micros, valid) = match unit {
        TimeUnit::Second => primitives::<TimestampSecondType, _>(array, |v| v.checked_mul(1_000_000))?,
        TimeUnit::Millisecond => primitives::<TimestampMillisecondType, _>(array, |v| v.checked_mul(1_000))?,
        TimeUnit::Microsecond => primitives::<TimestampMicrosecondType, _>(array, Some)?,
        TimeUnit::Nanosecond => {
            primitives::<TimestampNanosecondType, _>(array, |v| Some(v.div_euclid(1_000)))?
        }
    };
    let mut nanos: Vec<u16> = match (unit, below) {
        (TimeUnit::Nanosecond, _) => {
            primitives::<TimestampNanosecondType, _>(array, |v| u16::try_from(v.rem_euclid(1_000)).ok())?.0
        }
        (_, Some(below)) => {
            let (nanos, _) = integers(below)?;
            let narrow = nanos.into_iter().map(|n| u16::try_from(n).ok().filter(|&n| n < 1_000));
            narrow
                .collect::<Option<_>>()
                .ok_or_else(|| malformed("nanoseconds between 0 and 999 expected".into()))?
        }
        _ => Vec::new(),
    };
    // As a batch split from records has it: no nanoseconds at all where there is none.
    if nanos.iter().all(|&n| n == 0) {
        nanos.clear();
    }
    Ok(Column::Timestamps { micros, nanos, valid })
}

/// The values, zero where null, each converted; `None` from the conversion is a value out of range.
fn primitives<T: ArrowPrimitiveType, V: Default>(
    array: &dyn Array,
    convert: impl Fn(T::Native) -> Option<V>,
) -> Result<(Vec<V>, Vec<bool>)> {
    let array = array.as_primitive_opt::<T>().ok_or_else(|| not_from(array.data_type(), "values"))?;
    let valid = valid(array);
    let values = array
        .values()
        .iter()
        .zip(&valid)
        .map(|(&v, &valid)| if valid { convert(v) } else { Some(V::default()) });
    let values = values.collect::<Option<Vec<V>>>();
    Ok((values.ok_or_else(|| malformed(format!("a {} is out of range", array.data_type())))?, valid))
}

fn valid(array: &dyn Array) -> Vec<bool> {
    match array.nulls() {
        None => vec![true; array.len()],
        Some(nulls) => nulls.iter().collect(),
    }
}

/// Distinct strings in order of first use, and an id a row.
fn strings(array: &dyn Array) -> Result<(Strings, Vec<u32>)> {
    let mut distinct = Interner::default();
    let ids: Vec<u32> = match array.data_type() {
        DataType::Utf8 => ids(&mut distinct, array.as_string::<i32>().iter().map(|s| s.map(str::as_bytes))),
        DataType::LargeUtf8 => {
            ids(&mut distinct, array.as_string::<i64>().iter().map(|s| s.map(str::as_bytes)))
        }
        DataType::Utf8View => ids(&mut distinct, array.as_string_view().iter().map(|s| s.map(str::as_bytes))),
        DataType::Binary => ids(&mut distinct, array.as_binary::<i32>().iter()),
        DataType::LargeBinary => ids(&mut distinct, array.as_binary::<i64>().iter()),
        DataType::BinaryView => ids(&mut distinct, array.as_binary_view().iter()),
        DataType::FixedSizeBinary(_) => ids(&mut distinct, array.as_fixed_size_binary().iter()),
        DataType::Null => vec![NULL; array.len()],
        DataType::Dictionary(_, _) => return dictionary(array),
        other => return Err(not_from(other, "strings")),
    };
    match u32::try_from(distinct.strings.bytes.len()) {
        Ok(_) => Ok((distinct.strings, ids)),
        Err(_) => Err(malformed("under 4 GiB of distinct strings a batch expected, split it".into())),
    }
}

/// A dictionary's values are hashed once each, not once a row.
fn dictionary(array: &dyn Array) -> Result<(Strings, Vec<u32>)> {
    let Some(array) = array.as_any_dictionary_opt() else {
        return Err(not_from(array.data_type(), "strings"));
    };
    let (values, of_value) = strings(array.values())?;
    if of_value.is_empty() {
        return Ok((values, vec![NULL; array.len()]));
    }
    let mut used = Strings::default();
    let mut renumbered = vec![NULL; values.len()];
    let mut ids = Vec::with_capacity(array.len());
    for (row, key) in array.normalized_keys().into_iter().enumerate() {
        let id = of_value.get(key).copied().unwrap_or(NULL);
        let slot = renumbered.get_mut(id as usize).filter(|_| array.is_valid(row));
        ids.push(match slot {
            None => NULL,
            Some(slot) => {
                if *slot == NULL {
                    *slot = used.len() as u32;
                    used.push(values.get(id as usize).unwrap_or_default());
                }
                *slot
            }
        });
    }
    Ok((used, ids))
}

fn ids<'a>(distinct: &mut Interner, rows: impl Iterator<Item = Option<&'a [u8]>>) -> Vec<u32> {
    rows.map(|row| row.map_or(NULL, |string| distinct.id(string))).collect()
}

fn not_from(found: &DataType, wanted: &str) -> crate::error::Error {
    malformed(format!("{wanted} expected, found an array of {found}"))
}
