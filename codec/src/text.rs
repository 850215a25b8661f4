//! The text of a dictionary, cut into literal and typed parts.
//!
//! A column's distinct strings, in order of first use, are rarely just text: ids, times and numbers stand in them. Each
//! such *token* leaves a marker byte in the text and goes, typed, into a side stream, where like stands by like: random
//! bytes are stored as such, times become small differences. Two layouts:
//!
//! - *flat*: the text is the strings, and every kind of token has one column of values;
//! - *templated*: the text is the distinct *templates* (strings with markers for tokens), each string names its
//!   template, and tokens after the same bytes form a *slot*, with a column of its own: log messages made by few
//!   format strings.
//!
//! Nothing is parsed that does not render to the same bytes, so [`join`] undoes [`cut`] for all strings, whatever
//! bytes they hold. Cost: one pass over the bytes and a hash for each string; memory for the streams and 8 bytes a token.

mod build;
mod kind;
mod planes;
mod read;
mod render;
mod scan;
mod slots;
#[cfg(test)]
mod tests;
mod values;

use alloc::vec::Vec;

pub(crate) use self::{build::cut, read::join};

/// What a stream holds, from which its best back end follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Counts, kinds and modes.
    Head,
    /// Strings or templates, each ended by a line feed; control bytes are markers, zero escapes a literal one.
    Text,
    /// Varints: each string's template, 0 for the next new one.
    Templates,
    /// Varints of many columns.
    Numbers,
    /// Bytes that look random: store them.
    Random,
    /// Other bytes of ids, one plane after the other.
    Bytes,
    /// Distinct words of letters and digits, each ended by a line feed.
    Words,
}

impl Role {
    /// The roles of the first streams, one each; all further streams are [`Role::Numbers`], of one column each.
    pub(crate) const FIRST: [Role; 7] =
        [Role::Head, Role::Text, Role::Templates, Role::Numbers, Role::Random, Role::Bytes, Role::Words];
}

/// Bytes to be compressed on their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    /// What they are.
    pub(crate) role: Role,
    /// They.
    pub(crate) bytes: Vec<u8>,
}
