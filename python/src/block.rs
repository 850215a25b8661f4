//! A decoded payload in Python.

use pyo3::{
    prelude::*,
    types::{PyBytes, PyList},
};

use crate::error::decoding;

/// A decoded payload. `len(block)` is its number of records.
#[pyclass(frozen, module = "fidelog")]
pub struct Block(fidelog_codec::Block);

impl From<fidelog_codec::Block> for Block {
    fn from(block: fidelog_codec::Block) -> Self {
        Block(block)
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

    /// The records, exactly as they were sent.
    fn records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let records = py.detach(|| self.0.records().collect::<fidelog_codec::error::Result<Vec<_>>>());
        let records = records.map_err(|error| decoding(py, &error))?;
        PyList::new(py, records.iter().map(|record| PyBytes::new(py, record)))
    }

    /// All records, each followed by a newline.
    fn ndjson<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let lines = py.detach(|| self.0.lines());
        lines.map(|lines| PyBytes::new(py, &lines)).map_err(|error| decoding(py, &error))
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }

    fn __repr__(&self) -> String {
        format!("<fidelog.Block of {} records>", self.0.rows())
    }
}
