use std::{collections::BTreeMap, sync::Arc};

use fidelog_codec::Schema;
use proptest::prelude::*;

use super::*;
use crate::layout::Options;

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
            let plan = Plan::new(&ledger, &parts, 1);
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
    let plan = Plan::new(&store.ledger(&table).unwrap(), &parts, 1);
    let orphans = store.write(&table, &parts, &plan.rows, "crashed").await.unwrap();
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
    let plan = Plan::new(&before, &parts, 1);
    let id = Uuid::now_v7();
    let files = store.write(&table, &parts, &plan.rows, "late").await.unwrap();

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
