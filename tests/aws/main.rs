//! The write path on AWS, against a local one that speaks its protocols: `scripts/local-aws.sh` starts it.

// A helper that cannot go on fails its test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod harness;
mod ingest;
mod kills;
mod memory;
mod optimizers;
mod path;
mod payloads;
mod proxy;
mod reduction;
mod resharding;
mod volume;
mod workers;
