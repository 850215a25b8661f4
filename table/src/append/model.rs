//! All that can happen to two workers: every interleaving of their steps, crashes anywhere, answers that are lost.
//!
//! The table is a ledger behind a compare-and-set, which is what the fence and the catalogue make of it; what is decided
//! about a delivery is decided by the very code that decides it in a store. The two shards hold records without a
//! source, records of a source, and some of these once more on the other shard.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};

use fidelog_codec::Schema;

use super::*;
use crate::checkpoint::{Counts, Sequence, Shard, Span, Start};

/// A Kinesis record: the source's index of the first of its records, if they have a source, and how many they are.
struct Entry(Option<u64>, usize);

const SHARDS: [[Entry; 2]; 2] = [[Entry(None, 1), Entry(Some(0), 2)], [Entry(Some(1), 2), Entry(None, 1)]];

/// Records that are different ones.
const RECORDS: usize = 5;

#[derive(Clone, Debug, Default, PartialEq)]
struct Table {
    commits: i64,
    ledger: Ledger,
    /// How many of each record.
    stored: BTreeMap<String, usize>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Worker {
    /// The checkpoint after which it read, and how many of the shard's entries it has; none before it looked.
    shards: Option<[(Option<Checkpoint>, usize); 2]>,
    attempt: Option<Attempt>,
}

#[derive(Clone, Debug, PartialEq)]
enum Attempt {
    /// It knows what to store on top of which table.
    Prepared { on: i64, after: Table, shards: Vec<usize> },
    /// It sent that, and does not know yet what came of it.
    Sent { landed: bool, after: Table, shards: Vec<usize> },
}

#[derive(Clone, Debug, Default, PartialEq)]
struct World {
    table: Table,
    workers: [Worker; 2],
}

struct Model {
    schema: Arc<Schema>,
}

fn shard(i: usize) -> Shard {
    Shard { stream: "arn".into(), created: 1, id: format!("s{i}") }
}

fn sequence(i: usize) -> Sequence {
    Sequence::try_from(format!("{}", 7 * i + 5)).unwrap()
}

/// How many entries a checkpoint is past.
fn position(checkpoint: Option<&Checkpoint>) -> usize {
    let last = checkpoint.and_then(|checkpoint| checkpoint.last.clone());
    (0..2).filter(|&i| last.as_ref().is_some_and(|last| sequence(i) <= *last)).count()
}

/// The records of an entry by their identities.
fn names(shard: usize, entry: usize) -> Vec<String> {
    let Entry(source, count) = &SHARDS[shard][entry];
    (0..*count as u64)
        .map(|i| source.map_or(format!("{shard}/{entry}/{i}"), |first| format!("source/{}", first + i)))
        .collect()
}

impl Model {
    fn delivery(
        &self,
        shard_index: usize,
        from: &Option<Checkpoint>,
        read: usize,
    ) -> Option<(Delivery, Vec<Vec<String>>)> {
        let first = position(from.as_ref());
        let entries: Vec<usize> = (first..read).collect();
        let span = Span { first: sequence(first), last: sequence(*entries.last()?), arrived: None };
        let mut parts = Vec::new();
        for &entry in &entries {
            let Entry(source, count) = &SHARDS[shard_index][entry];
            let batch = Batch::split(&self.schema, std::iter::repeat_n(b"{}".as_slice(), *count));
            let source = source.map(|first| SourceRange { source: "source".into(), first });
            parts.push(Part { batch, source });
        }
        let delivery = Delivery {
            shard: shard(shard_index),
            from: from.clone(),
            start: Start::TrimHorizon,
            span: Some(span),
            idle: None,
            ended: read == 2,
            parts,
            dead: 0,
        };
        Some((delivery, entries.into_iter().map(|entry| names(shard_index, entry)).collect()))
    }

    /// The table after what a worker has; or which shards it has to read again.
    fn prepare(
        &self,
        table: &Table,
        shards: &[(Option<Checkpoint>, usize); 2],
    ) -> Result<Option<Attempt>, usize> {
        let made: Vec<_> =
            (0..2).filter_map(|i| Some((i, self.delivery(i, &shards[i].0, shards[i].1)?))).collect();
        if made.is_empty() {
            return Ok(None);
        }
        let deliveries: Vec<Delivery> = made.iter().map(|(_, (delivery, _))| delivery.clone()).collect();
        let plan = Plan::new(&table.ledger, &Work::deliveries(&deliveries), table.commits + 1)
            .map_err(|late| (0..2).find(|&i| shard(i) == late.shard).unwrap())?;
        let mut after =
            Table { commits: table.commits + 1, ledger: plan.ledger, stored: table.stored.clone() };
        let all = made.iter().flat_map(|(_, (_, names))| names);
        for (names, rows) in all.zip(&plan.rows) {
            for row in rows.iter().cloned().flatten() {
                *after.stored.entry(names[row].clone()).or_default() += 1;
            }
        }
        let shards = made.iter().map(|(i, _)| *i).collect();
        Ok(Some(Attempt::Prepared { on: table.commits, after, shards }))
    }

    /// All worlds that one step of a worker leads to.
    fn steps(&self, world: &World, who: usize) -> Vec<World> {
        let mut next = Vec::new();
        let mut to = |change: &dyn Fn(&mut Table, &mut Worker)| {
            let mut world = world.clone();
            change(&mut world.table, &mut world.workers[who]);
            next.push(world);
        };
        let worker = &world.workers[who];
        // Killed.
        to(&|_, worker| *worker = Worker::default());
        let Some(shards) = &worker.shards else {
            to(&|table, worker| worker.shards = Some([0, 1].map(|i| look(table, i))));
            return next;
        };
        match &worker.attempt {
            None => {
                for i in (0..2).filter(|&i| shards[i].1 < 2) {
                    to(&|_, worker| worker.shards.as_mut().unwrap()[i].1 += 1);
                }
                match self.prepare(&world.table, shards) {
                    Ok(None) => {}
                    Ok(Some(attempt)) => to(&|_, worker| worker.attempt = Some(attempt.clone())),
                    Err(late) => {
                        to(&|table, worker| worker.shards.as_mut().unwrap()[late] = look(table, late))
                    }
                }
            }
            Some(Attempt::Prepared { on, after, shards }) => {
                let landed = *on == world.table.commits;
                let sent = Attempt::Sent { landed, after: after.clone(), shards: shards.clone() };
                to(&|table, worker| {
                    if landed {
                        *table = after.clone();
                    }
                    worker.attempt = Some(sent.clone());
                });
            }
            Some(Attempt::Sent { landed, after, shards }) => to(&|_, worker| {
                if *landed {
                    for &i in shards {
                        worker.shards.as_mut().unwrap()[i].0 = after.ledger.checkpoint(&shard(i)).cloned();
                    }
                }
                worker.attempt = None;
            }),
        }
        next
    }

    fn check(&self, world: &World) {
        let Table { ledger, stored, .. } = &world.table;
        assert!(stored.values().all(|&n| n == 1), "stored twice: {stored:?}");
        assert_eq!(ledger.stored, stored.len() as u64);
        let mut sum = Counts::default();
        let mut expected = HashSet::new();
        for i in 0..2 {
            let checkpoint = ledger.checkpoint(&shard(i));
            for entry in 0..position(checkpoint) {
                expected.extend(names(i, entry));
            }
            sum.add(checkpoint.map(|c| c.counts).unwrap_or_default());
        }
        // Neither more nor less than what the checkpoints say.
        assert_eq!(stored.keys().cloned().collect::<HashSet<_>>(), expected);
        assert_eq!((sum.stored, sum.received), (ledger.stored, sum.stored + sum.known));
    }

    /// From here, one worker that is not disturbed brings everything to the table.
    fn can_end(&self, world: &World) {
        let mut world = World { table: world.table.clone(), ..World::default() };
        for _ in 0..30 {
            // The first step is the crash.
            match self.steps(&world, 0).into_iter().nth(1) {
                Some(next) => world = next,
                None => break,
            }
        }
        assert_eq!(world.table.stored.len(), RECORDS);
        self.check(&world);
    }
}

fn look(table: &Table, i: usize) -> (Option<Checkpoint>, usize) {
    let checkpoint = table.ledger.checkpoint(&shard(i)).cloned();
    let read = position(checkpoint.as_ref());
    (checkpoint, read)
}

#[test]
fn whatever_two_workers_do_each_record_is_stored_once() {
    let model = Model { schema: Arc::new(Schema::infer([b"{}".as_slice()]).schema) };
    let mut seen = HashSet::new();
    let mut tables = HashSet::new();
    let mut queue = VecDeque::from([World::default()]);
    while let Some(world) = queue.pop_front() {
        // The workers are alike.
        let mut workers = world.workers.each_ref().map(|worker| format!("{worker:?}"));
        workers.sort();
        let table = format!("{:?}", world.table);
        if !seen.insert((table.clone(), workers)) {
            continue;
        }
        model.check(&world);
        if tables.insert(table) {
            model.can_end(&world);
        }
        for who in 0..2 {
            queue.extend(model.steps(&world, who));
        }
    }
    assert!(seen.len() > 1000, "only {} worlds were seen", seen.len());
    println!("{} worlds, {} tables", seen.len(), tables.len());
}
