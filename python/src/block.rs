//! A decoded payload in Python.

use std::sync::Arc;

use fidelog_codec::{
    Error,
    batch::Batch,
    encoding::{Encoding, Value},
    error::{Kind, Result, Stage},
    schema::Field,
};
use pyo3::{
    exceptions::PyKeyError,
    prelude::*,
    types::{PyCapsule, PyDict},
};

use crate::{
    arrow::{self, Times},
    doubles::{self, Doubles},
    error::decoding,
    lines::Lines,
    records::Records,
};

/// A decoded payload. `len(block)` is its number of records.
#[pyclass(frozen, module = "fidelog")]
pub struct Block {
    pub inner: Arc<fidelog_codec::Block>,
    pub doubles: Arc<Doubles>,
    /// What its records may weigh, and any column's text: a small payload can stand for records without end.
    pub max_bytes: usize,
}

#[pymethods]
impl Block {
    /// How many records.
    #[getter]
    fn rows(&self) -> usize {
        self.inner.rows()
    }

    /// The names of the fields that have a column, in the schema's order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.inner.field_names()
    }

    /// The columns' encodings (`integer`, `hex`, `timestamp` and so on) by their names.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let types = PyDict::new(py);
        // Where batches differ, the first one's counts.
        for batch in self.inner.batches().iter().rev() {
            for field in batch.schema().fields().iter().take(batch.declared()) {
                types.set_item(field.name(), field.encoding.name())?;
            }
        }
        Ok(types)
    }

    /// The records in order, exactly as they were sent, rendered as they are asked for.
    fn records(&self) -> Records {
        Records::new(&self.inner, self.max_bytes)
    }

    /// All records, each followed by a newline.
    fn ndjson<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Lines::new(&self.inner, self.max_bytes).collect(py)
    }

    /// How long `ndjson()` is, without making it.
    fn ndjson_size(&self, py: Python<'_>) -> PyResult<usize> {
        py.detach(|| Lines::new(&self.inner, self.max_bytes).measure()).map_err(|error| decoding(py, &error))
    }

    /// A column's values as text, `None` where SQL sees NULL: a string's content, otherwise the JSON spelling.
    #[pyo3(signature = (column, limit = None))]
    fn texts(&self, py: Python<'_>, column: &str, limit: Option<usize>) -> PyResult<Vec<Option<String>>> {
        let limit = limit.unwrap_or(usize::MAX);
        let texts = py.detach(|| self.first_texts(column, limit)).map_err(|error| decoding(py, &error))?;
        texts.ok_or_else(|| PyKeyError::new_err(column.to_owned()))
    }

    /// The columns as a `pyarrow.Table` (extra `arrow`).
    #[pyo3(signature = (*, times = Times::Instants), text_signature = "(self, *, times=\"utc\")")]
    fn to_arrow<'py>(slf: &Bound<'py, Self>, times: Times) -> PyResult<Bound<'py, PyAny>> {
        let stream = Bound::new(slf.py(), arrow::Stream::new([slf.get()], times))?;
        let arrow = slf.py().import("fidelog._arrow")?;
        arrow.call_method1("table", (stream,))
    }

    /// The columns as an Arrow stream, for any library that takes one (polars, duckdb, pyarrow, pandas).
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::Stream::new([self], Times::Instants).__arrow_c_stream__(py, requested_schema)
    }

    fn __len__(&self) -> usize {
        self.inner.rows()
    }

    fn __repr__(&self) -> String {
        let (rows, fields) = (self.inner.rows(), self.inner.field_names());
        let of = format!("{rows} record{}", if rows == 1 { "" } else { "s" });
        if fields.is_empty() {
            return format!("<fidelog.Block of {of}>");
        }
        format!("<fidelog.Block of {of}: {}>", fields.join(", "))
    }
}

impl Block {
    /// The first values of a column over all batches; `None` if none of them has it.
    fn first_texts(&self, column: &str, limit: usize) -> Result<Option<Vec<Option<String>>>> {
        let mut texts = Vec::new();
        let mut is_known = false;
        let mut left = self.max_bytes;
        for (b, batch) in self.inner.batches().iter().enumerate() {
            let declared = batch.schema().fields().iter().take(batch.declared());
            let found = declared.enumerate().find(|(_, field)| field.name() == column);
            is_known |= found.is_some();
            for row in 0..batch.rows().min(limit - texts.len()) {
                let text = found.and_then(|(i, field)| {
                    let double = self.doubles.get(b, i, row).map(doubles::text);
                    double.map(str::to_owned).or_else(|| text(batch, i, field, row))
                });
                let size = size_of::<Option<String>>() + text.as_ref().map_or(0, String::len);
                left = left.checked_sub(size).ok_or_else(too_long)?;
                texts.push(text);
            }
        }
        Ok(is_known.then_some(texts))
    }
}

/// A text that recurs is stored once, and copied for each row that has it.
pub fn too_long() -> Error {
    let detail = "text within the limits expected: read the records instead";
    Error::new(Kind::Limit, Stage::Column, 0, detail)
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
