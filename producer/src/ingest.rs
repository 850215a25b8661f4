//! Stores what a Kinesis event-source mapping of Lambda hands over, each record once.
//!
//! A mapping hands over a shard's records in order, and again where it got no answer. What the table's checkpoint says
//! is stored is left out; where a batch does not follow on the checkpoint, what lies between is read from the shard
//! first.

use std::time::{Duration, Instant};

use fidelog_codec::framing::Format;
use fidelog_table::{Delivery, Place, Sequence, Shard, Start, Store};

use crate::{
    backoff,
    error::{Error, Result},
    follow::{Waiting, check_gap, is_due, make_store, now, position},
    kinesis::{Failure, Got, PAGE, Page, Position, Stream},
    meter::Flush,
    reduce,
};

pub mod event;

use event::Batch;

/// Most bytes of records in one commit, but for those of the last Kinesis record in it.
const COMMIT_BYTES: usize = 64 << 20;

/// How long a stream's description is taken for true: one that is made again under the same name is another one.
const FRESH: Duration = Duration::from_secs(60);

/// Where to, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// The store; made if need be.
    pub to: Place,
    /// Where to start with shards of which nothing is stored; none: where their first batch begins.
    pub start: Option<Start>,
    /// Whether to go on where records may be lost that the stream no longer has.
    pub accept_gap: bool,
}

/// A batch that was not stored, or not whole.
#[derive(Debug)]
pub struct Failed {
    /// Its first record that is not stored.
    pub at: Sequence,
    /// Whether some of it is stored.
    pub in_part: bool,
    /// Why.
    pub error: Error,
}

/// Stores batches; lives as long as its process.
pub struct Ingest {
    job: Job,
    store: Option<Store>,
    stream: Option<(Stream, Instant)>,
}

impl Ingest {
    /// Nothing is opened yet: the first batch says which stream, and may have to make the store.
    pub const fn new(job: Job) -> Self {
        Ingest { job, store: None, stream: None }
    }

    /// Stores a batch; `flushed` gets each commit.
    pub async fn take(
        &mut self,
        mut batch: Batch,
        mut flushed: impl FnMut(&Stream, &Flush),
    ) -> std::result::Result<(), Failed> {
        while !batch.records.is_empty() {
            if let Err(error) = self.step(&mut batch, &mut flushed).await {
                return Err(Failed { at: batch.at, in_part: batch.is_cut, error });
            }
        }
        Ok(())
    }

    /// Stores the next of it: what is missing before it, or its first records.
    async fn step(&mut self, batch: &mut Batch, flushed: &mut impl FnMut(&Stream, &Flush)) -> Result<()> {
        let began = Instant::now();
        let stream = self.stream(&batch.stream).await?;
        let shard = Shard { stream: stream.arn.clone(), created: stream.created, id: batch.shard.clone() };
        let checkpoint = match self.open().await? {
            Some(store) => store.checkpoint(&shard).await?,
            None => None,
        };
        batch.drop_until(checkpoint.as_ref().and_then(|checkpoint| checkpoint.last.as_ref()));
        let Some(next) = batch.records.front() else { return Ok(()) };
        check_gap(&stream, &shard, checkpoint.as_ref(), self.job.accept_gap)?;
        let mut waiting = Waiting::default();
        let start = self.job.start.unwrap_or(Start::At(next.arrived.unwrap_or(0)));
        if checkpoint.is_some() || self.job.start.is_some() {
            let from = position(checkpoint.as_ref(), start);
            read_between(&stream, &shard, from, &next.sequence, &mut waiting).await?;
        }
        if waiting.is_empty() {
            // Copied, as it may have to be taken again on top of another worker's.
            for got in &batch.records {
                waiting.take(&shard, got.clone(), Format::Auto);
                if waiting.bytes() >= COMMIT_BYTES {
                    break;
                }
            }
        } else {
            tracing::warn!(shard = shard.id, "records before this batch were missing: read from the shard");
        }
        let store = self.open_or_make(&waiting).await?;
        waiting.keep_letters(&store).await?;
        let before = checkpoint.as_ref().map(|checkpoint| checkpoint.counts).unwrap_or_default();
        let delivery = waiting.delivery(&shard, checkpoint, start, &store.schema().await?);
        match store.deliver(&[delivery]).await {
            Ok(done) => {
                let after = done.checkpoints.first();
                batch.drop_until(after.and_then(|checkpoint| checkpoint.last.as_ref()));
                let counts = after.map(|checkpoint| checkpoint.counts.less(before)).unwrap_or_default();
                let bytes = done.appended.files.iter().map(|file| file.bytes).sum();
                let took = began.elapsed();
                flushed(&stream, &Flush { counts, bytes, conflicts: done.conflicts, took });
                Ok(())
            }
            // Another worker was faster, or the answer to this very commit was lost: what is left is looked at again.
            Err(fidelog_table::Error::Superseded { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes which shards are idle and which are read to their ends, so that whoever reads them next knows that
    /// nothing is missing. To be called several times within the stream's retention.
    pub async fn look(&mut self, name: &str) -> Result<()> {
        let stream = self.stream(name).await?;
        let Some(store) = self.open().await? else { return Ok(()) };
        for listed in backoff::persist(name, async || stream.shards().await).await? {
            let shard = Shard { stream: stream.arn.clone(), created: stream.created, id: listed.id };
            let Some(checkpoint) = store.checkpoint(&shard).await?.filter(|checkpoint| !checkpoint.ended)
            else {
                continue;
            };
            let asked = now();
            let mut found = false;
            let from = position(Some(&checkpoint), checkpoint.start);
            let ended = pages(&stream, &shard, from, 1, |page| {
                found = !page.records.is_empty();
                !found
            })
            .await?;
            // What is there comes in a batch.
            if found || !(ended || is_due(Some(&checkpoint), Some(asked), stream.retention)) {
                continue;
            }
            let start = checkpoint.start;
            let delivery =
                Waiting::default().delivery(&shard, Some(checkpoint), start, &store.schema().await?);
            match store.deliver(&[Delivery { idle: Some(asked), ended, ..delivery }]).await {
                Ok(_) | Err(fidelog_table::Error::Superseded { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn stream(&mut self, name: &str) -> Result<Stream> {
        if let Some((stream, since)) = &self.stream
            && stream.name() == name
            && since.elapsed() < FRESH
        {
            return Ok(stream.clone());
        }
        let stream = backoff::open(name).await?;
        self.stream = Some((stream.clone(), Instant::now()));
        Ok(stream)
    }

    async fn open(&mut self) -> Result<Option<Store>> {
        if self.store.is_none() {
            let store = Store::find(self.job.to.clone()).await?;
            if let Some(store) = &store
                && let Some(lossy) = reduce::sentence(&*store.schema().await?)
            {
                tracing::warn!("{lossy}");
            }
            self.store = store;
        }
        Ok(self.store.clone())
    }

    async fn open_or_make(&mut self, first: &Waiting) -> Result<Store> {
        match self.open().await? {
            Some(store) => Ok(store),
            None => Ok(self.store.insert(make_store(&self.job.to, first.iter()).await?).clone()),
        }
    }
}

/// Reads what the shard holds after a position and before a record, up to a commit's bytes.
async fn read_between(
    stream: &Stream,
    shard: &Shard,
    from: Position,
    before: &Sequence,
    waiting: &mut Waiting,
) -> Result<()> {
    let mut more = |page: Page| {
        for got in page.records {
            if got.sequence >= *before || waiting.bytes() >= COMMIT_BYTES {
                return false;
            }
            waiting.take(shard, got, Format::Auto);
        }
        true
    };
    // Nearly always the first record is the one.
    let mut first = None;
    pages(stream, shard, from.clone(), 1, |page| {
        first = page.records.into_iter().next().map(|got| got.sequence);
        first.is_none()
    })
    .await?;
    if first.is_some_and(|first| first < *before) {
        pages(stream, shard, from, PAGE, &mut more).await?;
    }
    Ok(())
}

/// Reads a shard's pages until nothing more is there or wanted; whether its end was read.
async fn pages(
    stream: &Stream,
    shard: &Shard,
    mut from: Position,
    limit: i32,
    mut is_more_wanted: impl FnMut(Page) -> bool,
) -> Result<bool> {
    'iterator: loop {
        let iterator =
            backoff::persist(stream.name(), async || stream.iterator(&shard.id, &from).await).await?;
        let mut next = Some(iterator);
        while let Some(iterator) = next {
            let got = backoff::persist(stream.name(), async || match stream.get(&iterator, limit).await {
                // Not a failure: it has to be asked for again.
                Err(Failure::Expired) => Ok(None),
                page => page.map(Some),
            });
            let Some(mut page) = got.await? else { continue 'iterator };
            next = page.next.take();
            let is_last = page.behind.is_zero() && page.records.is_empty();
            if let Some(Got { sequence, .. }) = page.records.last() {
                from = Position::After(sequence.clone());
            }
            if !is_more_wanted(page) || (is_last && next.is_some()) {
                return Ok(false);
            }
        }
        return Ok(true);
    }
}
