//! A schema in Python.

use std::{ffi::CString, sync::Arc};

use fidelog_codec::reduction::Reduction;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyByteArray, PyBytes, PyString},
};

use crate::error::{ReductionWarning, encoding};

/// The declared fields, their encodings and the JSON style; a document may also say what is left out of records.
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

    /// What the document's `keep` and `strip` leave out of records, in words; `None` if they stay whole.
    #[getter]
    fn reduction(&self) -> Option<String> {
        self.0.reduction().map(ToString::to_string)
    }

    /// What `encode` under this schema keeps of a record.
    fn reduce<'py>(&self, py: Python<'py>, record: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let record = bytes(record)?;
        match self.0.reduction() {
            Some(reduction) => Ok(PyBytes::new(py, &reduced(reduction, &record))),
            None => Ok(PyBytes::new(py, &record)),
        }
    }

    /// The schema document.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __repr__(&self) -> String {
        let field = |f: &fidelog_codec::schema::Field| format!("{}: {}", f.name(), f.encoding.name());
        let fields = self.0.fields().iter().map(field).collect::<Vec<_>>().join(", ");
        match self.0.reduction() {
            Some(reduction) => format!("<fidelog.Schema {fields}; {reduction}>"),
            None => format!("<fidelog.Schema {fields}>"),
        }
    }
}

/// A schema, or the document of one.
pub enum Given<'py> {
    Schema(PyRef<'py, Schema>),
    Json(String),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(schema) = object.extract() {
            return Ok(Given::Schema(schema));
        }
        let expected = "schema is a fidelog.Schema, or a schema document as text";
        object.extract().map(Given::Json).map_err(|_| not(expected, &object))
    }
}

impl Given<'_> {
    pub fn read(self, py: Python<'_>) -> PyResult<Arc<fidelog_codec::Schema>> {
        match self {
            Given::Schema(schema) => Ok(Arc::clone(&schema.0)),
            Given::Json(json) => {
                fidelog_codec::Schema::from_json(&json).map(Arc::new).map_err(|error| encoding(py, &error))
            }
        }
    }
}

/// What is left of a record.
pub fn reduced(reduction: &Reduction, record: &[u8]) -> Vec<u8> {
    let mut left = Vec::new();
    reduction.apply(record, &mut left);
    left
}

/// Says that something is left out.
pub fn warn(py: Python<'_>, reduction: &Reduction) -> PyResult<()> {
    let text = format!("lossy by request of the schema: {reduction}; all else comes back as it was sent");
    // A path may hold anything but what ends a C string.
    let text = CString::new(text.replace('\0', "\u{fffd}"))?;
    PyErr::warn(py, &py.get_type::<ReductionWarning>(), &text, 1)
}

/// Records that stay valid while the GIL is released.
pub fn bytes_of(records: &Bound<'_, PyAny>) -> PyResult<Vec<PyBackedBytes>> {
    let expected = "records is an iterable of records, each bytes or a bytearray";
    let is_one = records.is_instance_of::<PyBytes>()
        || records.is_instance_of::<PyByteArray>()
        || records.is_instance_of::<PyString>();
    if is_one {
        return Err(not(expected, records));
    }
    records.try_iter().map_err(|_| not(expected, records))?.map(|record| bytes(&record?)).collect()
}

fn bytes(record: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    record.extract().map_err(|_| not("a record is bytes or a bytearray", record))
}

/// Says what was expected, and of which type the object is instead.
pub fn not(expected: &str, object: &Bound<'_, PyAny>) -> PyErr {
    match object.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("{expected}, not {name}")),
        Err(error) => error,
    }
}
