//! Arrays, maps and rows become JSON text.

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, OffsetSizeTrait},
        compute::cast,
        datatypes::{DataType, Float64Type},
        util::display::array_value_to_string,
    },
    common::Result,
};

/// The rows' JSON texts.
pub(super) fn json(array: &ArrayRef) -> Result<Vec<Option<Vec<u8>>>> {
    let row = |row| {
        array
            .is_valid(row)
            .then(|| {
                let mut text = Vec::new();
                put(array, row, &mut text).map(|()| text)
            })
            .transpose()
    };
    (0..array.len()).map(row).collect()
}

fn put(array: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
    if !array.is_valid(row) {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    match array.data_type() {
        DataType::List(_) => put_list::<i32>(array, row, out),
        DataType::LargeList(_) => put_list::<i64>(array, row, out),
        DataType::FixedSizeList(..) => put_items(&array.as_fixed_size_list().value(row), out),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let [keys, values] = entries.columns() else { return Ok(()) };
            put_members(entries.len(), out, |i, out| {
                put_text(&array_value_to_string(keys, i)?, out);
                out.push(b':');
                put(values, i, out)
            })
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            put_members(fields.len(), out, |i, out| {
                let (Some(field), Some(column)) = (fields.get(i), columns.get(i)) else { return Ok(()) };
                put_text(field.name(), out);
                out.push(b':');
                put(column, row, out)
            })
        }
        DataType::Boolean => {
            out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" });
            Ok(())
        }
        data_type if data_type.is_floating() => {
            let value = cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().value(row);
            match serde_json::Number::from_f64(value) {
                Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
                None => put_text(&value.to_string(), out),
            }
            Ok(())
        }
        data_type => {
            let text = array_value_to_string(array, row)?;
            if data_type.is_numeric() {
                out.extend_from_slice(text.as_bytes());
            } else {
                put_text(&text, out);
            }
            Ok(())
        }
    }
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a vector cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn put_list<O: OffsetSizeTrait>(array: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<()> {
    put_items(&array.as_list::<O>().value(row), out)
}

fn put_items(items: &ArrayRef, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'[');
    for i in 0..items.len() {
        if i > 0 {
            out.push(b',');
        }
        put(items, i, out)?;
    }
    out.push(b']');
    Ok(())
}

fn put_members(
    count: usize,
    out: &mut Vec<u8>,
    mut put: impl FnMut(usize, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    out.push(b'{');
    for i in 0..count {
        if i > 0 {
            out.push(b',');
        }
        put(i, out)?;
    }
    out.push(b'}');
    Ok(())
}
