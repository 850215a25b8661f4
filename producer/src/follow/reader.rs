//! Reads one shard, page by page.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    backoff::Backoff,
    kinesis::{Failure, Got, PAGE, Position, Stream},
    meter::Meter,
};

/// Between two calls: a shard answers five a second, to all its readers together.
const PACE: Duration = Duration::from_millis(250);

/// The same where nothing new was there last time.
const IDLE_PACE: Duration = Duration::from_secs(1);

/// What a reader has to say.
pub(super) struct News {
    /// The shard.
    pub(super) shard: String,
    /// Which of the shard's readers says it.
    pub(super) reader: u64,
    /// The next records, or why there are none.
    pub(super) page: Result<Read, Failure>,
}

/// What was read.
pub(super) struct Read {
    /// The records.
    pub(super) records: Vec<Got>,
    /// How far behind the newest record they are; zero if there was nothing after them.
    pub(super) behind: Duration,
    /// Whether the shard is closed and this was its end.
    pub(super) ended: bool,
    /// When they were asked for, in ms since 1970.
    pub(super) asked: i64,
}

/// Reads until the shard's end, a refusal, or until nobody listens.
pub(super) async fn read(
    stream: Arc<Stream>,
    shard: String,
    reader: u64,
    mut position: Position,
    meter: Arc<Meter>,
    news: mpsc::Sender<News>,
) {
    let mut iterator: Option<String> = None;
    let mut backoff = Backoff::default();
    loop {
        let began = Instant::now();
        let asked = now();
        let page = match &iterator {
            Some(iterator) => stream.get(iterator, PAGE).await,
            None => match stream.iterator(&shard, &position).await {
                Ok(new) => {
                    iterator = Some(new);
                    continue;
                }
                Err(failure) => Err(failure),
            },
        };
        let page = match page {
            Ok(page) => page,
            Err(Failure::Expired) => {
                meter.retry();
                iterator = None;
                continue;
            }
            Err(failure) => {
                tracing::debug!(shard, ?failure, "read again");
                meter.retry();
                if matches!(failure, Failure::Refused(_)) || !backoff.wait().await {
                    // Nobody listens: nobody wants to know.
                    let _ = news.send(News { shard, reader, page: Err(failure) }).await;
                    return;
                }
                continue;
            }
        };
        backoff = Backoff::default();
        let mut records = page.records;
        if let Position::After(last) = &position {
            records.retain(|record| record.sequence > *last);
        }
        if let Some(last) = records.last() {
            position = Position::After(last.sequence.clone());
        }
        meter.got(records.iter().map(|record| record.data.len()).sum());
        let idle = records.is_empty() && page.behind.is_zero();
        let ended = page.next.is_none();
        let read = Read { records, behind: page.behind, ended, asked };
        let sent = news.send(News { shard: shard.clone(), reader, page: Ok(read) }).await;
        if ended || sent.is_err() {
            return;
        }
        iterator = page.next;
        sleep_until(began + if idle { IDLE_PACE } else { PACE }).await;
    }
}

/// In ms since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
