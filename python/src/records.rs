//! The records of a payload, one after the other.

use std::{ops::Range, sync::Arc};

use fidelog_codec::error::Result;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    error::decoding,
    rendering::{Chunk, Rendering, Size},
};

/// Small enough for the processor's caches, and for many iterators at once.
const AT_ONCE: Size = Size { records: 1 << 15, bytes: 2 << 20 };

/// An iterator over the exact records.
#[pyclass(module = "fidelog")]
pub struct Records {
    rendering: Rendering,
    chunk: Chunk,
    /// How many of the chunk's records are gone, and where the next one starts.
    gone: usize,
    start: usize,
}

impl Records {
    pub fn new(block: &Arc<fidelog_codec::Block>, max_bytes: usize) -> Self {
        Records {
            rendering: Rendering::new(block, max_bytes, AT_ONCE),
            chunk: Chunk::default(),
            gone: 0,
            start: 0,
        }
    }

    /// Takes the next chunk, if there are more records.
    fn advance(&mut self) -> Result<()> {
        // Before the next one comes: a record may be large.
        (self.chunk, self.gone, self.start) = (Chunk::default(), 0, 0);
        self.chunk = self.rendering.next()?.unwrap_or_default();
        Ok(())
    }

    /// Where the next record is in the chunk.
    fn take(&mut self) -> Option<Range<usize>> {
        let end = *self.chunk.ends.get(self.gone)?;
        self.gone += 1;
        let record = self.start..end;
        self.start = end + 1;
        Some(record)
    }
}

#[pymethods]
impl Records {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let mut place = self.take();
        if place.is_none() {
            py.detach(|| self.advance()).map_err(|error| decoding(py, &error))?;
            place = self.take();
        }
        Ok(place.and_then(|place| self.chunk.bytes.get(place)).map(|record| PyBytes::new(py, record)))
    }
}
