//! Containers damaged at random, their checksums put right or not: a binary and a thread of its own, as it measures memory.

use fidelog_fuzz::{
    Target,
    decode_any::Mode,
    mutate::{bytes, damaged},
    seeds,
};
use rand::seq::IndexedRandom;

mod seeded;

#[test]
fn decode_any() {
    let seeds = seeds::of(Target::DecodeAny);
    seeded::run(Target::DecodeAny, 6_000, |random| {
        let mode = Mode::ALL.choose(random).copied().unwrap_or(Mode::Raw);
        match (seeds.choose(random), seeds.choose(random)) {
            (Some(input), Some(other)) if !matches!(mode, Mode::Raw) => damaged(random, input, other),
            _ => mode.input(&bytes(random, 300)),
        }
    });
}
