//! What must hold for any bytes: the bodies of the fuzz targets, and the inputs that they start from.
//!
//! A body takes bytes and panics if a law is broken. Two drivers share them: the seeded loops among this crate's
//! tests, and libFuzzer (`scripts/fuzz.sh`), which has a workspace of its own in `libfuzzer/`. An input that ever broke
//! a law lies in `crashes/TARGET/` and is tried in every test run.

#![allow(clippy::panic, reason = "a broken law is told by a panic")]

pub mod bombs;
pub mod container;
pub mod decode_any;
pub mod infer_any;
pub mod memory;
pub mod mutate;
pub mod round_trip;
pub mod samples;
pub mod schema_any;
pub mod seeds;
pub mod target;

pub use target::Target;
