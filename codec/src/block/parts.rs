//! Where a column's parts go to and come from: its description in the header, and its streams.

use alloc::{borrow::Cow, vec::Vec};

use super::streams::{Content, Effort, Entry, Packing, Stream, Streams, pack_all};
use crate::{error::Result, mix::Text, wire::Reader};

/// Collects a block's header and streams.
#[derive(Default)]
pub(super) struct Sink {
    pub(super) head: Vec<u8>,
    /// Where in the header each stream's entry belongs.
    marks: Vec<usize>,
    streams: Vec<Stream>,
    /// The mixing coder's model of all columns' text.
    pub(super) text: Option<Text>,
}

/// Where one part of a block ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    streams: usize,
}

impl Sink {
    pub(super) fn stream(&mut self, content: Content, bytes: Vec<u8>) {
        self.marks.push(self.head.len());
        self.streams.push(Stream::new(content, bytes));
    }

    pub(super) const fn mark(&self) -> Mark {
        Mark { streams: self.streams.len() }
    }

    /// Packs the streams and puts their entries into the header. The header, the packing, and what the streams up to
    /// each mark weigh (those in the group in proportion).
    pub(super) fn finish(self, marks: &[Mark], effort: Effort) -> (Vec<u8>, Packing, Vec<usize>) {
        let raw: Vec<usize> = self.streams.iter().map(|s| s.bytes.len()).collect();
        let packing = pack_all(self.streams, effort);
        let group_size = packing.group_size();
        let mut head = Vec::with_capacity(self.head.len() + 4 * raw.len());
        let mut done = 0;
        for (at, (entry, _)) in self.marks.iter().zip(&packing.entries) {
            head.extend_from_slice(self.head.get(done..*at).unwrap_or_default());
            head.extend_from_slice(entry);
            done = *at;
        }
        head.extend_from_slice(self.head.get(done..).unwrap_or_default());
        let mut sizes = Vec::new();
        let mut from = 0;
        for mark in marks {
            let range = from..mark.streams;
            from = mark.streams;
            let outside: usize =
                packing.entries.get(range.clone()).unwrap_or_default().iter().map(|(_, b)| b.len()).sum();
            let inside: usize = range
                .filter(|&i| packing.entries.get(i).is_some_and(|(_, bytes)| bytes.is_empty()))
                .filter_map(|i| raw.get(i))
                .sum();
            sizes.push(outside + inside * group_size / packing.group.len().max(1));
        }
        (head, packing, sizes)
    }
}

/// Gives a block's header and streams back.
pub(super) struct Source<'a, 'b> {
    pub(super) head: Reader<'b>,
    pub(super) streams: Streams<'a>,
    pub(super) budget: &'b mut usize,
    pub(super) text: Option<Text>,
}

impl<'a> Source<'a, '_> {
    /// The next stream's bytes.
    pub(super) fn stream(&mut self) -> Result<Cow<'a, [u8]>> {
        let entry = Entry::take(&mut self.head)?;
        self.streams.next(entry, self.budget)
    }
}
