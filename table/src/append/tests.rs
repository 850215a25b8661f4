use std::{collections::BTreeMap, sync::Arc};

use fidelog_codec::Schema;
use proptest::prelude::*;

use super::*;
use crate::{
    checkpoint::{Counts, Sequence, Shard, Span, Start},
    layout::Options,
};

const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
    {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ssZ"},
    {"path":["n"],"column":"n","encoding":"integer"}]}"#;

fn batch(records: impl IntoIterator<Item = u64>) -> Batch {
    let schema = Arc::new(Schema::from_json(SCHEMA).unwrap());
    let records: Vec<String> = records
        .into_iter()
        .map(|n| format!(r#"{{"t": "2026-01-0{}T00:00:00Z", "n": {n}}}"#, n % 3 + 1))
        .collect();
    Batch::split(&schema, records.iter().map(|r| r.as_bytes()))
}

fn part(source: Option<&str>, first: u64, count: u64) -> Part {
    let source = source.map(|source| SourceRange { source: source.into(), first });
    Part { batch: batch(first..first + count), source }
}

async fn numbers(store: &Store) -> Vec<u64> {
    let records = store.records().await.unwrap();
    let number = |r: &Vec<u8>| {
        String::from_utf8_lossy(r).split("\"n\": ").nth(1).unwrap().trim_end_matches('}').parse()
    };
    let mut numbers: Vec<u64> = records.iter().map(number).collect::<Result<_, _>>().unwrap();
    numbers.sort();
    numbers
}

async fn new_store(dir: &tempfile::TempDir) -> Store {
    Store::create(dir.path(), &Schema::from_json(SCHEMA).unwrap(), Options::default()).await.unwrap()
}

proptest! {
    /// Against a set of (source, index): every record is planned once, whatever overlaps.
    #[test]
    fn a_plan_stores_each_index_once(parts in prop::collection::vec((0u8..4, 0u64..30, 0u64..12), 0..12)) {
        let mut stored: BTreeMap<(u8, u64), usize> = BTreeMap::new();
        let mut ledger = Ledger::default();
        let mut expected = 0;
        for call in parts.chunks(3) {
            let parts: Vec<Part> = call.iter()
                // Source 0 stands for none.
                .map(|&(source, first, n)| part((source > 0).then(|| format!("s{source}")).as_deref(), first, n))
                .collect();
            let plan = Plan::new(&ledger, &Work::parts(&parts), 1).unwrap();
            prop_assert_eq!(plan.stored + plan.known, call.iter().map(|c| c.2).sum::<u64>());
            expected += plan.stored;
            for (&(source, first, n), rows) in call.iter().zip(&plan.rows) {
                for row in rows.iter().cloned().flatten() {
                    prop_assert!((row as u64) < n);
                    *stored.entry((source, first + row as u64)).or_default() += 1;
                }
            }
            ledger = plan.ledger;
            prop_assert_eq!(ledger.stored, expected);
            for &(source, first, n) in call.iter().filter(|c| c.0 > 0) {
                for i in first..first + n {
                    prop_assert_eq!(stored.get(&(source, i)), Some(&1));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_crash_between_file_and_commit_leaves_nothing_but_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = new_store(&dir).await;
    let parts = [part(Some("a"), 0, 10)];
    let table = store.table().await.unwrap();
    let plan = Plan::new(&store.ledger(&table).unwrap(), &Work::parts(&parts), 1).unwrap();
    let orphans = store.write(&table, &Work::parts(&parts).parts, &plan.rows, "crashed").await.unwrap();
    drop(store);

    let store = Store::open(dir.path()).await.unwrap();
    assert!(orphans.iter().all(|file| std::path::Path::new(&FileInfo::from(file).path).exists()));
    assert_eq!((store.files().await.unwrap(), store.stored().await.unwrap()), (vec![], 0));
    let appended = store.append(&parts).await.unwrap();
    assert_eq!((appended.stored, appended.known, appended.files.len()), (10, 0, 3));
    assert_eq!(numbers(&store).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_late_writer_is_refused_by_the_fence() {
    let dir = tempfile::tempdir().unwrap();
    let store = new_store(&dir).await;
    let parts = [part(Some("a"), 0, 10)];
    let table = store.table().await.unwrap();
    let before = store.ledger(&table).unwrap();
    let plan = Plan::new(&before, &Work::parts(&parts), 1).unwrap();
    let id = Uuid::now_v7();
    let files = store.write(&table, &Work::parts(&parts).parts, &plan.rows, "late").await.unwrap();

    assert_eq!(store.append(&parts).await.unwrap().stored, 10, "another writer with the same records");
    let error = store.commit(&table, &before, &plan, &files, &id).await.unwrap_err();
    assert!(is_conflict(&error), "{error}");
    assert!(!landed(&store.table().await.unwrap(), &id));
    assert_eq!(numbers(&store).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn parts_that_cannot_be_kept_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = new_store(&dir).await;
    let long = "x".repeat(MAX_SOURCE_NAME + 1);
    for (name, first) in [("", 0), (long.as_str(), 0), ("a", u64::MAX)] {
        let source = Some(SourceRange { source: name.into(), first });
        let error = store.append(&[Part { batch: batch(0..2), source }]).await.unwrap_err();
        assert!(matches!(error, Error::Source { .. }), "{error}");
    }
    let other = Arc::new(Schema::from_json(&SCHEMA.replace("\"integer\"", "\"text\"")).unwrap());
    let foreign = Part { batch: Batch::split(&other, [b"{}".as_slice()]), source: None };
    let error = store.append(&[foreign]).await.unwrap_err();
    assert!(matches!(&error, Error::SchemaDiffers { detail, .. } if detail.contains("field n")), "{error}");
    assert_eq!(store.stored().await.unwrap(), 0);
}

fn delivery(from: Option<&Checkpoint>, first: u64, last: u64, parts: Vec<Part>) -> Delivery {
    let sequence = |n: u64| Sequence::try_from(n.to_string()).unwrap();
    Delivery {
        shard: Shard { stream: "arn:s".into(), created: 1, id: "shard-0".into() },
        from: from.cloned(),
        start: Start::TrimHorizon,
        span: Some(Span { first: sequence(first), last: sequence(last), arrived: Some(7) }),
        idle: None,
        ended: false,
        parts,
        dead: 0,
    }
}

#[tokio::test]
async fn what_comes_from_a_shard_is_stored_on_top_of_its_checkpoint_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = new_store(&dir).await;
    let first = delivery(None, 1, 9, vec![part(Some("a"), 0, 5), part(None, 5, 5)]);
    let shard = first.shard.clone();
    assert_eq!(store.checkpoint(&shard).await.unwrap(), None);
    let done = store.deliver(std::slice::from_ref(&first)).await.unwrap();
    assert_eq!((done.appended.stored, done.appended.known), (10, 0));
    let at_9 = store.checkpoint(&shard).await.unwrap().unwrap();
    assert_eq!(done.checkpoints.first(), Some(&at_9));
    assert_eq!(at_9.counts, Counts { received: 10, stored: 10, known: 0, dead: 0 });

    // A worker that slept, or a call whose answer was lost, is too late.
    let late = store.deliver(&[first]).await.unwrap_err();
    assert!(matches!(&late, Error::Superseded { shard, .. } if shard == "shard-0"), "{late}");

    // The sender's re-sent block comes after the checkpoint, and its records are known by their source.
    let second = delivery(Some(&at_9), 10, 12, vec![part(Some("a"), 3, 4)]);
    let done = store.deliver(&[second]).await.unwrap();
    assert_eq!((done.appended.stored, done.appended.known), (2, 2));
    assert_eq!(done.checkpoints[0].counts, Counts { received: 14, stored: 12, known: 2, dead: 0 });
    assert_eq!(numbers(&store).await, [0, 1, 2, 3, 4, 5, 5, 6, 6, 7, 8, 9]);

    // Nothing to store moves the checkpoint all the same, with a snapshot for the fence.
    let snapshot = store.table().await.unwrap().metadata().current_snapshot_id();
    let third =
        Delivery { dead: 3, ..delivery(Some(&done.checkpoints[0]), 13, 13, vec![part(Some("a"), 0, 2)]) };
    let done = store.deliver(&[third]).await.unwrap();
    assert_eq!((done.appended.stored, done.appended.files.len()), (0, 0));
    assert_eq!(done.checkpoints[0].counts, Counts { received: 19, stored: 12, known: 4, dead: 3 });
    assert_ne!(store.table().await.unwrap().metadata().current_snapshot_id(), snapshot);
    assert_eq!(store.stored().await.unwrap(), 12);

    let verified = store.verify().await.unwrap();
    assert_eq!((verified.records, verified.commits, verified.whole), (12, 3, true));
    assert_eq!(verified.streams, done.checkpoints[0].counts);
    // A commit that leaves out a step is found.
    let table = store.table().await.unwrap();
    let forged = Checkpoint {
        last: Some(Sequence::try_from("99".to_owned()).unwrap()),
        ..done.checkpoints[0].clone()
    };
    let forged = serde_json::to_string(&forged).unwrap();
    let transaction = Transaction::new(&table);
    let change = transaction.update_table_properties().set(shard.key(), forged);
    change.apply(transaction).unwrap().commit(store.catalog().as_ref()).await.unwrap();
    let error = store.verify().await.unwrap_err();
    assert!(matches!(error, Error::Inconsistent { .. }), "{error}");
}

#[tokio::test]
async fn a_dead_letter_is_a_file_beside_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let store = new_store(&dir).await;
    for letter in [b"first".as_slice(), b"second"] {
        store.keep_dead_letter("s/shard-0/12.json", letter.to_vec()).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join("dead-letter/s/shard-0/12.json")).unwrap(), letter);
    }
}
