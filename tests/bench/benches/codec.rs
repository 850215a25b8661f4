//! The codec's hot loops, in bytes of JSON a second: `cargo bench -p fidelog-bench --features run`.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput};
use fidelog_codec::{Level, Limits, Schema, batch::Batch, decode, encode};
use fidelog_tests::shapes;

// The producer as a library would bring the whole table along, minutes of building for one generator.
#[allow(unused_imports, reason = "without the test harness, those of its unit tests are")]
#[path = "../../../producer/src/sample/mod.rs"]
mod sample;

const RECORDS: usize = 10_000;
const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// What the loops run on: the ordinary case, a nested one, one of free text.
fn data() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let shape = |name| shapes::records(name, 1).into_iter().flatten().take(RECORDS).collect();
    let sample = sample::Sampler::new(sample::DEFAULT_SEED).take(RECORDS).collect();
    vec![("sample", sample), ("audit", shape("audit")), ("container", shape("container"))]
}

fn loops(criterion: &mut Criterion) {
    for (name, records) in data() {
        let slices = || records.iter().map(Vec::as_slice);
        let schema = Arc::new(Schema::infer(slices()).schema);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(records.iter().map(|record| record.len() as u64).sum()));
        group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));

        group.bench_function("infer", |b| b.iter(|| Schema::infer(slices())));
        group.bench_function("split", |b| b.iter(|| Batch::split(&schema, slices())));
        let batch = Batch::split(&schema, slices());
        group.bench_function("render", |b| {
            let mut out = Vec::new();
            b.iter(|| {
                let mut renderer = batch.renderer();
                for row in 0..batch.rows() {
                    out.clear();
                    // A batch renders what it was split from.
                    let _ = black_box(renderer.record_into(row, &mut out));
                }
            });
        });
        for level in LEVELS {
            let payload = encode(&schema, slices(), level);
            let level_name = format!("{level:?}").to_lowercase();
            group.bench_function(BenchmarkId::new("encode", &level_name), |b| {
                b.iter(|| encode(&schema, slices(), level));
            });
            group.bench_function(BenchmarkId::new("decode", &level_name), |b| {
                b.iter(|| decode(&payload, &Limits::default()));
            });
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    loops(&mut criterion);
    criterion.final_summary();
}
