//! Formats take turns, round after round, and the best time of each counts: a busy machine is busy for all. Time is
//! that of the processor: all work is in memory and on one thread, and others' work must not count.

use fidelog_codec::Encoder;
use rustix::time::{ClockId, clock_gettime};

use crate::{LEVELS, Result, data::Data, fidelog, general::General};

/// What a format makes of some data.
pub type Pieces = Vec<Vec<u8>>;

/// Something that stores records.
pub trait Format {
    /// Its name in the table.
    fn name(&self) -> String;
    /// Runs once only.
    fn is_slow(&self) -> bool;
    /// The data, stored.
    fn encode(&self, data: &Data) -> Result<Pieces>;
    /// The file's own bytes again; `None` where that is not the format's work.
    fn decode(&self, pieces: &Pieces, data: &Data) -> Result<Option<Vec<u8>>>;
    /// Decodes to columns in memory and counts the rows; `None` where there are no columns.
    fn columns(&self, pieces: &Pieces) -> Result<Option<usize>>;
}

/// One line of the table: bytes, and seconds at best.
#[derive(Clone)]
pub struct Row {
    pub name: String,
    pub size: usize,
    pub encode: f64,
    pub decode: Option<f64>,
    pub columns: Option<f64>,
}

/// Sizes of one batch size: JSON bytes for each byte stored, by what stores them.
pub struct BatchRow {
    pub batch: usize,
    pub batches: usize,
    pub ratios: Vec<(String, f64)>,
}

/// Quick work is repeated for so many seconds.
const ENOUGH: f64 = 0.03;

/// Seconds of this thread so far.
fn clock() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// What some work gives, and the seconds it takes at best.
fn timed<T>(mut work: impl FnMut() -> Result<T>) -> Result<(T, f64)> {
    let first = clock();
    let mut least = f64::INFINITY;
    loop {
        let start = clock();
        let value = work()?;
        let end = clock();
        least = least.min(end - start);
        if end - first >= ENOUGH {
            return Ok((value, least));
        }
    }
}

/// The lesser of two times; the first may be missing.
fn best(before: Option<f64>, now: f64) -> Option<f64> {
    Some(before.map_or(now, |before| before.min(now)))
}

/// Runs all formats on the data, in turn, `rounds` times.
pub fn compare(formats: &[Box<dyn Format>], data: &Data, rounds: usize) -> Result<Vec<Row>> {
    let row =
        |f: &dyn Format| Row { name: f.name(), size: 0, encode: f64::INFINITY, decode: None, columns: None };
    let mut rows: Vec<Row> = formats.iter().map(|f| row(f.as_ref())).collect();
    for round in 0..rounds {
        for (format, row) in formats.iter().zip(&mut rows) {
            if round > 0 && format.is_slow() {
                continue;
            }
            eprint!("\r\x1b[K  round {} of {rounds}: {}", round + 1, row.name);
            let (pieces, seconds) = timed(|| format.encode(data))?;
            row.encode = row.encode.min(seconds);
            row.size = pieces.iter().map(Vec::len).sum();
            let (file, seconds) = timed(|| format.decode(&pieces, data))?;
            if let Some(file) = file {
                row.decode = best(row.decode, seconds);
                exact(&row.name, &file, data)?;
            }
            let (count, seconds) = timed(|| format.columns(&pieces))?;
            if let Some(count) = count {
                row.columns = best(row.columns, seconds);
                if count != data.records.len() {
                    return Err(format!("{}: {count} rows came back", row.name).into());
                }
            }
        }
    }
    eprint!("\r\x1b[K");
    Ok(rows)
}

/// Speed counts for nothing where the bytes are not the same: the file's, or its records as lines.
fn exact(name: &str, file: &[u8], data: &Data) -> Result<()> {
    let is_lines = || {
        let mut rest = file;
        data.slices().into_iter().all(|record| {
            let next = rest.strip_prefix(record).and_then(|rest| rest.strip_prefix(b"\n"));
            next.is_some_and(|next| {
                rest = next;
                true
            })
        }) && rest.is_empty()
    };
    if file == data.bytes || is_lines() {
        return Ok(());
    }
    Err(format!("{name}: what came back is not what was stored").into())
}

/// Batches of every size through one encoder, and each alone through general compressors.
pub fn batches(data: &Data, quick: bool) -> Result<Vec<BatchRow>> {
    let slices = data.slices();
    let mut rows = Vec::new();
    for (batch, most) in [(1, 1000usize), (100, 200), (500, 60), (10_000, 4), (100_000, 1)] {
        let most = if quick { most.div_ceil(4) } else { most };
        let whole: Vec<&[&[u8]]> = slices.chunks_exact(batch).take(most).collect();
        if whole.is_empty() {
            continue;
        }
        eprint!("\r\x1b[K  batches of {batch}");
        let joined: Vec<Vec<u8>> =
            whole.iter().map(|batch| batch.iter().flat_map(|r| [r, &b"\n"[..]].concat()).collect()).collect();
        let bytes: usize = joined.iter().map(Vec::len).sum();
        let mut ratios = Vec::new();
        let mut add = |name: String, size: usize| ratios.push((name, bytes as f64 / size as f64));
        for level in LEVELS {
            let mut encoder = Encoder::new(&data.schema, level);
            let size = whole.iter().map(|batch| encoder.encode(batch.iter().copied()).len()).sum();
            add(format!("fidelog {}", fidelog::name(level)), size);
        }
        for general in [General::Zlib6, General::Zstd(19)] {
            let mut size = 0;
            for batch in &joined {
                size += general.compress(batch)?.len();
            }
            add(general.name(), size);
        }
        rows.push(BatchRow { batch, batches: whole.len(), ratios });
    }
    eprint!("\r\x1b[K");
    Ok(rows)
}
