//! Runs the real `fidelog` binary, as a user would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_input;
mod consume;
mod export;
mod full_disk;
mod infer;
mod kill;
mod oddity;
mod pack;
mod reduction;
mod run;
mod sample;
mod stop;
