//! Sends records to a Kinesis stream: many in one block, or each as it is.
//!
//! Two threads work ahead of the calls: `feed` reads records, `blocks` encodes them; `send` puts what they made.

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use fidelog_codec::{Schema, framing::Format};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{backoff, error::Result, input::Input, stop::Stop};

mod blocks;
mod dead_letters;
mod feed;
mod limits;
mod send;

pub use blocks::Form;
pub use limits::{PUT_UNIT, put_units};

use blocks::{Blocks, Made};
use dead_letters::DeadLetters;
use feed::Feed;

/// Encoded entries that may wait for their call.
const AHEAD: usize = 64;

/// Where the records come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Files, one after the other.
    Files(Vec<Input>, Format),
    /// A sample: how many records, and its seed.
    Sample(u64, u64),
}

/// What to send, where to, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where the records come from.
    pub from: Origin,
    /// The stream's name.
    pub stream: String,
    /// How they travel.
    pub form: Form,
    /// Their schema; otherwise one inferred from the first ones.
    pub schema: Option<Arc<Schema>>,
    /// Most records a second.
    pub rate: Option<u32>,
    /// How long a record waits for others to share its block.
    pub linger: Duration,
    /// Where records go that are too large for the stream.
    pub dead_letters: PathBuf,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records sent.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Kinesis records that carried them.
    pub entries: u64,
    /// Bytes of these.
    pub payload_bytes: u64,
    /// What provisioned streams bill: 25 KB units.
    pub put_units: u64,
    /// What they would bill for each record put on its own.
    pub put_units_plain: u64,
    /// Entries that were put again.
    pub retried: u64,
    /// Records that were too large, and went to the dead letters.
    pub dead: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What was sent.
    pub totals: Totals,
    /// The signal that ended it before its input was at its end.
    pub signal: Option<i32>,
}

/// Sends all records; `progress` gets the totals so far.
pub async fn produce(job: Job, progress: impl FnMut(&Totals)) -> Result<Ended> {
    let mut stop = Stop::listen()?;
    let stream = backoff::open(&job.stream).await?;
    let mut dead_letters = DeadLetters::at(job.dead_letters)?;
    let feed = Arc::new(Feed::start(job.from, job.rate));
    let (made, incoming) = mpsc::channel(AHEAD);
    let mut blocks = Blocks::new(job.form, job.schema, stream.max_record);
    let encoding = {
        let feed = Arc::clone(&feed);
        thread::spawn(move || encode(&feed, &mut blocks, job.linger, &made))
    };
    let sending = send::send(&stream, incoming, &mut dead_letters, progress);
    tokio::pin!(sending);
    let mut signal = None;
    let totals = loop {
        tokio::select! {
            totals = &mut sending => break totals?,
            number = stop.told(), if signal.is_none() => {
                // What was read is sent.
                feed.stop();
                signal = Some(number);
            }
        }
    };
    // It ended before the sending did.
    if let Ok(encoded) = encoding.join() {
        encoded?;
    }
    Ok(Ended { totals, signal })
}

/// Makes entries of all records, until they end or nobody takes them any more.
fn encode(feed: &Feed, blocks: &mut Blocks, linger: Duration, made: &mpsc::Sender<Made>) -> Result<()> {
    while let Some(records) = feed.take(blocks.bounds(), linger)? {
        let mut taken = true;
        blocks.make(&records, &mut |one| taken &= made.blocking_send(one).is_ok());
        if !taken {
            feed.stop();
            break;
        }
    }
    Ok(())
}
