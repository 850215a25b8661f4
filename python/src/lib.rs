//! Fidelog's codec in Python. Each function converts, releases the GIL, calls the codec once and maps the error.

mod block;
mod error;
mod payload;

use std::sync::Arc;

use fidelog_codec::{Level, Limits, Schema};
use pyo3::{prelude::*, pybacked::PyBackedBytes, types::PyBytes};

use crate::{
    block::Block,
    error::{decoding, encoding},
    payload::Payload,
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

/// Encodes records as one payload, under a schema document or one that is inferred from them.
#[pyfunction]
#[pyo3(signature = (records, schema = None, *, level = "default"))]
fn encode<'py>(
    py: Python<'py>,
    records: &Bound<'py, PyAny>,
    schema: Option<&str>,
    level: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let records = records.try_iter()?.map(|r| Ok(r?.extract()?)).collect::<PyResult<Vec<PyBackedBytes>>>()?;
    let payload = py.detach(|| {
        let level: Level = level.parse()?;
        let records = || records.iter().map(|record| &**record);
        let schema = schema.map_or_else(|| Ok(Schema::infer(records()).schema), Schema::from_json)?;
        Ok(fidelog_codec::encode(&Arc::new(schema), records(), level))
    });
    payload.map(|payload| PyBytes::new(py, &payload)).map_err(|error| encoding(py, &error))
}

#[pymodule]
fn _fidelog(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<error::Error>())?;
    module.add("DecodeError", module.py().get_type::<error::DecodeError>())?;
    module.add_class::<Block>()?;
    module.add_function(wrap_pyfunction!(decode, module)?)?;
    module.add_function(wrap_pyfunction!(unpack, module)?)?;
    module.add_function(wrap_pyfunction!(encode, module)?)?;
    Ok(())
}
