//! Records, files and schema documents generated at random come back, or are refused.

use fidelog_fuzz::{
    Target,
    mutate::{bytes, damaged, json_like},
    seeds,
};
use rand::{Rng, seq::IndexedRandom};

mod seeded;

/// A file of lines, half of the time a damaged one.
fn file(random: &mut impl Rng) -> Vec<u8> {
    let most = if random.random_ratio(1, 10) { 120 } else { 12 };
    let file = json_like(random, most);
    let other = json_like(random, 6);
    if random.random() { damaged(random, &file, &other) } else { file }
}

#[test]
fn round_trip() {
    seeded::run(Target::RoundTrip, 900, |random| {
        let file = if random.random_ratio(1, 6) { bytes(random, 200) } else { file(random) };
        [&[random.random::<u8>()], &file[..]].concat()
    });
}

#[test]
fn schema_any() {
    let seeds = seeds::of(Target::SchemaAny);
    seeded::run(Target::SchemaAny, 1_500, |random| match (seeds.choose(random), seeds.choose(random)) {
        (Some(input), Some(other)) => damaged(random, input, other),
        _ => bytes(random, 100),
    });
}

#[test]
fn infer_any() {
    seeded::run(Target::InferAny, 600, file);
}
