//! Follows a Kinesis stream into a store: all shards, each record once.
//!
//! A `reader` for each shard reads ahead, one page at most; what came waits with its `shard` until a flush brings it to
//! the table with the shard's new checkpoint. `lineage` says which shards may be read, `lease` which of them by this
//! worker (as `share` shares them out), `dead` what a dead letter is.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fidelog_codec::{Schema, framing::Format};
use fidelog_table::{Checkpoint, Counts, Options, Place, Shard, Start, Store};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

mod dead;
mod lease;
mod lineage;
mod reader;
mod shard;
mod share;
mod waiting;

use lease::Leases;
use reader::News;
pub(crate) use reader::now;
use shard::Reading;
pub(crate) use shard::{is_due, position};
pub(crate) use waiting::Waiting;

use crate::{
    backoff,
    consume::{TRIAL_RECORDS, check_place, misfit},
    error::{Error, Result},
    kinesis::{Listed, Stream},
    meter::{Flush, Meter},
    stop::Stop,
};

/// How long the last flush may take after a signal: less than the half minute that whoever stops services waits.
const DRAIN: Duration = Duration::from_secs(25);

/// How often the stream is asked for new shards, and the table for those that others have read to their ends.
const LOOK: Duration = Duration::from_secs(10);

/// Records in one flush at most, unless somebody says otherwise.
pub const FLUSH_RECORDS: u64 = 500_000;

/// … or so many bytes of records.
pub const FLUSH_BYTES: u64 = 64 << 20;

/// What to follow, where to, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// The stream's name.
    pub stream: String,
    /// The store; made if need be.
    pub to: Place,
    /// The schema; otherwise the store's own, or one inferred from the first records.
    pub schema: Option<Arc<Schema>>,
    /// How text holds records.
    pub format: Format,
    /// Where to start with shards of which nothing is stored.
    pub start: Start,
    /// Whether to end once everything is stored that was there.
    pub once: bool,
    /// Whether to go on where records may be lost that the stream no longer has.
    pub accept_gap: bool,
    /// When to bring to the table what waits: at the latest with so many records, …
    pub flush_records: usize,
    /// … so many bytes of records, …
    pub flush_bytes: usize,
    /// … or so long after the first one came.
    pub flush_age: Duration,
    /// After how long a worker of which nothing is heard has lost its shards. A run that ends by itself shares with
    /// nobody: it reads all shards.
    pub lease: Duration,
}

/// One flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flushed {
    /// What it did.
    pub flush: Flush,
    /// How many shards the records came from.
    pub shards: usize,
    /// How many of the first records were tried against the schema, if none of it fits.
    pub misfit: Option<usize>,
}

/// Follows the stream until it is told to stop, or once; `flushed` gets each flush.
pub async fn follow(job: Job, meter: Arc<Meter>, flushed: impl FnMut(&Flushed)) -> Result<Counts> {
    check_place(&job.to)?;
    let mut stop = Stop::listen()?;
    // A page waits here, one in each reader's hands: so much is read ahead.
    let (news, mut incoming) = mpsc::channel(1);
    let mut follower = Follower::open(job, meter, news, flushed).await?;
    follower.begin().await?;
    let mut look = tokio::time::interval(LOOK);
    loop {
        let due = follower.since.map(|since| since + follower.job.flush_age);
        let told = tokio::select! {
            biased;
            signal = stop.told() => {
                Stop::end_within(DRAIN, signal);
                true
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                follower.flush().await?;
                false
            }
            () = follower.held_changed() => {
                follower.share().await?;
                false
            }
            _ = look.tick(), if follower.leases.is_some() => {
                follower.begin().await?;
                false
            }
            Some(news) = incoming.recv() => {
                follower.take(news).await?;
                false
            }
        };
        if told || (follower.job.once && follower.is_caught_up()) {
            follower.flush().await?;
            // What the flush found superseded is read again.
            if told || follower.is_caught_up() {
                return Ok(follower.end().await);
            }
        }
    }
}

struct Follower<F> {
    job: Job,
    meter: Arc<Meter>,
    stream: Arc<Stream>,
    store: Option<Store>,
    news: mpsc::Sender<News>,
    leases: Option<Leases>,
    listed: BTreeMap<String, Listed>,
    readings: Vec<Reading>,
    readers: u64,
    begun: HashSet<String>,
    ended: HashSet<String>,
    /// When the first of what waits came.
    since: Option<Instant>,
    /// Whether the schema was tried on the first records.
    tried: bool,
    total: Counts,
    flushed: F,
}

impl<F: FnMut(&Flushed)> Follower<F> {
    async fn open(job: Job, meter: Arc<Meter>, news: mpsc::Sender<News>, flushed: F) -> Result<Self> {
        let stream = backoff::open(&job.stream).await?;
        let store = match &job.schema {
            Some(schema) => Some(Store::open_or_create(job.to.clone(), schema, Options::default()).await?),
            // If there is none, the first records decide the schema.
            None => Store::find(job.to.clone()).await?,
        };
        let leases = match job.once {
            true => None,
            false => {
                let name = format!("{}-{}", stream.name(), stream.created);
                Some(Leases::keep(&job.to, &name, job.lease).await?)
            }
        };
        Ok(Follower {
            job,
            meter,
            leases,
            listed: BTreeMap::new(),
            stream: Arc::new(stream),
            store,
            news,
            readings: Vec::new(),
            readers: 0,
            begun: HashSet::new(),
            ended: HashSet::new(),
            since: None,
            tried: false,
            total: Counts::default(),
            flushed,
        })
    }

    /// Finds the shards that may be read now; begins with them, unless they are shared with other workers.
    async fn begin(&mut self) -> Result<()> {
        let listed = backoff::persist(self.stream.name(), async || self.stream.shards().await).await?;
        if let Some(store) = &self.store {
            let shards: Vec<Shard> = listed.iter().map(|listed| self.shard(listed)).collect();
            let checkpoints = store.checkpoints(&shards).await?;
            let ended =
                shards.into_iter().zip(checkpoints).filter(|(_, c)| c.as_ref().is_some_and(|c| c.ended));
            self.ended.extend(ended.map(|(shard, _)| shard.id));
        }
        if let Some(leases) = &self.leases {
            let ready = lineage::ready(&listed, &HashSet::new(), &self.ended);
            leases.want(ready.into_iter().map(|shard| shard.id.clone()).collect());
        } else {
            for shard in lineage::ready(&listed, &self.begun, &self.ended) {
                self.begin_shard(shard.clone()).await?;
            }
        }
        self.meter.lives();
        self.listed = listed.into_iter().map(|shard| (shard.id.clone(), shard)).collect();
        Ok(())
    }

    /// Waits until this worker's share of the shards is another one.
    async fn held_changed(&mut self) {
        let changed = match &mut self.leases {
            Some(leases) => leases.held.changed().await.is_ok(),
            None => false,
        };
        if !changed {
            std::future::pending::<()>().await;
        }
    }

    /// Begins with the shards that are this worker's now, and leaves those that no longer are: whoever has them now
    /// begins after what is stored.
    async fn share(&mut self) -> Result<()> {
        let Some(leases) = &mut self.leases else { return Ok(()) };
        let held = leases.held.borrow_and_update().clone();
        let left = |reading: &Reading| !held.contains(&reading.shard.id) && !reading.ended;
        for reading in self.readings.iter().filter(|reading| left(reading)) {
            tracing::info!(shard = reading.shard.id, "another worker has this shard now");
            self.begun.remove(&reading.shard.id);
        }
        self.readings.retain(|reading| !left(reading));
        for id in held {
            if !self.begun.contains(&id)
                && !self.ended.contains(&id)
                && let Some(listed) = self.listed.get(&id)
            {
                tracing::info!(shard = id, "this worker has this shard now");
                self.begin_shard(listed.clone()).await?;
            }
        }
        Ok(())
    }

    /// Says what it did, and that others may go on.
    async fn end(self) -> Counts {
        if let Some(leases) = self.leases {
            leases.give_back().await;
        }
        self.total
    }

    async fn begin_shard(&mut self, listed: Listed) -> Result<()> {
        let shard = self.shard(&listed);
        let checkpoint = match &self.store {
            Some(store) => store.checkpoint(&shard).await?,
            None => None,
        };
        self.begun.insert(listed.id.clone());
        if checkpoint.as_ref().is_some_and(|c| c.ended) {
            self.ended.insert(listed.id);
            return Ok(());
        }
        check_gap(&self.stream, &shard, checkpoint.as_ref(), self.job.accept_gap)?;
        // What a parent's readers have not seen is all that there is in its children.
        let has_read_parent = listed.parents.iter().any(|parent| self.ended.contains(parent));
        let start = if has_read_parent { Start::TrimHorizon } else { self.job.start };
        let reading = self.spawn(shard, checkpoint, start);
        self.readings.push(reading);
        Ok(())
    }

    fn shard(&self, listed: &Listed) -> Shard {
        let Stream { arn, created, .. } = &*self.stream;
        Shard { stream: arn.clone(), created: *created, id: listed.id.clone() }
    }

    fn spawn(&mut self, shard: Shard, checkpoint: Option<Checkpoint>, start: Start) -> Reading {
        self.readers += 1;
        let task = tokio::spawn(reader::read(
            Arc::clone(&self.stream),
            shard.id.clone(),
            self.readers,
            position(checkpoint.as_ref(), start),
            Arc::clone(&self.meter),
            self.news.clone(),
        ));
        Reading::new(shard, checkpoint, start, self.readers, task.abort_handle())
    }

    async fn take(&mut self, news: News) -> Result<()> {
        let News { shard, reader, page } = news;
        // A reader that was given up may have been saying something.
        if self.reading(reader).is_none() {
            return Ok(());
        }
        let read = page.map_err(|failure| Error::kinesis(self.stream.name(), failure))?;
        let format = self.job.format;
        for got in read.records {
            // A flush may have found that another worker moved the shard.
            let Some(reading) = self.reading(reader) else { return Ok(()) };
            reading.take(got, format);
            self.since.get_or_insert_with(Instant::now);
            if self.is_full() {
                self.flush().await?;
            }
        }
        let Some(reading) = self.reading(reader) else { return Ok(()) };
        reading.behind = read.behind;
        if read.behind.is_zero() {
            reading.idle = Some(read.asked);
        }
        reading.caught_up |= read.behind.is_zero() || read.ended;
        if read.ended {
            reading.ended = true;
            self.ended.insert(shard);
            self.since.get_or_insert_with(Instant::now);
            self.begin().await?;
        }
        if self.since.is_none() && self.readings.iter().any(|reading| reading.is_due(self.stream.retention)) {
            self.since = Some(Instant::now());
        }
        self.measure();
        Ok(())
    }

    fn measure(&self) {
        let behind = self.readings.iter().map(|reading| reading.behind).max().unwrap_or_default();
        self.meter.stands(
            self.readings.len(),
            behind,
            self.readings.iter().map(|reading| reading.waiting().bytes()).sum(),
        );
    }

    fn reading(&mut self, reader: u64) -> Option<&mut Reading> {
        self.readings.iter_mut().find(|reading| reading.reader == reader)
    }

    fn goes(reading: &Reading, retention: Duration) -> bool {
        reading.has_news() || reading.is_due(retention)
    }

    fn is_full(&self) -> bool {
        let records: usize = self.readings.iter().map(|reading| reading.waiting().records()).sum();
        let bytes: usize = self.readings.iter().map(|reading| reading.waiting().bytes()).sum();
        records >= self.job.flush_records || bytes >= self.job.flush_bytes
    }

    fn is_caught_up(&self) -> bool {
        self.readings.iter().all(|reading| reading.caught_up)
    }

    /// Brings all that waits to the table.
    async fn flush(&mut self) -> Result<()> {
        let began = Instant::now();
        self.since = None;
        let retention = self.stream.retention;
        if !self.readings.iter().any(|reading| Self::goes(reading, retention)) {
            return Ok(());
        }
        let store = self.store().await?;
        let schema = store.schema().await?;
        let mut misfit = match self.tried {
            true => None,
            false => misfit(&schema, self.readings.iter().flat_map(|reading| reading.waiting().iter())),
        };
        self.tried = true;
        let news = self.readings.iter_mut().filter(|reading| Self::goes(reading, retention));
        let mut deliveries = Vec::new();
        for reading in news {
            reading.waiting().keep_letters(&store).await?;
            deliveries.push(reading.delivery(&schema));
        }
        loop {
            match store.deliver(&deliveries).await {
                Ok(done) => {
                    let mut counts = Counts::default();
                    for (delivery, checkpoint) in deliveries.iter().zip(done.checkpoints) {
                        let before = delivery.from.as_ref().map(|from| from.counts).unwrap_or_default();
                        counts.add(checkpoint.counts.less(before));
                        if let Some(reading) = self.readings.iter_mut().find(|r| r.shard == delivery.shard) {
                            reading.checkpoint = Some(checkpoint);
                        }
                    }
                    self.total.add(counts);
                    self.readings.retain(|reading| !reading.ended);
                    let bytes = done.appended.files.iter().map(|file| file.bytes).sum();
                    let flush = Flush { counts, bytes, conflicts: done.conflicts, took: began.elapsed() };
                    self.meter.flushed(&flush);
                    self.measure();
                    (self.flushed)(&Flushed { flush, shards: deliveries.len(), misfit: misfit.take() });
                    return Ok(());
                }
                Err(late @ fidelog_table::Error::Superseded { .. }) => {
                    let moved = self.resume(&store).await?;
                    if moved.is_empty() {
                        return Err(late.into());
                    }
                    deliveries.retain(|delivery| !moved.contains(&delivery.shard));
                    if deliveries.is_empty() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the shards again that another worker moved, from where it left them; gives these.
    async fn resume(&mut self, store: &Store) -> Result<Vec<Shard>> {
        let mut moved = Vec::new();
        for i in 0..self.readings.len() {
            let Some(reading) = self.readings.get(i) else { break };
            let (shard, start) = (reading.shard.clone(), reading.start);
            let checkpoint = store.checkpoint(&shard).await?;
            if checkpoint != reading.checkpoint {
                tracing::info!(shard = shard.id, "another worker stored records of this shard");
                let reading = self.spawn(shard.clone(), checkpoint, start);
                if let Some(place) = self.readings.get_mut(i) {
                    *place = reading;
                }
                moved.push(shard);
            }
        }
        Ok(moved)
    }

    /// The store; if there is none yet, it is made under a schema inferred from what waits.
    async fn store(&mut self) -> Result<Store> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let waiting = self.readings.iter().flat_map(|reading| reading.waiting().iter());
        let store = make_store(&self.job.to, waiting).await?;
        self.store = Some(store.clone());
        Ok(store)
    }
}

/// Makes the store that there was not yet, under a schema inferred from the first records.
pub(crate) async fn make_store<'r>(to: &Place, first: impl Iterator<Item = &'r [u8]>) -> Result<Store> {
    let schema = Schema::infer(first.take(TRIAL_RECORDS)).schema;
    match Store::open_or_create(to.clone(), &schema, Options::default()).await {
        // Another process made it meanwhile, and nobody asked for just the inferred schema.
        Err(fidelog_table::Error::SchemaDiffers { .. }) => Ok(Store::open(to.clone()).await?),
        store => Ok(store?),
    }
}

/// Refuses to go on silently where the stream may have dropped records that were never read.
pub(crate) fn check_gap(
    stream: &Stream,
    shard: &Shard,
    checkpoint: Option<&Checkpoint>,
    accept: bool,
) -> Result<()> {
    let Some(arrived) = checkpoint.and_then(|c| c.arrived) else { return Ok(()) };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let age = now.saturating_sub(Duration::from_millis(u64::try_from(arrived).unwrap_or(0)));
    if accept || age <= stream.retention {
        return Ok(());
    }
    Err(Error::Gap {
        stream: stream.name().to_owned(),
        shard: shard.id.clone(),
        hours: age.as_secs() / 3600,
        retention: stream.retention.as_secs() / 3600,
    })
}
