//! End-to-end tests, in the order of a record's path: files and containers, the table, the API.

// A helper that cannot go on fails its test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

mod bad_input;
mod consume;
mod pack;
mod query;
mod soak;
mod sql_verdicts;
mod vectors;
