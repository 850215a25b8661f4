//! Bytes and their hex spelling.

use std::{fmt::Write, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, BinaryArray, StringArray},
        datatypes::DataType,
    },
    common::{
        Result,
        cast::{as_binary_array, as_string_array},
    },
};

use super::udf::{Arg, Function, Returns, arg, fail};

pub(super) const FUNCTIONS: &[fn() -> Function] = &[
    || Function::new("to_hex", &[Arg::Varbinary], Returns::Always(|| DataType::Utf8), to_hex),
    || Function::new("from_hex", &[Arg::Varchar], Returns::Always(|| DataType::Binary), from_hex),
];

fn to_hex(args: &[ArrayRef]) -> Result<ArrayRef> {
    let hex = as_binary_array(arg(args, 0)?)?.iter().map(|bytes| {
        bytes.map(|bytes| {
            bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02X}");
                hex
            })
        })
    });
    Ok(Arc::new(hex.collect::<StringArray>()))
}

fn from_hex(args: &[ArrayRef]) -> Result<ArrayRef> {
    let bytes = as_string_array(arg(args, 0)?)?.iter().map(|hex| hex.map(unhex).transpose());
    Ok(Arc::new(bytes.collect::<Result<BinaryArray>>()?))
}

fn unhex(hex: &str) -> Result<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => {
            let digit = |c: u8| char::from(c).to_digit(16);
            Some((digit(*high)? << 4 | digit(*low)?) as u8)
        }
        _ => None,
    });
    digits
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| fail(format!("from_hex: {hex:?} is not pairs of hex digits")))
}
