//! Renders text with markers, and the tokens' values, to the strings' bytes.

use alloc::vec::Vec;

use super::{
    kind::{END, ESCAPE, Kind, UUID_GROUPS, index_of, put_hex, put_number, put_time},
    read::{Slot, malformed},
};
use crate::{
    column::Strings,
    encoding::Case,
    error::{Error, Kind as ErrorKind, Result, Stage},
};

/// A part of the text.
pub(super) enum Piece<'a> {
    /// Bytes as they are.
    Literal(&'a [u8]),
    /// The number of a token's kind.
    Marker(usize),
    /// The end of a string or template.
    End,
}

/// The parts of the text, one after the other.
pub(super) struct Pieces<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Pieces<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Pieces { text, at: 0 }
    }

    /// Where the next part begins.
    pub(super) const fn at(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let &first = rest.first()?;
        self.at += 1;
        if first == END {
            return Some(Ok(Piece::End));
        }
        if let Some(kind) = index_of(first) {
            return Some(Ok(Piece::Marker(kind)));
        }
        if first == ESCAPE {
            self.at += 1;
            let byte = rest.get(1..2).ok_or_else(|| malformed(self.at, "a literal byte expected"));
            return Some(byte.map(Piece::Literal));
        }
        let special = |&c: &u8| c < b' ' && (c == ESCAPE || c == END || index_of(c).is_some());
        let len = rest.iter().position(special).unwrap_or(rest.len());
        self.at += len - 1;
        Some(Ok(Piece::Literal(rest.get(..len).unwrap_or_default())))
    }
}

/// Bytes of the longest token but a word, which may come before one finds that the text is longer than declared.
pub(super) const MAX_TOKEN: usize = 512;

/// What rendering takes, and the strings that came out so far.
pub(super) struct Renderer<'a> {
    kinds: &'a [Kind],
    values: &'a [u64],
    dictionaries: &'a [Strings],
    slots: Vec<Slot>,
    out: Strings,
    count: usize,
    total: usize,
    scratch: Vec<u8>,
}

impl<'a> Renderer<'a> {
    /// Renders `count` strings of `total` bytes, which are taken from memory at once.
    pub(super) fn new(
        kinds: &'a [Kind],
        values: &'a [u64],
        dictionaries: &'a [Strings],
        slots: Vec<Slot>,
        (count, total): (usize, usize),
    ) -> Self {
        let out = Strings {
            bytes: Vec::with_capacity(total.saturating_add(MAX_TOKEN)),
            ends: Vec::with_capacity(count),
        };
        Renderer { kinds, values, dictionaries, slots, out, count, total, scratch: Vec::new() }
    }

    /// Renders text: a template, given its tokens' slots, or else flat text with its strings' ends.
    pub(super) fn render(&mut self, text: &[u8], slots: Option<&[u32]>) -> Result<()> {
        let mut slots = slots.map(<[u32]>::iter);
        for piece in Pieces::new(text) {
            match piece? {
                Piece::Literal(bytes) => self.put(bytes)?,
                Piece::End => self.end()?,
                Piece::Marker(k) => {
                    let kind =
                        *self.kinds.get(k).ok_or_else(|| self.fail("the marker of a kind expected"))?;
                    let slot = match slots.as_mut() {
                        Some(slots) => slots.next().map_or(usize::MAX, |&slot| slot as usize),
                        None => k,
                    };
                    self.token(k, kind, slot)?;
                }
            }
        }
        Ok(())
    }

    fn token(&mut self, k: usize, kind: Kind, slot: usize) -> Result<()> {
        let slot = self.slots.get_mut(slot);
        let value = slot.and_then(|slot| {
            slot.next += 1;
            self.values.get(slot.next - 1).copied()
        });
        let value = value.ok_or_else(|| self.fail("a value for each token expected"))?;
        let id = value as usize;
        let dictionary = self.dictionaries.get(k);
        let bytes =
            |width: usize| dictionary.and_then(|d| d.bytes.get(id.checked_mul(width)?..)?.get(..width));
        let out = &mut self.out.bytes;
        let known = match kind {
            Kind::Number => put_number(value, out),
            Kind::Word => match dictionary.and_then(|d| d.get(id)) {
                Some(word) => return self.put(word),
                None => false,
            },
            Kind::Time(pattern) => {
                self.scratch.clear();
                let known = put_time(value, &pattern, &mut self.scratch);
                // The encoding spells with quotation marks.
                let end = self.scratch.len().saturating_sub(1);
                out.extend_from_slice(self.scratch.get(1..end).unwrap_or_default());
                known
            }
            Kind::Hex(case, width) => bytes(usize::from(width)).map(|b| put_hex(b, case, out)).is_some(),
            Kind::Uuid(case) => bytes(16).map(|b| put_uuid(b, case, out)).is_some(),
        };
        if !known {
            return Err(self.fail("a value that its kind can spell expected"));
        }
        if out.len() > self.total {
            return Err(self.fail("no more text than declared expected"));
        }
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.total.saturating_sub(self.out.bytes.len()) {
            return Err(self.fail("no more text than declared expected"));
        }
        self.out.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends a string.
    pub(super) fn end(&mut self) -> Result<()> {
        if self.out.len() == self.count {
            return Err(self.fail("no more strings than declared expected"));
        }
        self.out.ends.push(self.out.bytes.len() as u32);
        Ok(())
    }

    /// The strings, if they are as many and as long as declared.
    pub(super) fn finish(self) -> Result<Strings> {
        let ended = self.out.ends.last().map_or(0, |&end| end as usize) == self.total;
        if ended && self.out.bytes.len() == self.total && self.out.len() == self.count {
            return Ok(self.out);
        }
        Err(self.fail("as many and as long strings as declared expected"))
    }

    fn fail(&self, detail: &'static str) -> Error {
        Error::new(ErrorKind::Malformed, Stage::Column, self.out.bytes.len(), detail)
    }
}

fn put_uuid(bytes: &[u8], case: Case, out: &mut Vec<u8>) {
    for (i, group) in UUID_GROUPS.into_iter().enumerate() {
        if i > 0 {
            out.push(b'-');
        }
        put_hex(bytes.get(group).unwrap_or_default(), case, out);
    }
}
