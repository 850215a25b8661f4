//! Numbers: integers stay integers.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, Float64Array, Int64Array},
        datatypes::{DataType, Int64Type},
    },
    common::{
        Result,
        cast::{as_float64_array, as_int64_array},
    },
};

use super::udf::{Arg, Function, Returns, arg, fail};

const SAME: Returns = Returns::Arg(0);

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("ceil", &[Arg::Number], SAME, |args| either(args, |v| v, f64::ceil)),
    || Function::new("ceiling", &[Arg::Number], SAME, |args| either(args, |v| v, f64::ceil)),
    || Function::new("floor", &[Arg::Number], SAME, |args| either(args, |v| v, f64::floor)),
    || Function::new("sign", &[Arg::Number], SAME, |args| either(args, i64::signum, sign)),
    || Function::new("round", &[Arg::Number, Arg::Bigint], SAME, round).required(1),
    || Function::new("mod", &[Arg::Number, Arg::Number], Returns::Wider, modulo),
    || Function::new("pow", &[Arg::Double, Arg::Double], Returns::Always(|| DataType::Float64), power),
    || Function::new("power", &[Arg::Double, Arg::Double], Returns::Always(|| DataType::Float64), power),
];

fn either(args: &[ArrayRef], integer: fn(i64) -> i64, double: fn(f64) -> f64) -> Result<ArrayRef> {
    let values = arg(args, 0)?;
    Ok(match values.as_primitive_opt::<Int64Type>() {
        Some(values) => Arc::new(values.iter().map(|v| v.map(integer)).collect::<Int64Array>()),
        None => Arc::new(as_float64_array(values)?.iter().map(|v| v.map(double)).collect::<Float64Array>()),
    })
}

fn sign(v: f64) -> f64 {
    if v == 0.0 || v.is_nan() { v } else { v.signum() }
}

/// Halves away from zero; with a negative number of decimals to tens, hundreds and so on.
fn round(args: &[ArrayRef]) -> Result<ArrayRef> {
    let values = arg(args, 0)?;
    let decimals = args.get(1).map(|a| as_int64_array(a)).transpose()?;
    let places = |row: usize| match decimals {
        None => Some(0),
        Some(decimals) => decimals.is_valid(row).then(|| decimals.value(row).clamp(-400, 400) as i32),
    };
    if let Some(values) = values.as_primitive_opt::<Int64Type>() {
        let row = |(row, v): (usize, Option<i64>)| Some(round_integer(v?, places(row)?));
        return Ok(Arc::new(values.iter().enumerate().map(row).collect::<Int64Array>()));
    }
    let row = |(row, v): (usize, Option<f64>)| {
        let (v, places) = (v?, places(row)?);
        let scale = 10f64.powi(places);
        let rounded = (v * scale).round() / scale;
        Some(if rounded.is_finite() {
            rounded
        } else if places > 0 {
            v
        } else {
            0.0
        })
    };
    Ok(Arc::new(as_float64_array(values)?.iter().enumerate().map(row).collect::<Float64Array>()))
}

fn round_integer(v: i64, places: i32) -> i64 {
    match 10i128.checked_pow(places.min(0).unsigned_abs()) {
        Some(scale) => {
            let half = if v < 0 { -scale / 2 } else { scale / 2 };
            let rounded = (i128::from(v) + if scale == 1 { 0 } else { half }) / scale * scale;
            i64::try_from(rounded).unwrap_or(v)
        }
        None => 0,
    }
}

fn modulo(args: &[ArrayRef]) -> Result<ArrayRef> {
    let (left, right) = (arg(args, 0)?, arg(args, 1)?);
    if let (Some(left), Some(right)) =
        (left.as_primitive_opt::<Int64Type>(), right.as_primitive_opt::<Int64Type>())
    {
        let values = left.iter().zip(right).map(|pair| match pair {
            (Some(_), Some(0)) => Err(fail("mod: division by zero")),
            (Some(left), Some(right)) => Ok(Some(left.wrapping_rem(right))),
            _ => Ok(None),
        });
        return Ok(Arc::new(values.collect::<Result<Int64Array>>()?));
    }
    let double = |a: &ArrayRef| datafusion::arrow::compute::cast(a, &DataType::Float64);
    let (left, right) = (double(left)?, double(right)?);
    let values = as_float64_array(&left)?.iter().zip(as_float64_array(&right)?).map(|(l, r)| Some(l? % r?));
    Ok(Arc::new(values.collect::<Float64Array>()))
}

fn power(args: &[ArrayRef]) -> Result<ArrayRef> {
    let values = as_float64_array(arg(args, 0)?)?.iter().zip(as_float64_array(arg(args, 1)?)?);
    Ok(Arc::new(values.map(|(base, exponent)| Some(base?.powf(exponent?))).collect::<Float64Array>()))
}
