//! Whatever bytes a decoder is given, it returns records or a typed error, in bounded memory.

use fidelog_codec::{
    Block, Level, Limits, batch::Batch, container::encode_batch, decode, error::Kind, inspect, unpack,
};

use crate::{
    container::{self, BLOCK, FRAMING},
    memory, seeds,
};

/// What an input's bytes stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A container.
    Raw,
    /// A container whose checksums and lengths are put right first.
    Repaired,
    /// A block's body, in a right container.
    Body,
    /// A block's body with its header laid open; see [`container::closed_header`].
    OpenHeader,
    /// A framing's body, after a block of few records.
    Framing,
}

impl Mode {
    /// All modes, in the order of an input's first byte.
    pub const ALL: [Mode; 5] = [Mode::Raw, Mode::Repaired, Mode::Body, Mode::OpenHeader, Mode::Framing];

    const fn of(byte: u8) -> Mode {
        match byte % 5 {
            0 => Mode::Raw,
            1 => Mode::Repaired,
            2 => Mode::Body,
            3 => Mode::OpenHeader,
            _ => Mode::Framing,
        }
    }

    /// An input of this mode.
    #[must_use]
    pub fn input(self, data: &[u8]) -> Vec<u8> {
        let mode = Mode::ALL.iter().position(|mode| *mode == self).unwrap_or(0);
        [&[mode as u8], data].concat()
    }
}

/// Half of the inputs meet a cap that no model of the mixing coder fits, the others one that several do.
const CAPS: [usize; 2] = [1 << 20, 96 << 20];

/// What a decoder may hold beside decoded columns and records: the input's parts, tables for candidate lists.
const OVERHEAD: usize = 8 << 20;

/// Most rows that are encoded again.
const AGAIN: usize = 500;

/// Tries one input: its first byte says what the others are.
///
/// # Panics
/// If a law is broken.
pub fn run(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else { return };
    let container = match Mode::of(first) {
        Mode::Raw => data.to_vec(),
        Mode::Repaired => container::repaired(data),
        Mode::Body => container::join([(BLOCK, data)]),
        Mode::OpenHeader => container::join([(BLOCK, container::closed_header(data).as_slice())]),
        Mode::Framing => {
            let records = seeds::three_records();
            container::join(container::split(&records).into_iter().chain([(FRAMING, data)]))
        }
    };
    let max_bytes = CAPS[usize::from(first >> 7)];
    check(&container, &Limits { max_rows: 1 << 14, max_bytes });
}

/// Decodes a container in every way and compares what they say.
///
/// # Panics
/// If a law is broken.
pub fn check(container: &[u8], limits: &Limits) {
    let bound = 2 * limits.max_bytes + 64 * container.len() + OVERHEAD;
    let (decoded, peak) = memory::peak(|| decode(container, limits));
    assert!(peak <= bound, "decode held {peak} bytes under {limits:?}, {} bytes in", container.len());
    let report = inspect(container, limits);
    let (file, peak) = memory::peak(|| unpack(container, limits));
    assert!(peak <= bound, "unpack held {peak} bytes under {limits:?}, {} bytes in", container.len());
    let block = match (decoded, report) {
        (Ok(block), Ok(report)) => {
            assert_eq!((report.records, report.blocks), (block.rows(), block.batches().len()));
            block
        }
        (Err(decode), Err(inspect)) => {
            assert_eq!(decode, inspect);
            assert_eq!(file.map(|_| ()), Err(decode));
            return;
        }
        (decoded, report) => panic!("decode: {:?}, inspect: {report:?}", decoded.map(|_| ())),
    };
    assert!(block.rows() <= limits.max_rows);
    assert!(file.is_err() || file.is_ok_and(|file| file.len() <= limits.max_bytes));
    render(&block, limits.max_bytes);
}

/// Renders records in every way.
fn render(block: &Block, max_bytes: usize) {
    let mut all = Vec::new();
    let mut rendered = Ok(());
    for (row, record) in block.records().enumerate() {
        let mut alone = Vec::new();
        let one = block.record_into(row, &mut alone);
        match record {
            Ok(record) => {
                assert!(one.is_ok() && alone == record, "row {row} is another record when read alone");
                all.extend_from_slice(&record);
                all.push(b'\n');
            }
            Err(error) => {
                // A skeleton may be wrong in two places, of which each way finds its own first. All records together
                // meet the limit, one alone may be within it.
                let is_over = error.kind == Kind::Limit && all.len() + alone.len() > max_bytes;
                assert!(one.is_err() || is_over, "row {row} only when read alone");
                rendered = Err(error);
            }
        }
        if all.len() > max_bytes || rendered.is_err() {
            break;
        }
    }
    let lines = block.lines();
    match rendered {
        Ok(()) if all.len() <= max_bytes => assert!(lines.is_ok_and(|lines| lines == all), "lines differ"),
        _ => assert!(lines.is_err(), "lines where a record cannot be rendered"),
    }
    assert!(block.record_into(block.rows(), &mut Vec::new()).is_err(), "a record after the last one");
    block.field_names();
    let fields = |batch: &Batch| batch.schema().fields().len().max(1);
    for batch in block.batches().iter().filter(|batch| batch.rows() * fields(batch) <= 10 * AGAIN) {
        again(batch);
    }
}

/// A decoded batch may be stored elsewhere, or encoded again.
fn again(batch: &Batch) {
    let records = |batch: &Batch| batch.records().collect::<Result<Vec<_>, _>>();
    let Ok(before) = records(batch) else {
        // There is nothing to compare, but nothing may panic either.
        let _ = batch.declared_only();
        let _ = encode_batch(batch, Level::Fast);
        return;
    };
    if before.iter().map(Vec::len).sum::<usize>() > 1 << 20 {
        return;
    }
    let level = if batch.rows().is_multiple_of(2) { Level::Default } else { Level::Small };
    let payload = encode_batch(batch, level);
    let block = decode(&payload, &Limits::default());
    let after = block.and_then(|block| block.records().collect::<Result<Vec<_>, _>>());
    assert!(after.as_ref() == Ok(&before), "encoded again: {:?}", after.err());
    if let Ok(declared) = batch.declared_only() {
        assert!(records(&declared) == Ok(before), "only the declared fields");
    }
    #[cfg(feature = "arrow")]
    arrow(batch);
}

/// Through Arrow arrays and back.
#[cfg(feature = "arrow")]
fn arrow(batch: &Batch) {
    use fidelog_codec::arrow::{arrays, schema_fields};
    let fields = schema_fields(batch.schema());
    if let Ok(arrays) = arrays(batch, &fields) {
        for array in arrays.into_iter().flatten() {
            assert_eq!(arrow_array::Array::len(&array), batch.rows());
        }
    }
}
