//! Where rendered bytes go: a small buffer in the processor's nearest memory, emptied into the output.
//!
//! Most pieces of a record are short. Into a buffer with room to spare they are copied as a fixed number of bytes, of
//! which the rest is written over by what follows: a few instructions, where a copy of any length takes a call.

use alloc::{boxed::Box, vec, vec::Vec};

use crate::error::{Error, Kind, Result, Stage};

/// The buffer's size.
const SIZE: usize = 4 << 10;

/// Fill from which the buffer is emptied between records.
const FULL: usize = 1 << 10;

/// Zeros that a source wants behind its last piece, so that it, too, can be copied as a fixed number of bytes.
pub(super) const PADDING: [u8; 128] = [0; 128];

/// The buffer, kept from call to call.
pub(super) type Buffer = Box<[u8; SIZE]>;

pub(super) fn buffer() -> Buffer {
    match vec![0; SIZE].into_boxed_slice().try_into() {
        Ok(buffer) => buffer,
        // The sizes are equal; this arm is for the type only.
        Err(_) => Box::new([0; SIZE]),
    }
}

/// An output of at most `max` bytes, behind the buffer.
pub(super) struct Sink<'a> {
    buffer: &'a mut [u8; SIZE],
    at: usize,
    out: &'a mut Vec<u8>,
    max: usize,
}

impl<'a> Sink<'a> {
    pub(super) const fn new(buffer: &'a mut Buffer, out: &'a mut Vec<u8>, max: usize) -> Self {
        Sink { buffer, at: 0, out, max }
    }

    /// Appends `source[start..start + len]`.
    #[inline(always)]
    pub(super) fn put(&mut self, source: &[u8], start: usize, len: usize) -> Result<()> {
        let done = match len {
            ..=32 => self.copy::<32>(source, start),
            33..=64 => self.copy::<64>(source, start),
            _ => false,
        };
        if done {
            self.at += len;
            return Ok(());
        }
        self.put_longer(source, start, len)
    }

    #[inline(never)]
    fn put_longer(&mut self, source: &[u8], start: usize, len: usize) -> Result<()> {
        if len <= 128 && self.copy::<128>(source, start) {
            self.at += len;
            return Ok(());
        }
        let piece = source.get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default();
        if let Some(to) = self.buffer.get_mut(self.at..).and_then(|rest| rest.get_mut(..len)) {
            to.copy_from_slice(piece);
            self.at += len;
            return Ok(());
        }
        self.empty()?;
        self.check(len)?;
        self.out.extend_from_slice(piece);
        Ok(())
    }

    /// Copies N bytes, if source and buffer have as many.
    #[inline(always)]
    fn copy<const N: usize>(&mut self, source: &[u8], start: usize) -> bool {
        let from = source.get(start..).and_then(|rest| rest.first_chunk::<N>());
        let to = self.buffer.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<N>());
        match (from, to) {
            (Some(from), Some(to)) => {
                *to = *from;
                true
            }
            _ => false,
        }
    }

    /// Says that a record ends here: a good place to empty the buffer.
    #[inline(always)]
    pub(super) fn end(&mut self) -> Result<()> {
        if self.at >= FULL { self.empty() } else { Ok(()) }
    }

    /// Hands on what is in the buffer.
    #[inline(never)]
    pub(super) fn empty(&mut self) -> Result<()> {
        self.check(self.at)?;
        self.out.extend_from_slice(self.buffer.get(..self.at).unwrap_or_default());
        self.at = 0;
        Ok(())
    }

    /// A small payload may stand for records without end, or for one: their size counts before memory is taken.
    fn check(&self, more: usize) -> Result<()> {
        let size = self.out.len().saturating_add(more);
        if size <= self.max {
            return Ok(());
        }
        Err(Error::new(Kind::Limit, Stage::Container, size, "records within the limits expected"))
    }
}
