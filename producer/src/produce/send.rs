//! Puts what was made, and again what was not taken.

use std::{collections::VecDeque, sync::Arc};

use tokio::{sync::mpsc, task::JoinSet};

use super::{Totals, blocks::Made, dead_letters::DeadLetters, limits};
use crate::{
    backoff::Backoff,
    error::{Error, Result},
    kinesis::{Entry, Failure, Stream},
};

/// Calls at a time.
const CALLS: usize = 4;

/// Puts all that comes; `progress` gets the totals after each call.
pub(super) async fn send(
    stream: &Stream,
    mut incoming: mpsc::Receiver<Made>,
    dead_letters: &mut DeadLetters,
    mut progress: impl FnMut(&Totals),
) -> Result<Totals> {
    let stream = Arc::new(stream.clone());
    let mut calls: JoinSet<Result<Totals>> = JoinSet::new();
    let mut totals = Totals::default();
    let mut ready: VecDeque<(Entry, Totals)> = VecDeque::new();
    let mut open = true;
    loop {
        while calls.len() < CALLS && !ready.is_empty() {
            let n = limits::cut(ready.iter().map(|(entry, _)| entry.key.len() + entry.data.len()));
            let now: Vec<(Entry, Totals)> = ready.drain(..n).collect();
            calls.spawn(put(Arc::clone(&stream), now));
        }
        if !open && calls.is_empty() {
            return Ok(totals);
        }
        tokio::select! {
            Some(done) = calls.join_next() => {
                // A call that panicked has sent nothing that counts.
                let done = done.map_err(|bug| Error::kinesis(stream.name(), Failure::Unknown(bug.to_string())))?;
                add(&mut totals, &done?);
                progress(&totals);
            }
            made = incoming.recv(), if open && calls.len() < CALLS => match made {
                None => open = false,
                Some(first) => {
                    accept(first, &mut ready, dead_letters, &mut totals)?;
                    // What is ready anyway goes with it.
                    while ready.len() < limits::MAX_ENTRIES && let Ok(more) = incoming.try_recv() {
                        accept(more, &mut ready, dead_letters, &mut totals)?;
                    }
                }
            }
        }
    }
}

fn accept(
    made: Made,
    ready: &mut VecDeque<(Entry, Totals)>,
    dead_letters: &mut DeadLetters,
    totals: &mut Totals,
) -> Result<()> {
    match made {
        Made::Entry { entry, records, bytes, plain_units } => {
            let share = Totals {
                records,
                bytes,
                entries: 1,
                payload_bytes: entry.data.len() as u64,
                put_units: limits::put_units(entry.data.len()),
                put_units_plain: plain_units,
                ..Totals::default()
            };
            ready.push_back((entry, share));
            Ok(())
        }
        Made::TooLarge { source, index, record } => {
            totals.dead += 1;
            dead_letters.keep(source, index, &record)
        }
    }
}

/// Puts entries until all are taken; only those that failed are put again.
async fn put(stream: Arc<Stream>, mut entries: Vec<(Entry, Totals)>) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut backoff = Backoff::default();
    loop {
        let now: Vec<&Entry> = entries.iter().map(|(entry, _)| entry).collect();
        let why = match stream.put(&now).await {
            Ok((failed, why)) => {
                let before = entries.len();
                let mut index = 0..;
                entries.retain(|(_, share)| {
                    let again = index.next().is_some_and(|i: usize| failed.binary_search(&i).is_ok());
                    if !again {
                        add(&mut totals, share);
                    }
                    again
                });
                if entries.is_empty() {
                    return Ok(totals);
                }
                if entries.len() < before {
                    backoff = Backoff::default();
                }
                Failure::Throttled(why.unwrap_or_default())
            }
            Err(refused @ Failure::Refused(_)) => return Err(Error::kinesis(stream.name(), refused)),
            Err(failure) => failure,
        };
        tracing::debug!(?why, entries = entries.len(), "put again");
        totals.retried += entries.len() as u64;
        if !backoff.wait().await {
            return Err(Error::kinesis(stream.name(), why));
        }
    }
}

fn add(totals: &mut Totals, more: &Totals) {
    totals.records += more.records;
    totals.bytes += more.bytes;
    totals.entries += more.entries;
    totals.payload_bytes += more.payload_bytes;
    totals.put_units += more.put_units;
    totals.put_units_plain += more.put_units_plain;
    totals.retried += more.retried;
    totals.dead += more.dead;
}
