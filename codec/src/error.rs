//! What went wrong, in which stage, and at which byte.

use alloc::{borrow::Cow, boxed::Box, string::String};
use core::{
    fmt,
    ops::{Deref, DerefMut},
};

/// The result of a codec call.
pub type Result<T> = core::result::Result<T, Error>;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input ends before the element does.
    Truncated,
    /// The bytes are not what the format allows there.
    Malformed,
    /// The checksum does not match the bytes.
    Checksum,
    /// A declared size is over the cap in force.
    Limit,
    /// A format version or a feature that this decoder does not know.
    Unsupported,
    /// A schema document that says something impossible.
    Schema,
}

/// The stage that noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The container: magic, version, sections.
    Container,
    /// A block's header or columns.
    Block,
    /// A compressed stream.
    Stream,
    /// A skeleton and its holes.
    Skeleton,
    /// A column's values.
    Column,
    /// A schema document.
    Schema,
    /// A packed file's framing.
    Framing,
}

impl Kind {
    /// The kind in one word, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Truncated => "truncated",
            Kind::Malformed => "malformed",
            Kind::Checksum => "checksum",
            Kind::Limit => "limit",
            Kind::Unsupported => "unsupported",
            Kind::Schema => "schema",
        }
    }
}

impl Stage {
    /// The stage in one word.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Container => "container",
            Stage::Block => "block",
            Stage::Stream => "stream",
            Stage::Skeleton => "skeleton",
            Stage::Column => "column",
            Stage::Schema => "schema",
            Stage::Framing => "framing",
        }
    }
}

/// A codec error. One word long, as every step of decoding hands on a result; [`Fault`] is what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Fault>);

/// What an error says: kind, stage, byte offset in the input, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of thing went wrong.
    pub kind: Kind,
    /// The stage that noticed.
    pub stage: Stage,
    /// Where, in bytes from the start of what that stage was reading.
    pub offset: usize,
    /// What was expected there.
    pub detail: Cow<'static, str>,
}

impl Error {
    /// A new error with a fixed explanation.
    #[cold]
    #[inline(never)]
    pub fn new(kind: Kind, stage: Stage, offset: usize, detail: &'static str) -> Self {
        Error(Box::new(Fault { kind, stage, offset, detail: Cow::Borrowed(detail) }))
    }

    /// A new error with an explanation made for the occasion.
    pub fn with(kind: Kind, stage: Stage, offset: usize, detail: String) -> Self {
        Error(Box::new(Fault { kind, stage, offset, detail: Cow::Owned(detail) }))
    }
}

impl Deref for Error {
    type Target = Fault;

    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Fault {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Truncated => "truncated",
            Kind::Malformed => "malformed",
            Kind::Checksum => "damaged (checksum)",
            Kind::Limit => "over the limit",
            Kind::Unsupported => "unsupported",
            Kind::Schema => "invalid schema",
        };
        write!(f, "{kind}: {} at byte {}: {}", self.stage.name(), self.offset, self.detail)
    }
}

impl core::error::Error for Error {}
