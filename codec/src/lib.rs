//! Byte-exact, columnar compression of log records.
//!
//! ```
//! use std::sync::Arc;
//! use fidelog_codec::{Encoder, Level, Limits, Schema, decode};
//!
//! let records: [&[u8]; 3] = [
//!     br#"{"at": "2031-05-17T21:04:08Z", "user": 7, "url": "/save"}"#,
//!     br#"{"at": "2031-05-17T21:04:09Z", "user": 8, "url": "/load"}"#,
//!     br#"{"user": 7.0, "url": "/odd spelling", "at": null}"#,
//! ];
//! let schema = Arc::new(Schema::infer(records).schema);
//! let mut encoder = Encoder::new(&schema, Level::Default);
//! let payload = encoder.encode(records);
//!
//! let block = decode(&payload, &Limits::default())?;
//! for (record, original) in block.records().zip(records) {
//!     assert_eq!(record?, original);
//! }
//! # Ok::<(), fidelog_codec::Error>(())
//! ```
//!
//! The names at this root are what most programs need: [`Schema`] (learned by `Schema::infer` or read from a document),
//! [`Encoder`] and [`Decoder`] for streams of batches, [`encode`] and [`decode`] for one payload (a [`Block`]),
//! [`pack`] and [`unpack`] for whole files, [`inspect()`] for what is where in a payload, [`Level`], [`Limits`],
//! [`Error`]. The modules are the chapters of how it works, in the order of a record's path:
//!
//! 1. [`record`] scans a record's bytes once and finds the span of each member's value;
//! 2. [`skeleton`] cuts the values that a [`schema`] field can encode out of the record and leaves holes;
//! 3. [`encoding`] turns a value's JSON spelling into a typed value, and back to the same spelling: a page each;
//! 4. [`mod@column`] holds one field's typed values over many records, [`batch`] all fields' columns and the skeletons;
//! 5. [`block`] compresses a batch into a self-describing, checksummed section; an [`encoder`] keeps what it found out;
//! 6. [`container`] is a sequence of blocks, with the [`framing`] that gives a packed file back byte for byte;
//! 7. [`decoder`] reads whole payloads or some of their columns, and `arrow` hands columns to Arrow (feature `arrow`).
//!
//! `decode(encode(x)) == x` holds for every byte string: an encoding applies only where its inverse reproduces
//! the spelling; all else stays in the skeleton, literally. (A schema may declare a [`reduction`], which whoever takes
//! records in applies before all that.) The bytes are specified in `FORMAT.md`.
//!
//! # Memory and time
//!
//! Encoding and decoding a batch take at most 8 times its bytes of JSON at once (a test counts), level `small` up to 16 MiB
//! of tables more. Scans are iterative and linear: depth, length and number of members do not matter. Decoding takes
//! no memory that [`Limits`] did not allow. With the feature `threads`, the cores share a payload's
//! blocks.
//!
//! # Levels
//!
//! Records of 20 MB of samples from a game's API, one core, decoding beside miniz_oxide's inflate: `fast` and `default`
//! decode at the speed of a DEFLATE decoder and store a fifth of its bytes; fewer contexts a column decode faster
//! and store more.
//!
//! | contexts with lists a column | bytes | decode (× inflate) | level |
//! |---|---|---|---|
//! | none | 636,549 | 0.96 | |
//! | 1 | 576,061 | 1.02 | `fast` |
//! | 2 | 552,272 | 0.84 | |
//! | 3, thorough search and DEFLATE | 529,339 | 0.80 | `default` |
//! | 2, thorough search and DEFLATE | 538,784 | 0.88 | |
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "arrow", feature = "threads"))]
extern crate std;

#[cfg(feature = "arrow")]
pub mod arrow;
pub mod batch;
pub mod block;
pub mod column;
pub mod container;
pub mod decoder;
pub mod encoder;
pub mod encoding;
pub mod error;
pub mod framing;
pub mod infer;
pub mod inspect;
mod intern;
mod mix;
pub mod record;
pub mod reduction;
pub mod schema;
pub mod skeleton;
mod stream;
mod text;
mod wire;

pub use container::{Block, Level, Limits, decode, encode, pack, unpack};
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use error::Error;
pub use inspect::inspect;
pub use schema::Schema;
