//! What encoding and decoding a batch takes: memory at its peak, and how often memory is asked for.
//!
//! The counting allocator grows a vector by a new block beside the old one, as the worst system would, so a peak here
//! is an upper bound. The input, which the caller holds, does not count; the result does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use fidelog_codec::{Level, Limits, Schema, batch::Batch, decode, encode};
use fidelog_tests::shapes;

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// Most memory, in multiples of the batch's JSON bytes.
const FACTOR: u64 = 8;

/// Level small's models have this size however small the batch is.
const SMALL_TABLES: u64 = 16 << 20;

/// Game-API requests: recurring users who do things one after another, as the reference log has them.
fn requests(n: usize) -> Vec<Vec<u8>> {
    let mut state = 1u64;
    let mut dice = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut ms = 1_700_000_000_000u64;
    (0..n)
        .map(|_| {
            let user = dice(700) * dice(700) / 700;
            let id = [1u64, 2, 3, 4].map(|part| (user * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            ms -= dice(3);
            let page = dice(40) * dice(25) / 25;
            format!(
                "{{\"game_id\": {}, \"gamer_id\": \"{:016x}{:016x}{:016x}{:016x}\", \"inDate\": \"2023-11-14T{:02}:{:02}:{:02}.{:03}Z\", \"url\": \"/v{}/game/page{page}?from={:08x}\", \"method\": \"{}\", \"tableAndColumn\": {}}}",
                2000 + user % 9,
                id[0],
                id[1],
                id[2],
                id[3],
                ms / 3_600_000 % 24,
                ms / 60_000 % 60,
                ms / 1000 % 60,
                ms % 1000,
                1 + page % 4,
                dice(900) * 0x0100_0193,
                ["GET", "POST", "PUT"][page as usize % 3],
                if page.is_multiple_of(5) { "[{\"table\": \"Wallet\", \"column\": \"gold\"}]" } else { "null" },
            )
            .into_bytes()
        })
        .collect()
}

fn shape(name: &str, n: usize) -> Vec<Vec<u8>> {
    shapes::records(name, 5).unwrap().take(n).collect()
}

fn infer(records: &[Vec<u8>]) -> Arc<Schema> {
    Arc::new(Schema::infer(records.iter().map(Vec::as_slice)).schema)
}

fn within(kind: &str, step: &str, level: Option<Level>, info: &AllocationInfo, bytes: u64) {
    let fixed = if level == Some(Level::Small) { SMALL_TABLES } else { 0 };
    println!(
        "{kind}, {step} {level:?}: {:.2} × of {bytes} bytes, {} allocations",
        info.bytes_max as f64 / bytes as f64,
        info.count_total
    );
    assert!(
        info.bytes_max <= FACTOR * bytes + fixed,
        "{kind}, {step} {level:?}: {} bytes at the peak for {bytes} bytes of JSON",
        info.bytes_max
    );
}

fn bounded(kind: &str, records: &[Vec<u8>]) {
    let bytes = records.iter().map(|record| record.len() as u64).sum::<u64>();
    let schema = infer(records);
    let slices = || records.iter().map(Vec::as_slice);
    let mut batch = None;
    let info = measure(|| batch = Some(Batch::split(&schema, slices())));
    within(kind, "split", None, &info, bytes);
    for level in LEVELS {
        let mut payload = Vec::new();
        let info = measure(|| payload = encode(&schema, slices(), level));
        within(kind, "encode", Some(level), &info, bytes);
        let info = measure(|| drop(decode(&payload, &Limits::default()).unwrap()));
        within(kind, "decode to columns", Some(level), &info, bytes);
        let mut lines = Vec::new();
        let info = measure(|| lines = decode(&payload, &Limits::default()).unwrap().lines().unwrap());
        within(kind, "decode to records", Some(level), &info, bytes);
        assert_eq!(lines.len() as u64, bytes + records.len() as u64, "{kind}, {level:?}");
    }
}

#[test]
fn peak_of_requests() {
    bounded("requests", &requests(10_000));
}

#[test]
fn peak_of_audit_events() {
    bounded("audit", &shape("audit", 4_000));
}

#[test]
fn peak_of_container_lines() {
    bounded("container", &shape("container", 10_000));
}

/// Twice the records: few more allocations, none for each value.
fn few_allocations(kind: &str, records: &[Vec<u8>]) {
    let n = records.len() / 2;
    let schema = infer(records);
    for level in LEVELS {
        let mut counts = Vec::new();
        for part in [&records[..n], records] {
            let mut payload = Vec::new();
            let encoded = measure(|| payload = encode(&schema, part.iter().map(Vec::as_slice), level));
            let decoded = measure(|| drop(decode(&payload, &Limits::default()).unwrap().lines().unwrap()));
            counts.push([encoded.count_total, decoded.count_total]);
        }
        for (i, step) in ["encode", "decode"].into_iter().enumerate() {
            let more = counts[1][i].saturating_sub(counts[0][i]);
            println!(
                "{kind}, {step} {level:?}: {} allocations, {more} more for {n} more records",
                counts[0][i]
            );
            assert!(
                more * 2 <= n as u64,
                "{kind}, {step} {level:?}: {} allocations, {more} more for {n} more records",
                counts[0][i]
            );
        }
    }
}

#[test]
fn allocations_of_requests() {
    few_allocations("requests", &requests(16_000));
}

#[test]
fn allocations_of_audit_events() {
    few_allocations("audit", &shape("audit", 10_000));
}

#[test]
fn allocations_of_container_lines() {
    few_allocations("container", &shape("container", 16_000));
}
