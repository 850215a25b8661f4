//! The read path over both engines: Athena's is a fake of its protocol that answers from the local engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../lambda/tests/api/caller.rs"]
mod caller;
mod conformance;
mod deployed;
mod failures;
mod fake;
mod life_cycle;
mod load;
mod programs;
mod results;
mod semantics;
mod world;
