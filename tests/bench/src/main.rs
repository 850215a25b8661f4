//! `make bench`: sizes and speeds beside other formats, in one run: `bench [--quick] [--out FILE] [--data DIR] [INPUT]`.
//!
//! [`data`] is made or read, the [`general`] compressors, [`parquet`] and [`fidelog`] take turns with it in
//! [`measure`], and [`report`] prints one table for each data set, with what [`machine`] it was.

mod data;
mod fidelog;
mod general;
mod machine;
mod measure;
mod parquet;
mod report;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use fidelog_codec::Level;

use crate::{
    data::{Data, Source},
    fidelog::{Packed, Streamed},
    general::General,
    measure::Format,
    parquet::{Columns, Parquet},
    report::Results,
};

/// A failure stops the run; it is printed as it is.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Small];

/// Formats that take minutes for a hundred megabytes are tried on at most so many bytes.
const SLOW_BYTES: usize = 12_000_000;

struct Options {
    quick: bool,
    out: Option<PathBuf>,
    /// Where the data is left, for rivals that are other programs.
    data: Option<PathBuf>,
    input: Option<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options { quick: false, out: None, data: None, input: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--out" => options.out = Some(arguments.next().ok_or("--out needs a file")?.into()),
            "--data" => options.data = Some(arguments.next().ok_or("--data needs a directory")?.into()),
            _ if argument.starts_with('-') => {
                return Err("usage: bench [--quick] [--out FILE] [--data DIR] [INPUT]".into());
            }
            _ => options.input = Some(argument.into()),
        }
    }
    Ok(options)
}

/// The formats that take part for some data, the yardstick first.
fn formats(data: &Data, packs: bool) -> Result<Vec<Box<dyn Format>>> {
    let mut formats: Vec<Box<dyn Format>> = vec![Box::new(General::Zlib6)];
    for level in LEVELS {
        formats.push(Box::new(Streamed { level, batch: 10_000 }));
        // One batch is one batch, however large it might have been.
        if data.records.len() > 10_000 {
            formats.push(Box::new(Streamed { level, batch: 100_000 }));
        }
        if packs {
            formats.push(Box::new(Packed { level }));
        }
    }
    let columns = Arc::new(Columns::new(data)?);
    for zstd in [3, 19] {
        formats.push(Box::new(Parquet { columns: Arc::clone(&columns), zstd }));
    }
    for general in [General::Zstd(1), General::Zstd(3), General::Zstd(19), General::Brotli(5)] {
        formats.push(Box::new(general));
    }
    if data.bytes.len() <= SLOW_BYTES {
        formats.push(Box::new(General::Brotli(11)));
        formats.push(Box::new(General::Xz9e));
    }
    Ok(formats)
}

fn run() -> Result<()> {
    let options = options()?;
    let rounds = if options.quick { 2 } else { 3 };
    let mut results = Results::new(rounds)?;
    for source in data::sources(options.quick, options.input) {
        let data = source.load()?;
        if let (Some(directory), false) = (&options.data, matches!(source, Source::File(_))) {
            std::fs::create_dir_all(directory)?;
            std::fs::write(
                directory.join(format!("{}-{}.jsonl", data.name, data.records.len())),
                &data.bytes,
            )?;
        }
        eprintln!("{}: {} bytes, {} records", data.name, data.bytes.len(), data.records.len());
        let is_shape = matches!(source, Source::Shape { .. });
        let rows = measure::compare(&formats(&data, !is_shape)?, &data, rounds)?;
        let batches = if is_shape { Vec::new() } else { measure::batches(&data, options.quick)? };
        print!("{}", results.add(&data, rows, batches));
        // After each, so that a run that is cut short leaves what it has.
        if let Some(out) = &options.out {
            results.write(out)?;
        }
    }
    print!("{}", report::NOTES);
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
