//! Arrays.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, BooleanArray, Int64Array, UInt64Array},
        compute::{cast, kernels::cmp, take},
        datatypes::DataType,
    },
    common::{
        Result,
        cast::{as_int64_array, as_list_array},
    },
};

use super::udf::{Arg, Function, Returns, arg, fail};

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("cardinality", &[Arg::Array], Returns::Always(|| DataType::Int64), cardinality),
    || Function::new("contains", &[Arg::Array, Arg::Any], Returns::Always(|| DataType::Boolean), contains),
    || Function::new("element_at", &[Arg::Array, Arg::Bigint], Returns::Item, element_at),
];

fn cardinality(args: &[ArrayRef]) -> Result<ArrayRef> {
    let lists = as_list_array(arg(args, 0)?)?;
    let lengths = (0..lists.len()).map(|row| lists.is_valid(row).then(|| i64::from(lists.value_length(row))));
    Ok(Arc::new(lengths.collect::<Int64Array>()))
}

/// Null if nothing equals it but an element is null.
fn contains(args: &[ArrayRef]) -> Result<ArrayRef> {
    let lists = as_list_array(arg(args, 0)?)?;
    let wanted = cast(arg(args, 1)?, lists.values().data_type())?;
    let row = |row: usize| {
        if lists.is_null(row) || wanted.is_null(row) {
            return Ok(None);
        }
        let items = lists.value(row);
        let one = UInt64Array::from(vec![row as u64; items.len()]);
        let equal = cmp::eq(&items, &take(&wanted, &one, None)?)?;
        let found = equal.true_count() > 0;
        Ok((found || equal.null_count() == 0).then_some(found))
    };
    Ok(Arc::new((0..lists.len()).map(row).collect::<Result<BooleanArray>>()?))
}

/// Counts from 1, or from the end if negative; null beyond either end.
fn element_at(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (lists, at) = (as_list_array(arg(args, 0)?)?, as_int64_array(arg(args, 1)?)?);
    let row = |row: usize| {
        if lists.is_null(row) || at.is_null(row) {
            return Ok(None);
        }
        let (start, length) =
            (i64::from(*lists.value_offsets().get(row).unwrap_or(&0)), i64::from(lists.value_length(row)));
        let index = match at.value(row) {
            0 => return Err(fail("element_at: the index must not be 0, elements count from 1")),
            n @ 1.. => n - 1,
            n => length + n,
        };
        Ok((0..length).contains(&index).then_some((start + index) as u64))
    };
    let indices = (0..lists.len()).map(row).collect::<Result<UInt64Array>>()?;
    Ok(take(lists.values(), &indices, None)?)
}
