//! Stores batches: trim, write, commit behind the fence; again from the start where another writer was faster.
//!
//! What came from a stream's shards is stored together with their checkpoints, and only on top of those after which it
//! was read: a worker that wakes up late stores nothing.

use std::{
    collections::HashMap,
    ops::Range,
    time::{Duration, SystemTime},
};

use fidelog_codec::batch::Batch;
use iceberg::{
    spec::DataFile,
    table::Table,
    transaction::{ApplyTransactionAction, Transaction},
};
use uuid::Uuid;

use crate::{
    checkpoint::{Checkpoint, Delivery, Step},
    error::{Error, Result, chain, is_conflict},
    fence::Fence,
    layout::RecordBatchError,
    ledger::{Ledger, MAX_SOURCE_NAME},
    scan::FileInfo,
    schemas::Schemas,
    store::Store,
    write,
};

/// Commits tried before giving up; with the pauses between them about half a minute, more while SQLite waits for locks.
pub(crate) const ATTEMPTS: usize = 40;

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(1500);

/// How long files of an attempt may be used by the next one: much less than the age at which `maintain` takes them for
/// left behind.
const FRESH: Duration = Duration::from_secs(3600);

/// The snapshot summary's note of which call made it.
pub(crate) const COMMIT: &str = "fidelog.commit";

/// Records to store, and who sent them.
#[derive(Clone, Debug)]
pub struct Part {
    /// The records, under any version of the store's schema.
    pub batch: Batch,
    /// Where they come from; without a source they are new whatever is stored.
    pub source: Option<SourceRange>,
}

/// Identifies a batch's records: row `i` is the source's record number `first + i`, for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRange {
    /// The source's name.
    pub source: String,
    /// The index of the batch's first record.
    pub first: u64,
}

/// What an append did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Records stored by it.
    pub stored: u64,
    /// Records left out, because the table had them.
    pub known: u64,
    /// The data files it added.
    pub files: Vec<FileInfo>,
}

/// What a delivery did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What was stored and left out.
    pub appended: Appended,
    /// The shards' checkpoints after it, in the order of the deliveries.
    pub checkpoints: Vec<Checkpoint>,
    /// How often another writer committed first.
    pub conflicts: u64,
}

/// What a call is to store: the parts, and the deliveries that they are of, if any, in their order.
struct Work<'a> {
    parts: Vec<&'a Part>,
    deliveries: &'a [Delivery],
}

impl<'a> Work<'a> {
    fn parts(parts: &'a [Part]) -> Self {
        Work { parts: parts.iter().collect(), deliveries: &[] }
    }

    fn deliveries(deliveries: &'a [Delivery]) -> Self {
        Work { parts: deliveries.iter().flat_map(|delivery| &delivery.parts).collect(), deliveries }
    }
}

/// What of the parts is to be stored on top of a given ledger, and the ledger after that.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The rows of each part.
    pub(crate) rows: Vec<Vec<Range<usize>>>,
    stored: u64,
    known: u64,
    checkpoints: Vec<Checkpoint>,
    steps: Vec<(String, Step)>,
    ledger: Ledger,
}

/// The data files of an earlier attempt, and the rows of each part that are in them.
struct Written {
    rows: Vec<Vec<Range<usize>>>,
    files: Vec<DataFile>,
    at: SystemTime,
}

impl Written {
    /// Asked after the table was loaded that the files are to be added to: see `maintain`.
    fn is_fresh(&self) -> bool {
        self.at.elapsed().is_ok_and(|age| age < FRESH)
    }
}

impl Plan {
    /// Fails with the delivery whose checkpoint is no longer the table's.
    fn new<'a>(before: &Ledger, work: &Work<'a>, sequence: i64) -> Result<Self, &'a Delivery> {
        let mut plan = Plan { ledger: before.clone(), ..Plan::default() };
        if work.deliveries.is_empty() {
            for part in &work.parts {
                plan.add(part, sequence);
            }
        }
        for delivery in work.deliveries {
            if before.checkpoint(&delivery.shard) != delivery.from.as_ref() {
                return Err(delivery);
            }
            let (stored, known) = (plan.stored, plan.known);
            for part in &delivery.parts {
                plan.add(part, sequence);
            }
            let (checkpoint, step) = delivery.next(plan.stored - stored, plan.known - known);
            plan.ledger.set_checkpoint(&delivery.shard, checkpoint.clone());
            plan.checkpoints.push(checkpoint);
            plan.steps.push((delivery.shard.key(), step));
        }
        plan.ledger.stored += plan.stored;
        plan.ledger.forget();
        Ok(plan)
    }

    fn add(&mut self, part: &Part, sequence: i64) {
        let rows: Vec<Range<usize>> = match &part.source {
            // Nothing to store is no range, not an empty one.
            None => (part.batch.rows() > 0).then_some(0..part.batch.rows()).into_iter().collect(),
            Some(SourceRange { source, first }) => {
                let range = *first..first.saturating_add(part.batch.rows() as u64);
                let unseen = self.ledger.unseen(source, range.clone());
                if !unseen.is_empty() {
                    self.ledger.note(source, range, sequence);
                    if let Some(record) = first_record(part) {
                        self.ledger.note_first(source, &record);
                    }
                }
                // Both ends lie in the batch, so they fit.
                unseen.into_iter().map(|r| (r.start - first) as usize..(r.end - first) as usize).collect()
            }
        };
        let new: usize = rows.iter().map(Range::len).sum();
        self.stored += new as u64;
        self.known += (part.batch.rows() - new) as u64;
        self.rows.push(rows);
    }

    /// What the snapshot's summary says of the commit.
    fn summary(&self, id: &Uuid) -> HashMap<String, String> {
        // Serialising numbers and strings cannot fail.
        let step = |step: &Step| serde_json::to_string(step).unwrap_or_default();
        let steps = self.steps.iter().map(|(shard, s)| (shard.clone(), step(s)));
        std::iter::once((COMMIT.into(), id.to_string())).chain(steps).collect()
    }
}

impl Store {
    /// Stores the records that are not stored yet, all in one commit, or none if it fails.
    ///
    /// Safe to repeat for records with a source, after any error and any crash. Nothing new commits nothing.
    pub async fn append(&self, parts: &[Part]) -> Result<Appended> {
        Ok(self.work(&Work::parts(parts)).await?.appended)
    }

    /// Stores what came from shards, and moves their checkpoints, all in one commit, or none if it fails.
    ///
    /// Fails with [`Error::Superseded`] where a shard's checkpoint is no longer the one that its delivery was read
    /// after, also when this very delivery was stored by an earlier call whose answer was lost.
    pub async fn deliver(&self, deliveries: &[Delivery]) -> Result<Delivered> {
        self.work(&Work::deliveries(deliveries)).await
    }

    async fn work(&self, work: &Work<'_>) -> Result<Delivered> {
        let mut table = self.reload().await?;
        self.check(&table, &work.parts)?;
        let id = Uuid::now_v7();
        let mut written: Option<Written> = None;
        let mut reason = String::new();
        for attempt in 1..=ATTEMPTS {
            let before = self.ledger(&table)?;
            let sequence = table.metadata().last_sequence_number() + 1;
            self.check_sources(&table, &before, work)?;
            let plan = Plan::new(&before, work, sequence).map_err(|late| self.superseded(late))?;
            if plan.stored == 0 && work.deliveries.is_empty() {
                let appended = Appended { known: plan.known, ..Appended::default() };
                return Ok(Delivered { appended, ..Delivered::default() });
            }
            let written_now = match written.take() {
                Some(earlier) if earlier.rows == plan.rows && earlier.is_fresh() => earlier,
                // Files of an attempt whose rows are no longer all new stay behind, unreferenced: not to be written
                // over or deleted, as an attempt whose answer was lost might still refer to them.
                _ => {
                    let at = SystemTime::now();
                    let files =
                        self.write(&table, &work.parts, &plan.rows, &format!("{id}-{attempt}")).await?;
                    Written { rows: plan.rows.clone(), files, at }
                }
            };
            let files = &written_now.files;
            let outcome = self.commit(&table, &before, &plan, files, &id).await;
            if outcome.as_ref().is_err_and(is_conflict) {
                tracing::debug!(store = self.location(), attempt, "commit conflict");
                tokio::time::sleep(pause(attempt)).await;
            }
            // Whatever the answer was, the table decides: an error may come after the fact, and SQLite's catalogue
            // reports a COMMIT that failed as done.
            let base = table.metadata().current_snapshot_id();
            table = self.reload().await.map_err(|error| self.uncertain(error.to_string()))?;
            if landed(&table, &id) {
                let files = files.iter().map(FileInfo::from).collect();
                let appended = Appended { stored: plan.stored, known: plan.known, files };
                let conflicts = attempt as u64 - 1;
                return Ok(Delivered { appended, checkpoints: plan.checkpoints, conflicts });
            }
            if is_cut_after(&table, base) {
                // What came after it may be gone as well, and with it the note of this commit.
                return Err(self.uncertain("the snapshots of that time have expired".into()));
            }
            reason = match outcome {
                Err(error) if !is_conflict(&error) => return Err(self.fail(error)),
                Err(error) => chain(&error),
                Ok(()) => {
                    "SQLite did not finish the commit: a reader held its lock, or the disk is full".into()
                }
            };
            written = Some(written_now);
        }
        Err(Error::Conflict { store: self.location().into(), attempts: ATTEMPTS, detail: reason })
    }

    /// Makes a commit that adds nothing, so that none that was prepared before it can follow.
    pub(crate) async fn touch(&self) -> Result<()> {
        let id = Uuid::now_v7();
        let mut reason = String::new();
        for attempt in 1..=ATTEMPTS {
            let table = self.reload().await?;
            if landed(&table, &id) {
                return Ok(());
            }
            let before = self.ledger(&table)?;
            let plan = Plan { ledger: before.clone(), ..Plan::default() };
            match self.commit(&table, &before, &plan, &[], &id).await {
                Ok(()) => {}
                Err(error) if is_conflict(&error) => {
                    reason = chain(&error);
                    tokio::time::sleep(pause(attempt)).await;
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
        Err(Error::Conflict { store: self.location().into(), attempts: ATTEMPTS, detail: reason })
    }

    /// Writes the rows as data files, which nothing refers to before they are committed.
    async fn write(
        &self,
        table: &Table,
        parts: &[&Part],
        rows: &[Vec<Range<usize>>],
        name: &str,
    ) -> Result<Vec<DataFile>> {
        if rows.iter().all(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let batches = write::record_batches(table, parts, rows).map_err(|error| match error {
            RecordBatchError::Codec(error) => Error::codec(self.location(), error),
            RecordBatchError::Iceberg(error) => self.fail(error),
        })?;
        write::data_files(table, batches, name).await.map_err(|e| self.fail(e))
    }

    async fn commit(
        &self,
        base: &Table,
        before: &Ledger,
        plan: &Plan,
        files: &[DataFile],
        id: &Uuid,
    ) -> iceberg::Result<()> {
        let transaction = Transaction::new(base);
        let append = transaction
            .fast_append()
            // The files' names are new; looking them up would read every manifest of the table.
            .with_check_duplicate(false)
            .add_data_files(files.iter().cloned())
            .set_snapshot_properties(plan.summary(id));
        let transaction = append.apply(transaction)?;
        let changes = plan.ledger.changes_from(Some(before));
        let mut properties = transaction.update_table_properties();
        for (key, value) in changes.set {
            properties = properties.set(key, value);
        }
        for key in changes.remove {
            properties = properties.remove(key);
        }
        let transaction = properties.apply(transaction)?;
        transaction.commit(&Fence { catalog: self.catalog().as_ref(), base }).await.map(drop)
    }

    /// The newest table, waiting for SQLite's lock if need be.
    async fn reload(&self) -> Result<Table> {
        let mut attempt = 1;
        loop {
            match self.catalog().load_table(self.ident()).await {
                Err(error) if attempt < ATTEMPTS && is_conflict(&error) => {
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                loaded => return loaded.map_err(|e| self.fail(e)),
            }
        }
    }

    fn check(&self, table: &Table, parts: &[&Part]) -> Result<()> {
        let schemas = self.schemas_of(table)?;
        for part in parts {
            schemas.version_of(part.batch.schema()).map_err(|detail| self.schema_differs(detail))?;
            if let Some(SourceRange { source, first }) = &part.source {
                let fail = |why: String| Err(Error::Source { name: source.clone(), why });
                if source.is_empty() || source.len() > MAX_SOURCE_NAME {
                    return fail(format!("a name of 1 to {MAX_SOURCE_NAME} bytes expected; choose another"));
                }
                if first.checked_add(part.batch.rows() as u64).is_none() {
                    return fail(format!("indices from {first} on do not fit 64 bits; count from 0"));
                }
            }
        }
        Ok(())
    }

    /// Refuses a file under a name that another file had. (What comes from a stream cannot be refused: whoever sent it
    /// is not there to be told.)
    fn check_sources(&self, table: &Table, before: &Ledger, work: &Work<'_>) -> Result<()> {
        for part in work.parts.iter().filter(|_| work.deliveries.is_empty()) {
            if let (Some(range), Some(record)) = (&part.source, first_record(part)) {
                self.check_first_in(before, &self.schemas_of(table)?, &range.source, &record)?;
            }
        }
        Ok(())
    }

    pub(crate) fn check_first_in(
        &self,
        ledger: &Ledger,
        schemas: &Schemas,
        source: &str,
        record: &[u8],
    ) -> Result<()> {
        // What it was when it was stored under an earlier version, which may have left out more.
        match schemas.forms(record).any(|form| ledger.may_begin_with(source, &form)) {
            true => Ok(()),
            false => Err(Error::OtherSource { store: self.location().into(), name: source.to_owned() }),
        }
    }

    fn superseded(&self, delivery: &Delivery) -> Error {
        Error::Superseded { store: self.location().into(), shard: delivery.shard.id.clone() }
    }

    fn uncertain(&self, detail: String) -> Error {
        Error::Uncertain { store: self.location().into(), detail }
    }
}

/// A source's first record, if the part begins with it.
fn first_record(part: &Part) -> Option<Vec<u8>> {
    let begins = part.source.as_ref().is_some_and(|range| range.first == 0) && part.batch.rows() > 0;
    let mut record = Vec::new();
    (begins && part.batch.record_into(0, &mut record).is_ok()).then_some(record)
}

/// Whether the call's commit is part of the table.
fn landed(table: &Table, id: &Uuid) -> bool {
    let id = id.to_string();
    table
        .metadata()
        .snapshots()
        .any(|snapshot| snapshot.summary().additional_properties.get(COMMIT) == Some(&id))
}

/// Whether what came after a snapshot (none: from the first on) may have expired.
fn is_cut_after(table: &Table, base: Option<i64>) -> bool {
    let mut snapshots = table.metadata().snapshots();
    match base {
        Some(id) => table.metadata().snapshot_by_id(id).is_none(),
        None => snapshots.len() > 0 && snapshots.all(|snapshot| snapshot.parent_snapshot_id().is_some()),
    }
}

/// Grows with the attempts, and differs between writers that met once.
pub(crate) fn pause(attempt: usize) -> Duration {
    let ceiling = Duration::from_millis(10 << attempt.min(8)).min(LONGEST_PAUSE);
    ceiling.mul_f64(0.5 + f64::from(Uuid::new_v4().as_bytes()[0]) / 512.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod model;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
