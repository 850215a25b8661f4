//! `fidelog produce`: records into a stream.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{ArgGroup, Args};

use super::{
    format::Format,
    json, lossy,
    place::{only_stream, shared_schema, source_name},
    print, progress,
    table::thousands,
};
use crate::{
    error::{Error, Result},
    input::Input,
    produce::{Ended, Form, Job, Origin, Totals, produce},
    sample::DEFAULT_SEED,
};

/// Send records to a Kinesis stream, many in each Kinesis record
#[derive(Args)]
#[command(group = ArgGroup::new("from").required(true).args(["files", "sample"]), after_help = "\
Records travel in blocks, which `fidelog consume` unpacks and which cost far fewer PUT units than a record each. A \
block says which records of which source it holds, so that one that arrives twice is stored once; with --source the \
same holds for a command that is run again after a crash. --plain sends each record as it is, for other readers; what \
is sent again after a lost answer then arrives twice. A schema that leaves something out (keep, strip) is applied before \
records are sent.

Examples:
  fidelog produce --sample 100000 --to kinesis:logs
  fidelog produce app.jsonl --to kinesis:logs --source app.jsonl
  tail -F app.log | fidelog produce - --to kinesis:logs --format lines

Exit codes: 3 if records were too large for the stream and went to the dead letters; 130 or 143 if stopped by a signal, \
after what was read was sent.")]
pub(super) struct Produce {
    /// Files of records, one after the other, or - for standard input
    #[arg(value_name = "FILE")]
    files: Vec<OsString>,
    /// Send so many invented records instead
    #[arg(long, value_name = "N")]
    sample: Option<u64>,
    /// Another seed gives another sample
    #[arg(long, value_name = "S", default_value_t = DEFAULT_SEED, requires = "sample")]
    seed: u64,
    /// The stream
    #[arg(long, value_name = "kinesis:STREAM", value_parser = only_stream)]
    to: String,
    /// Send each record as it is, not in blocks
    #[arg(long)]
    plain: bool,
    /// A name for this input, under which no record is stored twice
    #[arg(long, value_name = "NAME", value_parser = source_name, conflicts_with = "plain")]
    source: Option<String>,
    /// The schema's file; otherwise one is inferred from the first records
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<OsString>,
    /// How the files hold their records
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// About how many bytes a block becomes; PUT units are 25,000
    #[arg(long, value_name = "N", default_value_t = 100_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    block_bytes: u64,
    /// For how many milliseconds a record waits for others to share its block
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    linger: u64,
    /// Send at most so many records a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Where records go that are too large for the stream
    #[arg(long, value_name = "FILE", default_value = "fidelog-dead-letters.jsonl")]
    dead_letter: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Produce {
    pub(super) fn run(self) -> Result<()> {
        let from = match self.sample {
            Some(count) => Origin::Sample(count, self.seed),
            None => Origin::Files(self.files.into_iter().map(Input::from).collect(), self.format.into()),
        };
        // Without a name the run is a source of its own.
        let source = self.source.unwrap_or_else(|| format!("run-{:032x}", rand::random::<u128>()));
        let form = if self.plain { Form::Plain } else { Form::Blocks(source, self.block_bytes as usize) };
        let job = Job {
            from,
            stream: self.to.clone(),
            form,
            schema: shared_schema(self.schema)?,
            rate: self.rate,
            linger: Duration::from_millis(self.linger),
            dead_letters: self.dead_letter.clone(),
        };
        job.schema.iter().for_each(|schema| lossy::announce(schema));
        let bar = progress::sending(self.sample);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let done = runtime.block_on(produce(job, |totals| {
            bar.set_position(totals.records);
            bar.set_message(units(totals));
        }));
        bar.finish_and_clear();
        let Ended { totals, signal } = done?;
        if self.json {
            print(&json(&totals))?
        } else {
            print(&sentence(&totals, &self.to))?
        }
        match signal {
            Some(signal) => Err(Error::Stopped { signal }),
            None if totals.dead > 0 => {
                Err(Error::DeadLetters { count: totals.dead, name: self.dead_letter.display().to_string() })
            }
            None => Ok(()),
        }
    }
}

fn units(totals: &Totals) -> String {
    format!("{} PUT units (plain: {})", thousands(totals.put_units), thousands(totals.put_units_plain))
}

fn sentence(totals: &Totals, stream: &str) -> String {
    format!(
        "{} records ({} bytes) sent to {stream} as {} Kinesis records of {} bytes: {}",
        thousands(totals.records),
        thousands(totals.bytes),
        thousands(totals.entries),
        thousands(totals.payload_bytes),
        units(totals)
    )
}
