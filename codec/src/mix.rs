//! Context mixing, the back end of level `small`: every bit is predicted from several contexts at once, the
//! predictions are mixed by weights learned on the way, and a binary range coder writes what is left.
//!
//! Models of three kinds stand on one [`Mixer`]:
//!
//! * [`Numbers`] for integers under contexts the caller gives, [`Bits`] for single decisions;
//! * [`Text`] for dictionary text, byte by byte;
//! * [`Ranks`] for a column of dictionary indices: it walks the candidates that a [`Candidates`] offers for the row.
//!
//! Each model is one function over a [`Coder`], which encodes ([`Writer`]), decodes ([`Reader`]) or only counts
//! ([`Meter`]): both directions are the same lines of code, so they cannot disagree. All arithmetic is on
//! integers and all tables are computed from integers: the same bits on every platform.
//!
//! The format's page (`codec/FORMAT.md`, section 9) defines every bit of this for those who write a decoder of their
//! own: whoever changes a table, a rate or a context changes that section and the format's version, too.
//!
//! Decoding is total. A [`Reader`] past its end reads zeros and counts them ([`Coder::is_starved`]); a model given
//! garbage yields values within the caller's caps. Whether they are the right ones is for the block's checksum.
//!
//! Memory grows with the amount of data up to a cap: 12 MiB for [`Text`], 9 MiB for [`Ranks`], of which a block needs
//! one of each at a time, less for the others.

mod bits;
mod coder;
mod hash;
mod logistic;
mod mixer;
mod number;
mod rank;
mod slot;
mod tables;
mod text;

pub(crate) use bits::Bits;
#[cfg(test)]
pub(crate) use coder::Meter;
pub(crate) use coder::{Coder, Reader, Writer};
pub(crate) use hash::join;
pub(crate) use number::Numbers;
pub(crate) use rank::{Candidates, Ranks};
pub(crate) use text::Text;

#[cfg(test)]
mod tests;
