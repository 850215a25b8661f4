//! Columns to Arrow arrays.

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String, vec::Vec};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, GenericByteArray, Int32Array, Int64Array,
    TimestampMicrosecondArray,
    builder::BooleanBufferBuilder,
    types::{BinaryType, ByteArrayType, LargeBinaryType, LargeUtf8Type, Utf8Type},
};
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, TimeUnit};

use super::{SKELETON, has_nanos, malformed, nanos_name};
use crate::{
    batch::Batch,
    column::{Column, NULL, Strings},
    error::{Error, Kind, Result, Stage},
};

/// What of a batch an array holds.
enum Part<'a> {
    Column(&'a Column),
    Nanos(&'a Column),
    Skeletons,
}

/// The arrays of a batch for the given target fields, found by name; `None` where the batch has no such column.
///
/// A batch's learned fields are none: their values are in the skeletons. An array is of its target's type: any of the string or binary types with offsets for strings, otherwise the
/// type that [`super::data_type`] gives.
pub fn arrays(batch: &Batch, targets: &[impl AsRef<Field>]) -> Result<Vec<Option<ArrayRef>>> {
    // Declared columns are the same with and without learned ones beside them; skeletons are not, and cost a rendering.
    let has_skeletons = targets.iter().any(|target| target.as_ref().name() == SKELETON);
    let declared = if has_skeletons { batch.declared_only()? } else { Cow::Borrowed(batch) };
    let batch = &*declared;
    let mut parts: BTreeMap<String, Part<'_>> = BTreeMap::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()).take(batch.declared()) {
        parts.insert(field.column.clone(), Part::Column(column));
        if has_nanos(&field.encoding) {
            parts.insert(nanos_name(&field.column), Part::Nanos(column));
        }
    }
    parts.insert(SKELETON.into(), Part::Skeletons);
    let array = |target: &Field| match parts.get(target.name()) {
        None => Ok(None),
        Some(Part::Column(column)) => column_array(column, target).map(Some),
        Some(Part::Nanos(column)) => nanos_array(column, target).map(Some),
        Some(Part::Skeletons) => {
            let skeletons = batch.skeletons();
            strings_array(&skeletons.dictionary, &skeletons.ids, target).map(Some)
        }
    };
    targets.iter().map(|target| array(target.as_ref())).collect()
}

fn column_array(column: &Column, target: &Field) -> Result<ArrayRef> {
    match (column, target.data_type()) {
        (Column::Integers { values, valid }, DataType::Int64) => {
            Ok(Arc::new(Int64Array::new(ScalarBuffer::from(values.clone()), nulls(valid))))
        }
        (Column::Numbers { values, valid }, DataType::Float64) => {
            Ok(Arc::new(Float64Array::new(ScalarBuffer::from(values.clone()), nulls(valid))))
        }
        (Column::Booleans { values, valid }, DataType::Boolean) => {
            Ok(Arc::new(BooleanArray::new(values.as_slice().into(), nulls(valid))))
        }
        (Column::Timestamps { micros, valid, .. }, DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            let array = TimestampMicrosecondArray::new(ScalarBuffer::from(micros.clone()), nulls(valid));
            Ok(Arc::new(array.with_timezone_opt(zone.clone())))
        }
        (Column::Strings { dictionary, ids }, _) => strings_array(dictionary, ids, target),
        _ => Err(unexpected(target)),
    }
}

fn nanos_array(column: &Column, target: &Field) -> Result<ArrayRef> {
    match (column, target.data_type()) {
        // Nanoseconds that are all zero are all null: nothing to store.
        (Column::Timestamps { nanos, valid, .. }, DataType::Int32) if nanos.is_empty() => {
            Ok(Arc::new(Int32Array::new_null(valid.len())))
        }
        (Column::Timestamps { nanos, valid, .. }, DataType::Int32) => {
            let values: Vec<i32> = nanos.iter().map(|&n| i32::from(n)).collect();
            Ok(Arc::new(Int32Array::new(ScalarBuffer::from(values), nulls(valid))))
        }
        _ => Err(unexpected(target)),
    }
}

fn strings_array(dictionary: &Strings, ids: &[u32], target: &Field) -> Result<ArrayRef> {
    match target.data_type() {
        DataType::Utf8 => bytes_array::<Utf8Type>(dictionary, ids, target),
        DataType::LargeUtf8 => bytes_array::<LargeUtf8Type>(dictionary, ids, target),
        DataType::Binary => bytes_array::<BinaryType>(dictionary, ids, target),
        DataType::LargeBinary => bytes_array::<LargeBinaryType>(dictionary, ids, target),
        _ => Err(unexpected(target)),
    }
}

fn bytes_array<T: ByteArrayType>(dictionary: &Strings, ids: &[u32], target: &Field) -> Result<ArrayRef> {
    let strings = || ids.iter().map(|&id| dictionary.get(id as usize).unwrap_or_default());
    let mut bytes = Vec::with_capacity(strings().map(<[u8]>::len).sum());
    let mut offsets = Vec::with_capacity(ids.len() + 1);
    offsets.push(T::Offset::usize_as(0));
    for string in strings() {
        bytes.extend_from_slice(string);
        offsets.push(T::Offset::from_usize(bytes.len()).ok_or_else(|| {
            let detail = format!("column {}: under 2 GiB of text a batch expected, split it", target.name());
            Error::with(Kind::Limit, Stage::Column, bytes.len(), detail)
        })?);
    }
    let valid: Vec<bool> = ids.iter().map(|&id| id != NULL).collect();
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let array = GenericByteArray::<T>::try_new(offsets, Buffer::from(bytes), nulls(&valid));
    Ok(Arc::new(array.map_err(|e| malformed(format!("column {}: {e}", target.name())))?))
}

fn nulls(valid: &[bool]) -> Option<NullBuffer> {
    if valid.iter().all(|&v| v) {
        return None;
    }
    let mut bits = BooleanBufferBuilder::new(valid.len());
    bits.append_slice(valid);
    Some(NullBuffer::new(bits.finish()))
}

fn unexpected(target: &Field) -> Error {
    malformed(format!("column {}: its encoding has no {} array", target.name(), target.data_type()))
}
