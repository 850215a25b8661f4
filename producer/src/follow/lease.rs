//! Leases: which worker reads which shard, so that several do not do the same work.
//!
//! A lease is a small file of the store for each shard, `lease/STREAM/SHARD.json`, that its worker writes anew all the
//! time; one that has not changed for a while, on the clock of who looks at it, is free. Nothing depends on it: two
//! workers that both read a shard waste work, and the table takes only one's.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fidelog_table::{Content, Objects, Only, Place};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep, timeout},
};

use super::share::{Holder, wishes};
use crate::error::Result;

/// Rounds in the life of a lease that is not renewed.
const ROUNDS: u32 = 3;

/// How long giving leases back may take at the end.
const GOODBYE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    /// Empty once its worker gave it back.
    worker: String,
    beat: u64,
}

/// Keeps a worker's leases, in a task of its own: a flush may take longer than a lease lasts.
pub(super) struct Leases {
    wanted: watch::Sender<BTreeSet<String>>,
    /// The shards whose leases the worker has.
    pub(super) held: watch::Receiver<BTreeSet<String>>,
    done: Option<oneshot::Receiver<()>>,
}

struct Keeper {
    objects: Objects,
    folder: String,
    worker: String,
    life: Duration,
    beat: u64,
    /// What was seen of each lease, and since when.
    seen: BTreeMap<String, (Content, Instant)>,
}

impl Leases {
    /// Begins to keep leases, of no shards yet, in the folder of a stream.
    pub(super) async fn keep(place: &Place, stream: &str, life: Duration) -> Result<Self> {
        let objects = place.objects().await?;
        let (wanted, mut wants) = watch::channel(BTreeSet::new());
        let (holds, held) = watch::channel(BTreeSet::new());
        let (finished, done) = oneshot::channel();
        let mut keeper = Keeper {
            objects,
            folder: format!("lease/{stream}/"),
            worker: uuid::Uuid::new_v4().to_string(),
            life,
            beat: 0,
            seen: BTreeMap::new(),
        };
        tokio::spawn(async move {
            loop {
                let now: BTreeSet<String> = wants.borrow_and_update().clone();
                match keeper.round(&now).await {
                    Ok(mine) => {
                        holds.send_if_modified(|held| std::mem::replace(held, mine.clone()) != mine);
                    }
                    // The leases that others see as theirs in the end are lost in the next round that succeeds.
                    Err(error) => tracing::warn!(%error, "leases cannot be renewed"),
                }
                tokio::select! {
                    () = sleep(life / ROUNDS) => {}
                    changed = wants.changed() => if changed.is_err() { break }
                }
            }
            keeper.give_back().await;
            let _ = finished.send(());
        });
        Ok(Leases { wanted, held, done: Some(done) })
    }

    /// Says which shards there are to be read.
    pub(super) fn want(&self, shards: BTreeSet<String>) {
        self.wanted.send_if_modified(|wanted| std::mem::replace(wanted, shards.clone()) != shards);
    }

    /// Gives all leases back, so that others need not wait.
    pub(super) async fn give_back(self) {
        let Leases { wanted, done, .. } = self;
        drop(wanted);
        if let Some(done) = done {
            let _ = timeout(GOODBYE, done).await;
        }
    }
}

impl Keeper {
    /// Looks at all leases, renews its own and takes what it should have; gives the shards that are its own then.
    async fn round(&mut self, wanted: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        self.beat += 1;
        let mut shards = BTreeMap::new();
        for shard in wanted {
            shards.insert(shard.clone(), self.look(shard).await?);
        }
        self.seen.retain(|shard, _| wanted.contains(shard));
        let mut mine = BTreeSet::new();
        let own = Holder::Worker(self.worker.clone());
        for (shard, holder) in &shards {
            if *holder == own && self.take(shard).await? {
                mine.insert(shard.clone());
            }
        }
        let wishes = wishes(&self.worker, &shards);
        let mut room = wishes.room;
        for shard in wishes.free {
            if room == 0 {
                break;
            }
            if self.take(&shard).await? {
                room -= 1;
                mine.insert(shard);
            }
        }
        if let Some(shard) = wishes.other
            && self.take(&shard).await?
        {
            mine.insert(shard);
        }
        Ok(mine)
    }

    /// Whose a lease is.
    async fn look(&mut self, shard: &str) -> Result<Holder> {
        let Some(content) = self.objects.read(&self.path(shard)).await? else {
            self.seen.remove(shard);
            return Ok(Holder::Nobody);
        };
        let lease: Option<Lease> = serde_json::from_slice(&content.bytes).ok();
        let since = match self.seen.get(shard) {
            Some((before, since)) if *before == content => *since,
            _ => Instant::now(),
        };
        self.seen.insert(shard.to_owned(), (content, since));
        Ok(match lease {
            Some(lease) if lease.worker == self.worker => Holder::Worker(lease.worker),
            Some(lease) if !lease.worker.is_empty() && since.elapsed() < self.life => {
                Holder::Worker(lease.worker)
            }
            _ => Holder::Nobody,
        })
    }

    /// Writes its name into a lease, if that is still as it was seen.
    async fn take(&mut self, shard: &str) -> Result<bool> {
        let lease = Lease { worker: self.worker.clone(), beat: self.beat };
        self.put(shard, &lease).await
    }

    async fn put(&self, shard: &str, lease: &Lease) -> Result<bool> {
        let only = match self.seen.get(shard) {
            Some((content, _)) => Only::Unchanged(content.tag.as_deref()),
            None => Only::New,
        };
        // A name and a number: nothing in them can fail.
        let bytes = serde_json::to_vec(lease).unwrap_or_default();
        Ok(self.objects.write(&self.path(shard), bytes, only).await?)
    }

    async fn give_back(&mut self) {
        let shards: Vec<String> = self.seen.keys().cloned().collect();
        for shard in shards {
            let own = Holder::Worker(self.worker.clone());
            if self.look(&shard).await.is_ok_and(|holder| holder == own) {
                let lease = Lease { worker: String::new(), beat: self.beat };
                // Whoever cannot be told finds out.
                let _ = self.put(&shard, &lease).await;
            }
        }
    }

    fn path(&self, shard: &str) -> String {
        format!("{}{shard}.json", self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_millis(600);

    async fn settled(all: &[&Leases], expected: &[usize]) {
        let began = Instant::now();
        loop {
            let held: Vec<usize> = all.iter().map(|leases| leases.held.borrow().len()).collect();
            let union: BTreeSet<String> =
                all.iter().flat_map(|leases| leases.held.borrow().clone()).collect();
            if held == expected && union.len() == expected.iter().sum::<usize>() {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{held:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn workers_share_and_take_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::from(folder.path());
        let shards: BTreeSet<String> = (0..4).map(|i| format!("s{i}")).collect();
        let worker = async || {
            let leases = Leases::keep(&place, "stream-1", LIFE).await.unwrap();
            leases.want(shards.clone());
            leases
        };
        let first = worker().await;
        settled(&[&first], &[4]).await;
        let second = worker().await;
        settled(&[&first, &second], &[2, 2]).await;
        first.give_back().await;
        settled(&[&second], &[4]).await;
        // One that is gone without a word: its lease lasts a while.
        let dead = Lease { worker: "dead".into(), beat: 1 };
        let objects = place.objects().await.unwrap();
        let bytes = serde_json::to_vec(&dead).unwrap();
        objects.write("lease/stream-2/s0.json", bytes, Only::New).await.unwrap();
        let third = Leases::keep(&place, "stream-2", LIFE).await.unwrap();
        third.want(BTreeSet::from(["s0".into()]));
        sleep(LIFE / 2).await;
        assert!(third.held.borrow().is_empty());
        settled(&[&third], &[1]).await;
    }
}
