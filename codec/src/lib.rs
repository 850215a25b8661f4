//! Byte-exact, columnar compression of log records.
//!
//! A record's path through this crate, in the order of its modules:
//!
//! 1. [`record`] scans a record's bytes once and finds the span of each member's value;
//! 2. [`skeleton`] cuts the values that a [`schema`] field can encode out of the record and leaves holes;
//! 3. [`encoding`] turns a value's JSON spelling into a typed value, and back to the same spelling;
//! 4. [`mod@column`] holds one field's typed values over many records, [`batch`] all fields' columns and the skeletons;
//! 5. [`block`] compresses a batch into a self-describing, checksummed section; an [`encoder`] keeps what it found out;
//! 6. [`container`] is a sequence of blocks, with what it takes to give a packed file back byte for byte.
//!
//! `decode(encode(x)) == x` holds for every byte string: an encoding applies only where its inverse reproduces
//! the spelling; all else stays in the skeleton, literally.
#![no_std]

extern crate alloc;
#[cfg(any(test, feature = "arrow"))]
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
