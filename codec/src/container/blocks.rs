//! A container's blocks decoded: on one core or, with the feature `threads`, on all. What it answers is the same.

use alloc::vec::Vec;

use super::Section;
use crate::{batch::Batch, block, error::Result};

/// What is left of [`super::Limits`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

/// A block, and the sizes of its header, its skeletons and its columns.
type Taken = (Batch, Vec<usize>);

/// Decodes blocks, in order.
pub(super) fn decode(blocks: &[Section<'_>], left: &mut Left) -> Result<Vec<Taken>> {
    #[cfg(feature = "threads")]
    if let Some(done) = threaded::decode(blocks, left, threaded::cores()) {
        return done;
    }
    one_by_one(blocks, left)
}

fn one_by_one(blocks: &[Section<'_>], left: &mut Left) -> Result<Vec<Taken>> {
    let mut done = Vec::new();
    for section in blocks {
        let taken = block::take(section.body, section.offset, left.rows, &mut left.bytes)?;
        left.rows -= taken.0.rows();
        done.push(taken);
    }
    Ok(done)
}

#[cfg(feature = "threads")]
mod threaded {
    use core::num::NonZero;
    use std::{io, panic::resume_unwind, thread};

    use super::*;
    use crate::error::Kind;

    /// Less of a payload than this is decoded before a thread has begun.
    const BYTES_A_THREAD: usize = 16 << 10;

    pub(super) fn cores() -> usize {
        thread::available_parallelism().map_or(1, NonZero::get)
    }

    /// `None` if one thread is to do it: there is little to do, or some blocks need more than their share of the limits.
    pub(super) fn decode(
        blocks: &[Section<'_>],
        left: &mut Left,
        cores: usize,
    ) -> Option<Result<Vec<Taken>>> {
        let bytes: usize = blocks.iter().map(|block| block.body.len()).sum();
        let groups = blocks.len().min(bytes / BYTES_A_THREAD).min(cores);
        if groups < 2 {
            return None;
        }
        let share = Left { rows: left.rows / groups, bytes: left.bytes / groups };
        let work = move |group| {
            let mut left = share;
            one_by_one(group, &mut left).map(|done| (done, left))
        };
        let group = |i| blocks.get(i * blocks.len() / groups..(i + 1) * blocks.len() / groups);
        let done: Vec<_> = thread::scope(|scope| {
            let begin = |group| thread::Builder::new().spawn_scoped(scope, move || work(group));
            let running = (0..groups).filter_map(group).map(begin).collect::<io::Result<Vec<_>>>().ok()?;
            Some(
                running
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
                    .collect(),
            )
        })?;
        if done.iter().any(|done| done.as_ref().is_err_and(|error| error.kind == Kind::Limit)) {
            return None;
        }
        Some(done.into_iter().collect::<Result<Vec<_>>>().map(|done| {
            let mut all = Vec::new();
            for (taken, unused) in done {
                left.rows -= share.rows - unused.rows;
                left.bytes -= share.bytes - unused.bytes;
                all.extend(taken);
            }
            all
        }))
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, sync::Arc, vec::Vec};
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::{Left, Section, Taken, one_by_one};
    use crate::{
        Encoder, Limits, Schema,
        container::{Block, Joiner, Level, decode, encode, payload},
        error::{Kind, Result, Stage},
    };

    /// Records that no coder makes small.
    fn records(n: usize, seed: u64) -> Vec<String> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 11
        };
        (0..n).map(|i| format!(r#"{{"n": {i}, "text": "{:x}{:x} {:x}"}}"#, next(), next(), next())).collect()
    }

    /// One payload of blocks with so many records each, and the records.
    fn joined(sizes: &[usize]) -> (Vec<u8>, Vec<String>) {
        let (mut payload, mut all, mut joiner) = (Vec::new(), Vec::new(), Joiner::default());
        for (size, seed) in sizes.iter().zip(1..) {
            let records = records(*size, seed);
            let schema = Arc::new(Schema::infer(records.iter().map(String::as_bytes)).schema);
            let block = encode(&schema, records.iter().map(String::as_bytes), Level::Fast);
            payload.extend_from_slice(joiner.add(&block));
            all.extend(records);
        }
        payload.extend(joiner.end());
        (payload, all)
    }

    /// The least limit of some kind with which this payload is decoded.
    fn least(payload: &[u8], limits: impl Fn(usize) -> Limits) -> usize {
        let (mut refused, mut accepted) = (0usize, 1usize << 30);
        while refused + 1 < accepted {
            let limit = refused.midpoint(accepted);
            match decode(payload, &limits(limit)) {
                Ok(_) => accepted = limit,
                Err(error) => {
                    assert_eq!(error.kind, Kind::Limit, "{error}");
                    refused = limit;
                }
            }
        }
        accepted
    }

    #[test]
    fn a_payload_takes_as_much_of_the_limits_as_its_blocks() {
        // Even blocks, and such that one needs more than a thread's share.
        for sizes in [&[600, 600, 600, 600][..], &[40, 40, 1_500], &[1_500, 40, 40, 40, 40]] {
            let (payload, records) = joined(sizes);
            // Enough for two threads.
            assert!(payload.len() > 32 << 10);
            let bytes = |max_bytes| Limits { max_bytes, ..Limits::default() };
            let rows = |max_rows| Limits { max_rows, ..Limits::default() };
            let alone = sizes.iter().zip(1..).map(|(size, seed)| {
                let records = self::records(*size, seed);
                let schema = Arc::new(Schema::infer(records.iter().map(String::as_bytes)).schema);
                least(&encode(&schema, records.iter().map(String::as_bytes), Level::Fast), bytes)
            });
            assert_eq!(least(&payload, bytes), alone.sum::<usize>());
            assert_eq!(least(&payload, rows), records.len());
        }
    }

    #[test]
    fn records_stay_in_order_and_within_the_limits() {
        let (payload, records) = joined(&[3_000, 10, 5_000, 2_000]);
        let block = decode(&payload, &Limits::default()).unwrap();
        let lines = records.iter().map(|record| format!("{record}\n")).collect::<String>();
        assert_eq!(block.lines().unwrap(), lines.as_bytes());
        let within = |max_bytes| Block { max_bytes, ..block.clone() }.lines();
        assert_eq!(within(lines.len()).unwrap(), lines.as_bytes());
        assert_eq!(within(lines.len() - 1).unwrap_err().kind, Kind::Limit);
    }

    /// Bodies of blocks of various sizes, enough for several threads.
    static BODIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let sizes = [900, 30, 1_200, 700, 1, 1_000];
        let body = |(size, seed)| {
            let records = records(size, seed);
            let schema = Arc::new(Schema::infer(records.iter().map(String::as_bytes)).schema);
            Encoder::new(&schema, Level::Fast).body(&records.iter().map(String::as_bytes).collect::<Vec<_>>())
        };
        sizes.into_iter().zip(1..).map(body).collect()
    });

    /// As on a machine with so many cores.
    #[cfg(feature = "threads")]
    fn threads<const CORES: usize>(blocks: &[Section<'_>], left: &mut Left) -> Result<Vec<Taken>> {
        super::threaded::decode(blocks, left, CORES).unwrap_or_else(|| one_by_one(blocks, left))
    }

    fn sections(bodies: &[Vec<u8>]) -> Vec<Section<'_>> {
        bodies.iter().zip(0..).map(|(body, i)| Section { kind: 1, body, offset: i << 20 }).collect()
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_decode_what_is_worth_it_within_the_limits() {
        let blocks = sections(&BODIES);
        let decode = |blocks, cores, bytes| {
            let mut left = Left { rows: 10_000, bytes };
            super::threaded::decode(blocks, &mut left, cores).map(Result::unwrap)
        };
        let alone = one_by_one(&blocks, &mut Left { rows: 10_000, bytes: 1 << 30 }).unwrap();
        for cores in 2..9 {
            assert_eq!(decode(&blocks, cores, 1 << 30).as_ref(), Some(&alone));
            assert_eq!(decode(&blocks, cores, 1 << 17), None);
        }
        assert_eq!(decode(&blocks, 1, 1 << 30), None);
        assert_eq!(decode(&blocks[..1], 8, 1 << 30), None);
        assert_eq!(decode(&blocks[4..5], 8, 1 << 30), None);
    }

    #[test]
    fn sections_without_end_are_refused_before_they_take_memory() {
        let payload = payload((0..10_000).map(|_| Vec::new()));
        let limits = Limits { max_bytes: 10_000, ..Limits::default() };
        let error = decode(&payload, &limits).unwrap_err();
        assert_eq!((error.kind, error.stage), (Kind::Limit, Stage::Container));
        let error = crate::Decoder::new(limits).columns(&payload, &[]).unwrap_err();
        assert_eq!((error.kind, error.stage), (Kind::Limit, Stage::Container));
    }

    proptest! {
        #[test]
        fn threads_answer_as_one_does(
            flips in prop::collection::vec((0..6usize, any::<prop::sample::Index>(), 0..8u8), 0..3),
            near_the_start: bool,
            (rows, bytes) in (1..8_000usize, 16..25u32),
        ) {
            let mut bodies = BODIES.clone();
            for (block, at, bit) in flips {
                let body = &mut bodies[block];
                let places = if near_the_start { body.len().min(200) } else { body.len() };
                body[at.index(places)] ^= 1 << bit;
            }
            let sections = sections(&bodies);
            let decode = |work: fn(&[Section<'_>], &mut Left) -> _| {
                let mut left = Left { rows, bytes: 1 << bytes };
                let done: Result<Vec<Taken>> = work(&sections, &mut left);
                done.map(|done| (done, left.rows, left.bytes))
            };
            let alone = decode(one_by_one);
            prop_assert_eq!(&decode(super::decode), &alone);
            #[cfg(feature = "threads")]
            for work in [threads::<2>, threads::<3>, threads::<8>] {
                prop_assert_eq!(&decode(work), &alone);
            }
        }
    }

    #[test]
    fn a_block_that_fails_is_told() {
        let records = records(1_500, 1);
        let schema = Arc::new(Schema::infer(records.iter().map(String::as_bytes)).schema);
        let body = Encoder::new(&schema, Level::Fast)
            .body(&records.iter().map(String::as_bytes).collect::<Vec<_>>());
        let cut = body[..body.len() - 1].to_vec();
        let alone = decode(&payload([cut.clone()]), &Limits::default()).unwrap_err();
        for bodies in [[&body, &cut], [&cut, &body], [&cut, &cut]] {
            let error = decode(&payload(bodies.map(Clone::clone)), &Limits::default()).unwrap_err();
            assert_eq!((error.kind, error.stage, &error.detail), (alone.kind, alone.stage, &alone.detail));
        }
    }
}
