//! Fidelog's codec in Python. Each function converts, releases the GIL, calls the codec once and maps the error.

mod arrow;
mod block;
mod doubles;
mod error;
mod lines;
mod payload;
mod records;
mod rendering;
mod schema;

use std::sync::Arc;

use fidelog_codec::{Level, Limits, error::Result};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    block::Block,
    doubles::Doubles,
    error::{decoding, encoding},
    payload::Payload,
    schema::{Given, Schema, bytes_of, reduced, warn},
};

/// Decodes a payload (a block or a `.fdl` file; `str` is base64) of at most `max_bytes` of columns, and of records.
#[pyfunction]
#[pyo3(signature = (payload, *, max_bytes = Limits::default().max_bytes), text_signature = "(payload, *, max_bytes=4294967296)")]
fn decode(py: Python<'_>, payload: Payload, max_bytes: usize) -> PyResult<Block> {
    decoded(py, &payload, max_bytes, |_| Ok(Doubles::default()))
}

/// Decodes a payload of a query's rows, which are no records: the texts NaN and Infinity in a number column are numbers.
#[pyfunction]
fn decode_rows(py: Python<'_>, payload: Payload) -> PyResult<Block> {
    decoded(py, &payload, Limits::default().max_bytes, Doubles::of)
}

fn decoded(
    py: Python<'_>,
    payload: &Payload,
    max_bytes: usize,
    doubles: fn(&fidelog_codec::Block) -> Result<Doubles>,
) -> PyResult<Block> {
    let limits = Limits { max_bytes, ..Limits::default() };
    let block = py.detach(|| {
        let block = fidelog_codec::decode(&payload.bytes()?, &limits)?;
        let doubles = doubles(&block)?;
        Ok((block, doubles))
    });
    let (block, doubles) = block.map_err(|error| decoding(py, &error))?;
    Ok(Block { inner: Arc::new(block), doubles: Arc::new(doubles), max_bytes })
}

/// Gives a packed file of at most `max_bytes` back, byte for byte.
#[pyfunction]
#[pyo3(signature = (payload, *, max_bytes = Limits::default().max_bytes), text_signature = "(payload, *, max_bytes=4294967296)")]
fn unpack<'py>(py: Python<'py>, payload: Payload, max_bytes: usize) -> PyResult<Bound<'py, PyBytes>> {
    let limits = Limits { max_bytes, ..Limits::default() };
    let file = py.detach(|| fidelog_codec::unpack(&payload.bytes()?, &limits));
    file.map(|file| PyBytes::new(py, &file)).map_err(|error| decoding(py, &error))
}

/// Encodes records as one payload, under a schema or one that is inferred from them.
///
/// A schema that leaves something out (`Schema.reduction`) is obeyed, with a `ReductionWarning` that says so.
#[pyfunction]
#[pyo3(signature = (records, schema = None, *, level = "default"))]
fn encode<'py>(
    py: Python<'py>,
    records: &Bound<'py, PyAny>,
    schema: Option<Given<'py>>,
    level: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let level: Level = level.parse().map_err(|error| encoding(py, &error))?;
    let records = bytes_of(records)?;
    let schema = schema.map(|schema| schema.read(py)).transpose()?;
    if let Some(reduction) = schema.as_ref().and_then(|schema| schema.reduction()) {
        warn(py, reduction)?;
    }
    let payload = py.detach(|| {
        let records = || records.iter().map(|record| &**record);
        let schema = schema.unwrap_or_else(|| Arc::new(fidelog_codec::Schema::infer(records()).schema));
        match schema.reduction() {
            None => fidelog_codec::encode(&schema, records(), level),
            Some(reduction) => {
                let left: Vec<Vec<u8>> = records().map(|record| reduced(reduction, record)).collect();
                fidelog_codec::encode(&schema, left.iter().map(Vec::as_slice), level)
            }
        }
    });
    Ok(PyBytes::new(py, &payload))
}

#[pymodule]
fn _fidelog(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<error::Error>())?;
    module.add("DecodeError", module.py().get_type::<error::DecodeError>())?;
    module.add("EncodeError", module.py().get_type::<error::EncodeError>())?;
    module.add("ReductionWarning", module.py().get_type::<error::ReductionWarning>())?;
    module.add_class::<Block>()?;
    module.add_class::<Schema>()?;
    module.add_class::<records::Records>()?;
    module.add_class::<arrow::Stream>()?;
    module.add_function(wrap_pyfunction!(decode, module)?)?;
    module.add_function(wrap_pyfunction!(decode_rows, module)?)?;
    module.add_function(wrap_pyfunction!(unpack, module)?)?;
    module.add_function(wrap_pyfunction!(encode, module)?)?;
    Ok(())
}
