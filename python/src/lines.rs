//! All records of a payload as lines.

use fidelog_codec::error::Result;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    error::decoding,
    rendering::{Rendering, too_many},
};

/// What all records weigh as lines.
pub fn size(mut rendering: Rendering) -> Result<usize> {
    let mut size = 0;
    while let Some(chunk) = rendering.next()? {
        size += chunk.bytes.len();
    }
    Ok(size)
}

/// All records, each followed by a newline: at most `max_bytes`.
pub fn collect(py: Python<'_>, mut rendering: Rendering, max_bytes: usize) -> PyResult<Bound<'_, PyAny>> {
    // It grows in place, and gives away what it holds without a copy: each page of memory is touched once.
    let lines = py.import("io")?.getattr("BytesIO")?.call0()?;
    let mut size = 0;
    while let Some(chunk) = py.detach(|| rendering.next()).map_err(|error| decoding(py, &error))? {
        size += chunk.bytes.len();
        if size > max_bytes {
            return Err(decoding(py, &too_many(size)));
        }
        lines.call_method1("write", (PyBytes::new(py, &chunk.bytes),))?;
    }
    lines.call_method0("getvalue")
}
