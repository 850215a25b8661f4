//! What is encoded or packed comes back byte for byte.

use std::sync::Arc;

use fidelog_codec::{Encoder, Level, Limits, Schema, decode, pack, unpack};

use crate::samples;

/// All levels.
pub const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// Tries one input: its first byte says how the others are cut into records, at which level they are encoded and
/// under which schema.
///
/// # Panics
/// If a law is broken.
pub fn run(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else { return };
    let level = LEVELS[usize::from(first & 3) % 3];
    if first & 0x80 != 0 {
        let packed = pack(data, level);
        assert!(unpack(&packed, &Limits::default()).as_deref() == Ok(data), "{level:?}: the packed file");
        return;
    }
    let records = if first & 4 != 0 { by_length(data) } else { data.split(|&c| c == b'\n').collect() };
    let schema = match first >> 3 & 3 {
        0 => samples::rich_schema(),
        1 => samples::wide_schema(),
        // From the first half only, so that the others do not quite fit.
        2 => Arc::new(Schema::infer(records.iter().take(records.len().div_ceil(2)).copied()).schema),
        _ => Arc::new(Schema::empty(samples::rich_schema().style().clone())),
    };
    check(&schema, &records, level, first & 0x20 != 0);
}

/// Each record follows its length, one byte.
fn by_length(data: &[u8]) -> Vec<&[u8]> {
    let mut rest = data;
    let mut records = Vec::new();
    while let Some((&len, after)) = rest.split_first() {
        let (record, after) = after.split_at(usize::from(len).min(after.len()));
        records.push(record);
        rest = after;
    }
    records
}

/// Encodes records, in two batches of one stream if `twice`, and compares.
///
/// # Panics
/// If they do not come back.
pub fn check(schema: &Arc<Schema>, records: &[&[u8]], level: Level, twice: bool) {
    let mut encoder = Encoder::new(schema, level);
    let (early, late) = records.split_at(if twice { records.len() / 2 } else { 0 });
    for part in [early, late] {
        let payload = encoder.encode(part.iter().copied());
        let block = match decode(&payload, &Limits::default()) {
            Ok(block) => block,
            Err(error) => panic!("{level:?}: {error}"),
        };
        assert_eq!(block.rows(), part.len(), "{level:?}");
        for (row, (back, record)) in block.records().zip(part).enumerate() {
            assert!(back.as_deref() == Ok(*record), "{level:?}, record {row}: {back:?}");
        }
    }
}
