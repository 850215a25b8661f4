//! A schema in Python.

use std::sync::Arc;

use pyo3::{prelude::*, pybacked::PyBackedBytes};

use crate::error::encoding;

/// The declared fields, their encodings and the JSON style.
#[pyclass(frozen, eq, module = "fidelog")]
#[derive(PartialEq)]
pub struct Schema(pub Arc<fidelog_codec::Schema>);

#[pymethods]
impl Schema {
    /// Reads a schema document.
    #[new]
    fn new(py: Python<'_>, json: &str) -> PyResult<Self> {
        let schema = fidelog_codec::Schema::from_json(json).map_err(|error| encoding(py, &error))?;
        Ok(Schema(Arc::new(schema)))
    }

    /// Proposes a schema for records like these.
    #[staticmethod]
    fn infer(py: Python<'_>, records: &Bound<'_, PyAny>) -> PyResult<Self> {
        let records = bytes_of(records)?;
        let infer = || fidelog_codec::Schema::infer(records.iter().map(|record| &**record)).schema;
        Ok(Schema(Arc::new(py.detach(infer))))
    }

    /// The fields' names, in order.
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.0.fields().iter().map(fidelog_codec::schema::Field::name).collect()
    }

    /// The schema document.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __repr__(&self) -> String {
        let field = |f: &fidelog_codec::schema::Field| format!("{}: {}", f.name(), f.encoding.name());
        format!("<fidelog.Schema {}>", self.0.fields().iter().map(field).collect::<Vec<_>>().join(", "))
    }
}

/// A schema, or the document of one.
#[derive(FromPyObject)]
pub enum Given<'py> {
    Schema(PyRef<'py, Schema>),
    Json(String),
}

/// Records that stay valid while the GIL is released.
pub fn bytes_of(records: &Bound<'_, PyAny>) -> PyResult<Vec<PyBackedBytes>> {
    records.try_iter()?.map(|record| Ok(record?.extract()?)).collect()
}
