//! A decoded payload in Python.

use std::sync::Arc;

use fidelog_codec::{
    Limits,
    batch::Batch,
    encoding::{Encoding, Value},
    schema::Field,
};
use pyo3::{
    exceptions::PyKeyError,
    prelude::*,
    types::{PyBytes, PyCapsule},
};

use crate::{
    arrow::{self, Times},
    error::decoding,
    records::Records,
};

/// A decoded payload. `len(block)` is its number of records.
#[pyclass(frozen, module = "fidelog")]
pub struct Block(pub Arc<fidelog_codec::Block>);

impl From<fidelog_codec::Block> for Block {
    fn from(block: fidelog_codec::Block) -> Self {
        Block(Arc::new(block))
    }
}

#[pymethods]
impl Block {
    /// How many records.
    #[getter]
    fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The names of the fields that have a column, in the schema's order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.field_names()
    }

    /// The records in order, exactly as they were sent, rendered as they are asked for.
    fn records(&self) -> Records {
        Records::new(Arc::clone(&self.0))
    }

    /// All records, each followed by a newline.
    fn ndjson<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let lines = py.detach(|| self.0.lines());
        lines.map(|lines| PyBytes::new(py, &lines)).map_err(|error| decoding(py, &error))
    }

    /// How long `ndjson()` is, without making it.
    fn ndjson_size(&self, py: Python<'_>) -> PyResult<usize> {
        py.detach(|| Records::new(Arc::clone(&self.0)).size()).map_err(|error| decoding(py, &error))
    }

    /// A column's values as text, `None` where SQL sees NULL: a string's content, otherwise the JSON spelling.
    #[pyo3(signature = (column, limit = None))]
    fn texts(&self, py: Python<'_>, column: &str, limit: Option<usize>) -> PyResult<Vec<Option<String>>> {
        let limit = limit.unwrap_or(usize::MAX);
        py.detach(|| texts(&self.0, column, limit)).ok_or_else(|| PyKeyError::new_err(column.to_owned()))
    }

    /// The columns as a `pyarrow.Table` (extra `arrow`).
    #[pyo3(signature = (*, times = Times::Instants))]
    fn to_arrow<'py>(slf: &Bound<'py, Self>, times: Times) -> PyResult<Bound<'py, PyAny>> {
        let stream = Bound::new(slf.py(), arrow::Stream::new(vec![Arc::clone(&slf.get().0)], times))?;
        slf.py().import("pyarrow")?.call_method1("table", (stream,))
    }

    /// The columns as an Arrow stream, for any library that takes one (polars, duckdb, pyarrow, pandas).
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::Stream::new(vec![Arc::clone(&self.0)], Times::Instants)
            .__arrow_c_stream__(py, requested_schema)
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }

    fn __repr__(&self) -> String {
        format!("<fidelog.Block of {} records>", self.0.rows())
    }
}

/// The first values of a column over all blocks; `None` if no block has it.
fn texts(block: &fidelog_codec::Block, column: &str, limit: usize) -> Option<Vec<Option<String>>> {
    let mut texts = Vec::new();
    let mut is_known = false;
    // A text that recurs is copied for each row: the cap on a payload's records holds here, too.
    let mut left = Limits::default().max_bytes;
    for batch in block.batches() {
        let declared = batch.schema().fields().iter().take(batch.declared());
        let found = declared.enumerate().find(|(_, field)| field.name() == column);
        is_known |= found.is_some();
        for row in 0..batch.rows().min(limit - texts.len()) {
            let text = found.and_then(|(i, field)| text(batch, i, field, row));
            left = left.saturating_sub(text.as_ref().map_or(0, String::len));
            if left == 0 {
                break;
            }
            texts.push(text);
        }
    }
    is_known.then_some(texts)
}

/// A value as text; `None` for a null.
pub fn text(batch: &Batch, i: usize, field: &Field, row: usize) -> Option<String> {
    let value = batch.value(i, row)?;
    let bytes = match (&field.encoding, value) {
        (_, Value::Null) => return None,
        (Encoding::Text | Encoding::Json, Value::Bytes(bytes)) => bytes.to_vec(),
        _ => {
            let mut spelled = Vec::new();
            field.encoding.render(value, batch.schema().style(), &mut spelled).then_some(())?;
            match spelled.as_slice() {
                [b'"', inside @ .., b'"'] => inside.to_vec(),
                _ => spelled,
            }
        }
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
