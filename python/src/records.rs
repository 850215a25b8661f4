//! The records of a payload, one after the other, rendered some at a time.

use std::{ops::Range, sync::Arc};

use fidelog_codec::{
    Error,
    error::{Kind, Result, Stage},
};
use pyo3::{prelude::*, types::PyBytes};

use crate::{block::Block, error::decoding};

/// Rows that are rendered at a time at first: the first record is there at once.
const FIRST: usize = 256;

/// Rows and bytes that are rendered at a time, once it is clear that many are wanted.
const MOST_ROWS: usize = 1 << 17;
const MOST_BYTES: usize = 16 << 20;

/// An iterator over the exact records.
#[pyclass(module = "fidelog")]
pub struct Records {
    block: Arc<fidelog_codec::Block>,
    /// The batch and the row that are rendered next.
    batch: usize,
    row: usize,
    /// What was rendered and not handed out: the records' bytes end to end, where each ends, and how many are gone.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    gone: usize,
    ahead: usize,
    /// What records may still weigh.
    left: usize,
}

impl Records {
    pub fn new(block: &Block) -> Self {
        Records {
            block: Arc::clone(&block.inner),
            batch: 0,
            row: 0,
            bytes: Vec::new(),
            ends: Vec::new(),
            gone: 0,
            ahead: FIRST,
            left: block.max_bytes,
        }
    }

    /// What all records weigh as lines.
    pub fn size(mut self) -> Result<usize> {
        let mut size = 0;
        while self.render()? {
            size += self.bytes.len() + self.ends.len();
        }
        Ok(size)
    }

    /// Renders the next rows; `false` if there are none.
    fn render(&mut self) -> Result<bool> {
        self.bytes.clear();
        self.ends.clear();
        self.gone = 0;
        while let Some(batch) = self.block.batches().get(self.batch) {
            let rows = self.row..batch.rows().min(self.row.saturating_add(self.ahead));
            if rows.is_empty() {
                (self.batch, self.row) = (self.batch + 1, 0);
                continue;
            }
            let mut renderer = batch.renderer();
            for row in rows {
                renderer.join_into(row..row + 1, &[], self.left, &mut self.bytes).map_err(over)?;
                self.ends.push(self.bytes.len());
                self.row = row + 1;
                if self.bytes.len() >= MOST_BYTES {
                    break;
                }
            }
            self.left -= self.bytes.len().min(self.left);
            self.ahead = (self.ahead * 8).min(MOST_ROWS);
            return Ok(true);
        }
        Ok(false)
    }

    /// Where the next record is in the rendered bytes.
    fn take(&mut self) -> Option<Range<usize>> {
        let end = *self.ends.get(self.gone)?;
        let start = self.gone.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        self.gone += 1;
        Some(start..end)
    }
}

/// The renderer's own limit error counts from the last call; only its kind says something here.
fn over(error: Error) -> Error {
    if error.kind != Kind::Limit {
        return error;
    }
    Error::new(Kind::Limit, Stage::Container, error.offset, "records within the limits expected")
}

#[pymethods]
impl Records {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let mut place = self.take();
        if place.is_none() {
            py.detach(|| self.render()).map_err(|error| decoding(py, &error))?;
            place = self.take();
        }
        Ok(place.and_then(|place| self.bytes.get(place)).map(|record| PyBytes::new(py, record)))
    }
}
