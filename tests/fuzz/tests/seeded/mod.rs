//! A target over its seeds, its past crashes and fresh inputs of fixed seeds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, panic, panic::AssertUnwindSafe};

use fidelog_fuzz::{Target, seeds};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Tries a target on everything that it is known for, then on `cases` new inputs.
pub fn run(target: Target, cases: u64, make: impl Fn(&mut ChaCha8Rng) -> Vec<u8>) {
    // No folder: the target never found anything.
    let crashes = fs::read_dir(target.crashes()).into_iter().flatten();
    for path in crashes.map(|file| file.unwrap().path()) {
        attempt(target, &path.display().to_string(), &fs::read(&path).unwrap());
    }
    for (i, input) in seeds::of(target).iter().enumerate() {
        attempt(target, &format!("seed input {i}"), input);
    }
    for seed in 0..cases {
        attempt(target, &format!("random seed {seed}"), &make(&mut ChaCha8Rng::seed_from_u64(seed)));
    }
}

/// Says which input it was, and keeps it, before it fails.
fn attempt(target: Target, name: &str, input: &[u8]) {
    if let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| target.run(input))) {
        let file = std::env::temp_dir().join(format!("fidelog-{}", target.name()));
        let kept = fs::write(&file, input).map(|()| file.display().to_string());
        eprintln!("{}: {name}, {} bytes, kept as {kept:?}", target.name(), input.len());
        panic::resume_unwind(cause);
    }
}
