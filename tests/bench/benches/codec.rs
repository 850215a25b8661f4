//! The codec's hot loops, in bytes of JSON a second: `cargo bench -p fidelog-bench --features run`.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput};
use fidelog_codec::{
    Level, Limits, Schema,
    batch::Batch,
    decode, encode,
    encoding::{Case, Encoding, NumberPattern, TimestampPattern, Value},
    schema::Style,
};
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

/// What each encoding takes a value: `parse` from a spelling, `render` back to it.
fn encodings(criterion: &mut Criterion) {
    let hex = |bytes| Encoding::Hex { case: Case::Lower, bytes };
    let time = TimestampPattern::try_from("YYYY-MM-DDThh:mm:ss.fffZ".to_owned());
    let mut values = vec![
        ("integer", Encoding::Integer, r"1937212348"),
        ("number, shortest", Encoding::Number { pattern: NumberPattern::Shortest }, r"21.5172"),
        ("number, fixed", Encoding::Number { pattern: NumberPattern::Fixed(3) }, r"21.517"),
        ("boolean", Encoding::Boolean, r"true"),
        (
            "hex of 32 bytes",
            hex(Some(32)),
            r#""0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0""#,
        ),
        ("uuid", Encoding::Uuid { case: Case::Lower }, r#""123e4567-e89b-12d3-a456-426614174000""#),
        ("text of 30 characters", Encoding::Text, r#""GET /v2/save?slot=17 HTTP/1.1.""#),
        ("json of 30 bytes", Encoding::Json, r#"[{"columns": ["hp"], "n": 17}]"#),
    ];
    values.extend(
        time.map(|pattern| ("timestamp", Encoding::Timestamp { pattern }, r#""2031-05-17T21:04:08.250Z""#)),
    );
    let mut group = criterion.benchmark_group("encodings");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let style = Style::default();
    for (name, encoding, spelling) in &values {
        let (mut scratch, mut out) = (Vec::new(), Vec::new());
        group.bench_function(BenchmarkId::new("parse", name), |b| {
            b.iter(|| {
                black_box(encoding.parse(black_box(spelling.as_bytes()), &style, &mut scratch)).is_some()
            });
        });
        let value = encoding.parse(spelling.as_bytes(), &style, &mut scratch).unwrap_or(Value::Null);
        assert!(value != Value::Null, "{name}: {spelling} is a misfit");
        group.bench_function(BenchmarkId::new("render", name), |b| {
            b.iter(|| {
                out.clear();
                encoding.render(black_box(value), &style, &mut out)
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    encodings(&mut criterion);
    loops(&mut criterion);
    criterion.final_summary();
}
