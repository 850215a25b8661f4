//! All records of a payload as lines.

use std::sync::Arc;

use fidelog_codec::error::Result;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    error::decoding,
    rendering::{Rendering, Size, too_many},
};

/// Who waits for another thread of Python may wait long: it is done for many records at once.
const AT_ONCE: Size = Size { records: usize::MAX, bytes: 4 << 20 };

/// Bytes that are copied at a time.
const PIECE: usize = 2 << 20;

/// The records of a block as lines, of at most `max_bytes`.
pub struct Lines {
    rendering: Rendering,
    size: usize,
    max_bytes: usize,
}

impl Lines {
    pub fn new(block: &Arc<fidelog_codec::Block>, max_bytes: usize) -> Self {
        Lines { rendering: Rendering::new(block, max_bytes, AT_ONCE), size: 0, max_bytes }
    }

    /// The next of them.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(chunk) = self.rendering.next()? else { return Ok(None) };
        let before = self.size;
        self.size += chunk.bytes.len();
        if self.size > self.max_bytes {
            return Err(too_many(before));
        }
        Ok(Some(chunk.bytes))
    }

    /// How many bytes they are, without keeping them.
    pub fn measure(mut self) -> Result<usize> {
        while self.next()?.is_some() {}
        Ok(self.size)
    }

    /// All of them.
    pub fn collect(mut self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        // It grows in place, and gives away what it holds without a copy: each page of memory is touched once.
        let lines = py.import("io")?.getattr("BytesIO")?.call0()?;
        while let Some(some) = py.detach(|| self.next()).map_err(|error| decoding(py, &error))? {
            for piece in some.chunks(PIECE) {
                lines.call_method1("write", (PyBytes::new(py, piece),))?;
            }
        }
        lines.call_method0("getvalue")
    }
}
