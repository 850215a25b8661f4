//! Checks a table against its own history: do the counts add up, and do they follow on each other?

use std::collections::BTreeMap;

use iceberg::spec::Operation;

use crate::{
    append::COMMIT,
    checkpoint::{Checkpoint, Counts, SHARD_PREFIX, Sequence, Step},
    error::{Error, Result},
    store::Store,
};

/// The summary's note of how many records a snapshot added.
const ADDED: &str = "added-records";

/// What was found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Records in the table.
    pub records: u64,
    /// The sum of what came from streams.
    pub streams: Counts,
    /// How many shards it came from.
    pub shards: usize,
    /// Commits whose steps were checked.
    pub commits: usize,
    /// Whether these are all commits there ever were; older snapshots may have been expired.
    pub whole: bool,
}

/// A shard's steps so far.
#[derive(Default)]
struct Chain {
    whole: bool,
    last: Option<Sequence>,
    counts: Counts,
}

impl Store {
    /// Checks that the records in the files, the counts of the shards and the history of commits agree.
    pub async fn verify(&self) -> Result<Verified> {
        let table = self.table().await?;
        let ledger = self.ledger(&table)?;
        let fail = |detail: String| Error::Inconsistent { store: self.location().to_owned(), detail };

        let records: u64 = self.files().await?.iter().map(|file| file.rows).sum();
        if records != ledger.stored {
            return Err(fail(format!("{records} records are in its files, {} were stored", ledger.stored)));
        }
        let mut streams = Counts::default();
        for (shard, Checkpoint { counts, .. }) in ledger.checkpoints() {
            if counts.received != counts.stored + counts.known + counts.dead {
                return Err(fail(format!("the counts of {shard} do not add up: {counts:?}")));
            }
            streams.add(*counts);
        }
        if streams.stored > records {
            return Err(fail(format!("{} records came from streams, {records} are there", streams.stored)));
        }

        let mut snapshots: Vec<_> = table.metadata().snapshots().collect();
        snapshots.sort_by_key(|snapshot| snapshot.sequence_number());
        let mut chains: BTreeMap<&str, Chain> = BTreeMap::new();
        let mut commits = 0;
        for snapshot in &snapshots {
            let properties = &snapshot.summary().additional_properties;
            if !properties.contains_key(COMMIT) {
                if snapshot.summary().operation == Operation::Replace {
                    // A compaction: the same records in other files.
                    continue;
                }
                return Err(fail(format!("snapshot {} was not made by Fidelog", snapshot.snapshot_id())));
            }
            let mut stored = 0;
            let mut steps = 0;
            for (shard, json) in properties.iter().filter(|(key, _)| key.starts_with(SHARD_PREFIX)) {
                let step: Step = serde_json::from_str(json).map_err(|e| fail(format!("{shard}: {e}")))?;
                let chain = chains.entry(shard).or_insert_with(|| Chain {
                    whole: step.from.is_none(),
                    last: step.from.clone(),
                    ..Chain::default()
                });
                if chain.last != step.from {
                    return Err(fail(format!("a commit of {shard} does not follow on the one before it")));
                }
                chain.last = step.to;
                chain.counts.add(step.counts);
                stored += step.counts.stored;
                steps += 1;
            }
            let added: u64 = properties.get(ADDED).and_then(|n| n.parse().ok()).unwrap_or(0);
            if steps > 0 && stored != added {
                return Err(fail(format!("a commit added {added} records, its shards gave {stored}")));
            }
            commits += usize::from(steps > 0);
        }
        let mut whole = true;
        for (shard, checkpoint) in ledger.checkpoints() {
            let Some(chain) = chains.get(shard.as_str()) else {
                whole = false;
                continue;
            };
            let Counts { received, .. } = chain.counts;
            let agrees = if chain.whole {
                chain.counts == checkpoint.counts
            } else {
                received <= checkpoint.counts.received
            };
            if chain.last != checkpoint.last || !agrees {
                return Err(fail(format!("the history of {shard} does not lead to its checkpoint")));
            }
            whole &= chain.whole;
        }
        Ok(Verified { records, streams, shards: ledger.checkpoints().count(), commits, whole })
    }
}
