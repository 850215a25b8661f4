//! The contents of a record's strings that are looked into.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{
    encoding::{embedded::MOST, text},
    record::value_end,
    schema::Style,
};

/// Most strings whose contents are remembered while shapes are tried on one record.
const MAX_KNOWN: usize = 8;

/// The contents of strings in the present record, each level of strings in strings in memory of its own.
#[derive(Debug, Default)]
pub(super) struct Texts {
    contents: [Vec<u8>; MOST],
    known: Vec<Known>,
}

/// A string that was looked at: where it starts on which level and where it ends; its content, if it can be had.
#[derive(Clone, Debug)]
struct Known {
    depth: usize,
    start: usize,
    end: usize,
    content: Option<Range<usize>>,
}

impl Texts {
    /// Forgets the contents: a new record comes.
    pub(super) fn clear(&mut self) {
        self.contents.iter_mut().for_each(Vec::clear);
        self.known.clear();
    }

    /// Forgets the contents if there is much more of them than of the record.
    pub(super) fn bound(&mut self, record: &[u8]) {
        if self.contents.iter().any(|level| level.len() > 4 * record.len()) {
            self.clear();
        }
    }

    /// What values inside so many strings are slices of.
    pub(super) fn source<'a>(&'a self, record: &'a [u8], depth: usize) -> &'a [u8] {
        match depth.checked_sub(1) {
            None => record,
            Some(level) => self.contents.get(level).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// Where the string at `at` in the source of this depth ends, and its content on the next level; `None` if that
    /// is no object, is spelled in another style or too deep.
    pub(super) fn enter(
        &mut self,
        record: &[u8],
        depth: usize,
        at: usize,
        style: &Style,
    ) -> Option<(usize, Range<usize>)> {
        let Some(level) = depth.checked_sub(1) else { return self.enter_from(record, depth, at, style) };
        let own = self.lend(level);
        let entered = self.enter_from(&own, depth, at, style);
        self.give_back(level, own);
        entered
    }

    /// Hands a level's contents out, to look deeper into them; they must be given back.
    pub(super) fn lend(&mut self, level: usize) -> Vec<u8> {
        self.contents.get_mut(level).map(core::mem::take).unwrap_or_default()
    }

    /// Takes a level's contents back.
    pub(super) fn give_back(&mut self, level: usize, contents: Vec<u8>) {
        if let Some(own) = self.contents.get_mut(level) {
            *own = contents;
        }
    }

    /// As [`Texts::enter`], in a source at hand.
    pub(super) fn enter_from(
        &mut self,
        source: &[u8],
        depth: usize,
        at: usize,
        style: &Style,
    ) -> Option<(usize, Range<usize>)> {
        if let Some(known) = self.known.iter().find(|k| k.depth == depth && k.start == at) {
            return Some((known.end, known.content.clone()?));
        }
        if !source.get(at..)?.starts_with(b"\"{") {
            return None;
        }
        let end = value_end(source, at)?;
        let out = self.contents.get_mut(depth)?;
        let start = out.len();
        let whole = text::unescape(source.get(at + 1..end - 1)?, style.within(depth), out);
        let content = match whole {
            Some(()) => Some(start..out.len()),
            None => {
                out.truncate(start);
                None
            }
        };
        if self.known.len() == MAX_KNOWN {
            self.known.remove(0);
        }
        self.known.push(Known { depth, start: at, end, content: content.clone() });
        Some((end, content?))
    }
}
