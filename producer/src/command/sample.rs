//! `fidelog sample`: makes a log to try things on.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::progress;
use crate::{
    error::Result,
    output::Output,
    sample::{DEFAULT_SEED, Sampler},
};

/// Make game-API logs that look and compress like real ones
#[derive(Args)]
#[command(after_help = "\
All names, ids and paths are invented. The same seed gives the same bytes on every machine.

Examples:
  fidelog sample -n 10000 -o sample.json
  fidelog sample -n 1000000 --format lines --seed 7 | fidelog consume --from - --to store")]
pub(super) struct Sample {
    /// How many records
    #[arg(short = 'n', long, value_name = "N")]
    records: u64,
    /// Another seed gives another log
    #[arg(long, value_name = "S", default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Where to write it; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<OsString>,
    /// One JSON array, or one record a line
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Array,
    Lines,
}

/// Records between two looks at the progress bar.
const STRIDE: u64 = 1024;

impl Sample {
    pub(super) fn run(self) -> Result<()> {
        let (before, between, after) = match self.format {
            Format::Array => ("[", ", ", "]"),
            Format::Lines if self.records == 0 => ("", "", ""),
            Format::Lines => ("", "\n", "\n"),
        };
        let bar = progress::records(self.records);
        let done = self.output.map_or(Output::Stdout, Output::from).write(|out| {
            let mut sampler = Sampler::new(self.seed);
            let mut record = Vec::new();
            out.write_all(before.as_bytes())?;
            for i in 0..self.records {
                record.clear();
                if i > 0 {
                    record.extend_from_slice(between.as_bytes());
                }
                sampler.record_into(&mut record);
                out.write_all(&record)?;
                if i.is_multiple_of(STRIDE) {
                    bar.set_position(i);
                }
            }
            out.write_all(after.as_bytes())
        });
        bar.finish_and_clear();
        done
    }
}
