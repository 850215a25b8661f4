//! A compressed, self-describing batch of columns.
//!
//! The way of a batch into a block, in the order of the modules:
//!
//! 1. `plan`: in which order the columns are coded, each plain or ranked, under which `context`s; found once by
//!    `search` on a sample and kept;
//! 2. `presence`: which rows have a hole for a field at all; `values`: a column as ids of distinct values, or plain;
//! 3. `ranks`: ids as positions in candidate lists, which a `model` keeps in `lists` by context;
//! 4. `dictionary`: distinct or plain values as streams (`integers`, `decimals`, the crate's text module);
//! 5. `streams`: each stream's back end; or, at level `small`, `mixing` in place of 3 and 5;
//! 6. `header`: the schema; `column`: each column's description; `write`: all of them in order.
//!
//! `read` goes the way back, for all columns or for some: `walk` passes over the others.

mod column;
pub(crate) mod context;
mod decimals;
mod dictionary;
mod header;
mod integers;
mod lists;
mod log2;
mod mixing;
pub(crate) mod model;
mod parts;
pub(crate) mod plan;
mod presence;
mod ranks;
mod read;
mod recency;
mod search;
mod streams;
#[cfg(test)]
mod tests;
mod values;
mod walk;
mod write;

pub(crate) use self::{
    read::{take, take_columns},
    search::{sample_rows, search},
    streams::{Packed, inflate, unmix},
    write::put,
};

/// How a block is coded.
const DEFLATE: u8 = 0;
const MIXING: u8 = 1;
