//! Fidelog's codec in Python. Each function converts, releases the GIL, calls the codec once and maps the error.

mod arrow;
mod block;
mod error;
mod payload;
mod records;
mod schema;

use std::sync::Arc;

use fidelog_codec::{Level, Limits};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    block::Block,
    error::{decoding, encoding},
    payload::Payload,
    schema::{Given, Schema, bytes_of},
};

/// Decodes a payload (a block or a `.fdl` file; `str` is base64).
#[pyfunction]
fn decode(py: Python<'_>, payload: Payload) -> PyResult<Block> {
    let block = py.detach(|| fidelog_codec::decode(&payload.bytes()?, &Limits::default()));
    block.map(Block::from).map_err(|error| decoding(py, &error))
}

/// Gives a packed file back, byte for byte.
#[pyfunction]
fn unpack<'py>(py: Python<'py>, payload: Payload) -> PyResult<Bound<'py, PyBytes>> {
    let file = py.detach(|| fidelog_codec::unpack(&payload.bytes()?, &Limits::default()));
    file.map(|file| PyBytes::new(py, &file)).map_err(|error| decoding(py, &error))
}

/// Encodes records as one payload, under a schema or one that is inferred from them.
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
    let schema = match schema {
        None => None,
        Some(Given::Schema(schema)) => Some(Arc::clone(&schema.0)),
        Some(Given::Json(json)) => {
            Some(Arc::new(fidelog_codec::Schema::from_json(&json).map_err(|error| encoding(py, &error))?))
        }
    };
    let payload = py.detach(|| {
        let records = || records.iter().map(|record| &**record);
        let schema = schema.unwrap_or_else(|| Arc::new(fidelog_codec::Schema::infer(records()).schema));
        fidelog_codec::encode(&schema, records(), level)
    });
    Ok(PyBytes::new(py, &payload))
}

#[pymodule]
fn _fidelog(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<error::Error>())?;
    module.add("DecodeError", module.py().get_type::<error::DecodeError>())?;
    module.add("EncodeError", module.py().get_type::<error::EncodeError>())?;
    module.add_class::<Block>()?;
    module.add_class::<Schema>()?;
    module.add_class::<records::Records>()?;
    module.add_class::<arrow::Stream>()?;
    module.add_function(wrap_pyfunction!(decode, module)?)?;
    module.add_function(wrap_pyfunction!(unpack, module)?)?;
    module.add_function(wrap_pyfunction!(encode, module)?)?;
    Ok(())
}
