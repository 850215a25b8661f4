//! `fidelog export`: a store's records again.

use std::ffi::OsString;

use chrono::DateTime;
use clap::{Args, ValueEnum};
use fidelog_table::Store;

use super::{json, note, place::At, table::thousands};
use crate::{
    error::{Error, Result},
    export::{Shape, Span, export},
    output::Output,
};

/// Give a store's records back, byte for byte
#[derive(Args)]
#[command(after_help = "\
The records come in no particular order. Those without a usable event time are in no span; without --from and --to all \
records are written. What was written is said on standard error.

Examples:
  fidelog export --store store -o all.jsonl
  fidelog export --store s3://my-logs/app --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z --format fdl -o jan31.fdl")]
pub(super) struct Export {
    #[command(flatten)]
    at: At,
    /// Only records whose event time is this or later
    #[arg(long, value_name = "TIME", value_parser = micros)]
    from: Option<i64>,
    /// Only records whose event time is before this
    #[arg(long, value_name = "TIME", value_parser = micros)]
    to: Option<i64>,
    /// Lines, or a packed file
    #[arg(long, value_enum, default_value_t)]
    format: As,
    /// Where to write them, or - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: OsString,
    /// Say what was written as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum As {
    #[default]
    Lines,
    Fdl,
}

impl Export {
    pub(super) fn run(self) -> Result<()> {
        let place = self.at.place()?;
        let shape = match self.format {
            As::Lines => Shape::Lines,
            As::Fdl => Shape::Packed,
        };
        let span = Span { from: self.from, to: self.to };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let store = runtime.block_on(Store::open(place))?;
        let mut failed = None;
        let mut exported = None;
        Output::from(self.output)
            .write(|out| {
                match runtime.block_on(export(&store, span, shape, out)) {
                    Ok(written) => exported = Some(written?),
                    // The output does not appear; why is the other error.
                    Err(error) => {
                        failed = Some(error);
                        return Err(std::io::ErrorKind::Other.into());
                    }
                }
                Ok(())
            })
            .map_err(|error| failed.take().unwrap_or(error))?;
        let done = exported.unwrap_or_default();
        if done.multiline > 0 && shape == Shape::Lines {
            note(&format!(
                "warning: {} records hold line feeds, so that lines cannot tell where they end; --format fdl can",
                thousands(done.multiline)
            ));
        }
        if self.json {
            note(&json(&done));
        } else {
            note(&format!("{} records, {} bytes", thousands(done.records), thousands(done.bytes)));
        }
        Ok(())
    }
}

fn micros(text: &str) -> Result<i64, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_micros())
        .map_err(|_| "a time such as 2026-01-31T12:00:00Z expected".into())
}
