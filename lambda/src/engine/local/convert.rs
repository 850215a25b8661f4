//! Arrow arrays become typed columns.

use std::collections::HashMap;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray},
        compute::{cast, concat},
        datatypes::{
            DataType, Date32Type, Field, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
        },
        util::display::array_value_to_string,
    },
    common::Result,
};
use fidelog_codec::column::{Column, NULL, Strings};

use super::{functions::JSON_MARK, nested};
use crate::engine::{Kind, Typed};

/// A result's column from its pieces.
pub(super) fn column(field: &Field, pieces: &[&ArrayRef]) -> Result<Typed> {
    let pieces: Vec<&dyn Array> = pieces.iter().map(|piece| piece.as_ref()).collect();
    let array = match pieces.as_slice() {
        [] => datafusion::arrow::array::new_empty_array(field.data_type()),
        pieces => concat(pieces)?,
    };
    let is_json = field.metadata().get(JSON_MARK.0).is_some_and(|mark| mark == JSON_MARK.1);
    typed(&array, is_json)
}

fn valid(array: &dyn Array) -> Vec<bool> {
    (0..array.len()).map(|row| array.is_valid(row)).collect()
}

fn typed(array: &ArrayRef, is_json: bool) -> Result<Typed> {
    let (kind, values) = match array.data_type() {
        DataType::Boolean => {
            let values = array.as_boolean().iter().map(Option::unwrap_or_default).collect();
            (Kind::Boolean, Column::Booleans { values, valid: valid(array) })
        }
        data_type if data_type.is_integer() => {
            let array = cast(array, &DataType::Int64)?;
            let values = array.as_primitive::<Int64Type>().iter().map(Option::unwrap_or_default).collect();
            (Kind::Bigint, Column::Integers { values, valid: valid(&array) })
        }
        data_type if data_type.is_floating() => {
            let array = cast(array, &DataType::Float64)?;
            let values = array.as_primitive::<Float64Type>().iter().map(Option::unwrap_or_default).collect();
            (Kind::Double, Column::Numbers { values, valid: valid(&array) })
        }
        DataType::Timestamp(_, zone) => {
            let array = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
            let micros = array
                .as_primitive::<TimestampMicrosecondType>()
                .iter()
                .map(Option::unwrap_or_default)
                .collect();
            (Kind::Timestamp, Column::Timestamps { micros, nanos: Vec::new(), valid: valid(&array) })
        }
        DataType::Date32 | DataType::Date64 => {
            let array = cast(array, &DataType::Date32)?;
            let values = array
                .as_primitive::<Date32Type>()
                .iter()
                .map(|days| days.unwrap_or_default().into())
                .collect();
            (Kind::Date, Column::Integers { values, valid: valid(&array) })
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            let array = cast(array, &DataType::LargeBinary)?;
            (Kind::Varbinary, strings(array.as_binary::<i64>().iter()))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            let array = cast(array, &DataType::LargeUtf8)?;
            let kind = if is_json { Kind::Json } else { Kind::Varchar };
            (kind, strings(array.as_string::<i64>().iter().map(|text| text.map(str::as_bytes))))
        }
        DataType::Dictionary(_, value) => return typed(&cast(array, value)?, is_json),
        data_type if data_type.is_nested() => {
            (Kind::Json, strings(nested::json(array)?.iter().map(Option::as_deref)))
        }
        data_type => {
            let kind = if data_type.is_numeric() { Kind::Decimal } else { Kind::Varchar };
            let text = |row| array.is_valid(row).then(|| array_value_to_string(array, row)).transpose();
            let texts = (0..array.len()).map(text).collect::<std::result::Result<Vec<_>, _>>()?;
            (kind, strings(texts.iter().map(|text| text.as_deref().map(str::as_bytes))))
        }
    };
    Ok(Typed { kind, values })
}

fn strings<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> Column {
    let mut known: HashMap<&[u8], u32> = HashMap::new();
    let (mut dictionary, mut ids) = (Strings::default(), Vec::new());
    for value in values {
        ids.push(match value {
            None => NULL,
            Some(value) => *known.entry(value).or_insert_with(|| {
                dictionary.push(value);
                dictionary.len() as u32 - 1
            }),
        });
    }
    Column::Strings { dictionary, ids }
}
