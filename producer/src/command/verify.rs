//! `fidelog verify`: does a store's history add up?

use clap::Args;
use fidelog_table::{Store, Verified};

use super::{place::At, print, table::thousands};
use crate::{
    error::{Error, Result},
    reduce,
};

/// Check that a store's files, its counts and the history of its commits agree
#[derive(Args)]
#[command(after_help = "\
Every commit notes, for each shard that it brings records of, after which record it begins, with which it ends, and what \
became of those between; a commit that were missing or there twice would break the chain.

Examples:
  fidelog verify --store s3://my-logs/app --database logs --table app")]
pub(super) struct Verify {
    #[command(flatten)]
    at: At,
}

impl Verify {
    pub(super) fn run(self) -> Result<()> {
        let place = self.at.place()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let (verified, schema) = runtime.block_on(async {
            let store = Store::open(place).await?;
            Ok::<_, Error>((store.verify().await?, store.schema().await?))
        })?;
        let mut text = sentence(&verified);
        text.extend(reduce::sentence(&schema).map(|lossy| format!("\n{lossy}")));
        print(&text)
    }
}

fn sentence(verified: &Verified) -> String {
    let Verified { records, streams, shards, commits, whole } = *verified;
    let history = if whole { "all of its history" } else { "the part of its history that is kept" };
    format!(
        "{} records are there, as many as were stored; from {shards} shards came {}: {} stored, {} trimmed as already \
         seen, {} dead letters; {commits} commits follow on each other, {history}",
        thousands(records),
        thousands(streams.received),
        thousands(streams.stored),
        thousands(streams.known),
        thousands(streams.dead)
    )
}
