//! Who should read which shard: each worker as many as any other, give or take one.

use std::collections::BTreeMap;

/// Whose a shard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// Nobody's, or that of a worker of which nothing was heard for too long.
    Nobody,
    /// A worker's.
    Worker(String),
}

/// What a worker should try to make its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Shards that nobody has; as many of them as it may take.
    pub(super) free: Vec<String>,
    /// How many of these.
    pub(super) room: usize,
    /// One that a worker has who has too many.
    pub(super) other: Option<String>,
}

/// What `me` should wish for.
pub(super) fn wishes(me: &str, shards: &BTreeMap<String, Holder>) -> Wishes {
    let mut loads: BTreeMap<&str, usize> = BTreeMap::from([(me, 0)]);
    for holder in shards.values() {
        if let Holder::Worker(worker) = holder {
            *loads.entry(worker).or_default() += 1;
        }
    }
    let own = loads.get(me).copied().unwrap_or(0);
    let fair = shards.len().div_ceil(loads.len());
    let free: Vec<String> =
        shards.iter().filter(|(_, holder)| **holder == Holder::Nobody).map(|(id, _)| id.clone()).collect();
    let room = fair.saturating_sub(own);
    let busiest = loads.iter().max_by_key(|(_, load)| **load);
    let other = match busiest {
        // One at a time, and only if it makes a difference.
        Some((worker, &load)) if free.is_empty() && load > own + 1 => {
            let theirs = |holder: &Holder| matches!(holder, Holder::Worker(name) if name == worker);
            shards.iter().find(|(_, holder)| theirs(holder)).map(|(id, _)| id.clone())
        }
        _ => None,
    };
    Wishes { free, room, other }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn turn(me: &str, shards: &mut BTreeMap<String, Holder>) {
        let wishes = wishes(me, shards);
        let take = wishes.free.into_iter().take(wishes.room).chain(wishes.other);
        for shard in take.collect::<Vec<_>>() {
            shards.insert(shard, Holder::Worker(me.into()));
        }
    }

    proptest! {
        /// Workers come and go; soon after, every shard is somebody's, and no worker has two more than another.
        #[test]
        fn shards_are_shared_out(count in 0usize..12, changes in prop::collection::vec((any::<bool>(), 0usize..6), 1..8)) {
            let mut shards: BTreeMap<String, Holder> =
                (0..count).map(|i| (format!("s{i}"), Holder::Nobody)).collect();
            let mut workers: Vec<String> = vec!["w0".into()];
            for (n, (join, which)) in changes.into_iter().enumerate() {
                if join || workers.len() == 1 {
                    workers.push(format!("w{}", n + 1));
                } else {
                    let dead = workers.remove(which % workers.len());
                    let lost = shards.values_mut().filter(|holder| **holder == Holder::Worker(dead.clone()));
                    lost.for_each(|holder| *holder = Holder::Nobody);
                }
                for _ in 0..count + 2 {
                    workers.iter().for_each(|me| turn(me, &mut shards));
                }
                prop_assert!(shards.values().all(|holder| *holder != Holder::Nobody));
                let load = |w: &String| shards.values().filter(|h| **h == Holder::Worker(w.clone())).count();
                let loads: Vec<usize> = workers.iter().map(load).collect();
                let (least, most) = (loads.iter().min(), loads.iter().max());
                prop_assert!(most.unwrap() - least.unwrap() <= 1, "{loads:?}");
                let before = shards.clone();
                workers.iter().for_each(|me| turn(me, &mut shards));
                prop_assert_eq!(&before, &shards, "they stay where they are");
            }
        }
    }
}
