//! `fidelog maintain`: a store stays as small as its records.

use std::time::Duration;

use clap::Args;
use fidelog_table::{Ages, LEAST_AGE, Store};
use serde::Serialize;

use super::{json, place::At, print, table::thousands};
use crate::error::{Error, Result};

/// Remove old snapshots, and files that nothing refers to
#[derive(Args)]
#[command(after_help = "\
Every commit leaves a snapshot and a few files of metadata, every crash files that nothing refers to. Run this once a \
day where nothing else does it (Glue's table optimizers, say). It is safe beside workers: nothing goes that is younger \
than two hours, and a worker that slept for longer commits none of it. No record is ever removed.

Examples:
  fidelog maintain --store store
  fidelog maintain --store s3://my-logs/app --database logs --table app --snapshot-age 24")]
pub(super) struct Maintain {
    #[command(flatten)]
    at: At,
    /// Snapshots that are so many hours old go; the last five stay
    #[arg(long, value_name = "HOURS", default_value_t = hours(Ages::default().snapshots))]
    snapshot_age: u64,
    /// Files that nothing refers to go when they are so many hours old
    #[arg(long, value_name = "HOURS", default_value_t = hours(Ages::default().files))]
    file_age: u64,
    /// Nobody else writes to the store, so that younger things may go, too
    #[arg(long)]
    alone: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Summary {
    snapshots: usize,
    kept_snapshots: usize,
    files: usize,
    bytes: u64,
}

const fn hours(age: Duration) -> u64 {
    age.as_secs() / 3600
}

impl Maintain {
    pub(super) fn run(self) -> Result<()> {
        if !self.alone && self.snapshot_age.min(self.file_age) < hours(LEAST_AGE) {
            let detail = format!(
                "beside workers nothing younger than {} hours may go; if there are none, say so with --alone",
                hours(LEAST_AGE)
            );
            return Err(Error::Arguments { detail });
        }
        let age = |hours: u64| Duration::from_secs(hours.saturating_mul(3600));
        let ages = Ages { snapshots: age(self.snapshot_age), files: age(self.file_age) };
        let place = self.at.place()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let done = runtime.block_on(async { Store::open(place).await?.maintain(ages).await })?;
        let summary = Summary {
            snapshots: done.snapshots,
            kept_snapshots: done.kept_snapshots,
            files: done.files,
            bytes: done.bytes,
        };
        if self.json {
            return print(&json(&summary));
        }
        print(&format!(
            "{} snapshots expired, {} are left; {} files removed, {} bytes",
            thousands(summary.snapshots as u64),
            thousands(summary.kept_snapshots as u64),
            thousands(summary.files as u64),
            thousands(summary.bytes)
        ))
    }
}
