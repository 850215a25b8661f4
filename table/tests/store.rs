//! A store as its users see it: made, opened, appended to, read back, damaged.

#![allow(clippy::unwrap_used, clippy::single_range_in_vec_init)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fidelog_codec::{Schema, batch::Batch};
use fidelog_table::{Error, Options, Part, Partition, SourceRange, Store};
use sqlx::Connection;

const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"event_time":"t","fields":[
    {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.f*Z"},
    {"path":["id"],"column":"id","encoding":"hex"},
    {"path":["n"],"column":"n","encoding":"number","pattern":"shortest"},
    {"path":["b"],"column":"b","encoding":"boolean"},
    {"path":["j"],"column":"j","encoding":"json"},
    {"path":["s"],"column":"s","encoding":"text"}]}"#;

/// Ordinary records, and what else a stream brings.
const RECORDS: [&[u8]; 9] = [
    br#"{"t": "2022-01-06T06:09:45.117Z", "id": "517c", "n": 0.5, "b": true, "j": [1, 2], "s": "x"}"#,
    br#"{"t": "2022-01-07T00:00:00.123456789Z", "id": "", "n": 1e300, "b": false, "j": null, "s": "\u00e9"}"#,
    br#"{"t": "1969-12-31T23:59:59.999999Z", "id": "0F", "n": -0, "b": 1, "j": {"a":1}, "s": "y"}"#,
    br#"{"s": "no time", "more": 1.0}"#,
    b"{\"t\":null}",
    b"not json at all\r",
    b"\xff\xfe\x00",
    b"",
    br#"{"t": "2022-01-06T06:09:45.117Z", "id": "517c", "n": 0.5, "b": true, "j": [1, 2], "s": "x"}"#,
];

fn schema() -> Schema {
    Schema::from_json(SCHEMA).unwrap()
}

fn part(records: &[&[u8]], source: Option<(&str, u64)>) -> Part {
    Part {
        batch: Batch::split(&Arc::new(schema()), records.iter().copied()),
        source: source.map(|(source, first)| SourceRange { source: source.into(), first }),
    }
}

async fn sorted(store: &Store) -> Vec<Vec<u8>> {
    let mut records = store.records().await.unwrap();
    records.sort();
    records
}

fn expected(records: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = records.iter().map(|r| r.to_vec()).collect();
    records.sort();
    records
}

#[tokio::test]
async fn records_come_back_exactly_by_any_partition() {
    for (partition, files) in [(Partition::Hour, 4), (Partition::Day, 4), (Partition::Month, 3)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("with spaces, 100% and é");
        let store = Store::create(&path, &schema(), Options { partition }).await.unwrap();
        assert_eq!(store.files().await.unwrap(), []);
        let appended = store.append(&[part(&RECORDS, None)]).await.unwrap();
        assert_eq!((appended.stored, appended.files.len()), (9, files), "{partition}");
        let store = Store::open(&path).await.unwrap();
        assert_eq!(sorted(&store).await, expected(&RECORDS));
        let listed = store.files().await.unwrap();
        assert_eq!(listed.iter().map(|f| f.rows).sum::<u64>(), 9);
        for file in listed {
            assert_eq!(fs::metadata(&file.path).unwrap().len(), file.bytes);
            assert!(Path::new(&file.path).starts_with(store.location()));
        }
        assert_eq!(*store.schema().await.unwrap(), schema());
        assert_eq!(store.schemas().await.unwrap().all().len(), 1);
    }
}

#[tokio::test]
async fn without_an_event_time_there_is_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let timeless = Schema::from_json(&SCHEMA.replace(r#""event_time":"t","#, "")).unwrap();
    let store = Store::create(dir.path(), &timeless, Options::default()).await.unwrap();
    let batch = Batch::split(&Arc::new(timeless), RECORDS);
    store.append(&[Part { batch, source: None }]).await.unwrap();
    assert_eq!(store.files().await.unwrap().len(), 1);
    assert_eq!(store.records().await.unwrap(), RECORDS, "in order, too");
}

#[tokio::test]
async fn a_source_is_stored_once_whatever_its_boundaries() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_or_create(dir.path(), &schema(), Options::default()).await.unwrap();
    let appended = store.append(&[part(&RECORDS[2..5], Some(("a b", 2)))]).await.unwrap();
    assert_eq!((appended.stored, appended.known), (3, 0));
    assert_eq!(store.unseen("a b", 0, 9).await.unwrap(), [0..2, 5..9]);
    assert_eq!(store.unseen("a", 3, 1).await.unwrap(), [3..4]);

    let snapshot = |store: &Store| {
        let store = store.clone();
        async move { store.table().await.unwrap().metadata().current_snapshot_id() }
    };
    let before = snapshot(&store).await;
    let again = store.append(&[part(&RECORDS[3..5], Some(("a b", 3)))]).await.unwrap();
    assert_eq!((again.stored, again.known, again.files.len()), (0, 2, 0));
    let nothing = store.append(&[part(&[], Some(("a b", 50))), part(&[], None)]).await.unwrap();
    assert_eq!((nothing.stored, store.append(&[]).await.unwrap().stored), (0, 0));
    assert_eq!(snapshot(&store).await, before, "nothing new commits nothing");

    let whole = part(&RECORDS, Some(("a b", 0)));
    let rest = store.append(&[whole.clone(), whole]).await.unwrap();
    assert_eq!((rest.stored, rest.known), (6, 12));
    assert_eq!(sorted(&store).await, expected(&RECORDS));
    assert_eq!(store.stored().await.unwrap(), 9);
    assert_eq!(store.append(&[part(&RECORDS, None)]).await.unwrap().stored, 9, "no source, no memory");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_at_once_store_every_record_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    let record = |i: u64| format!(r#"{{"t": "2022-01-0{}T00:00:00Z", "n": {i}}}"#, i % 2 + 1);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4u64 {
        let root = root.clone();
        writers.spawn(async move {
            // Each with its own catalogue; all race to make the store, too. Writers 0 and 1 send the same source.
            let store = Store::open_or_create(&root, &schema(), Options::default()).await.unwrap();
            let mut stored = 0;
            for step in 0..5u64 {
                let first = step * 10;
                let base = writer.max(1) * 1000;
                let records: Vec<String> = (first..first + 10).map(|i| record(base + i)).collect();
                let records: Vec<&[u8]> = records.iter().map(|r| r.as_bytes()).collect();
                let source = format!("s{}", writer.max(1));
                stored += store.append(&[part(&records, Some((&source, first)))]).await.unwrap().stored;
            }
            stored
        });
    }
    let mut stored = 0;
    while let Some(writer) = writers.join_next().await {
        stored += writer.unwrap();
    }
    assert_eq!(stored, 150);
    let store = Store::open(&root).await.unwrap();
    assert_eq!(store.stored().await.unwrap(), 150);
    let all: Vec<Vec<u8>> =
        (1..4).flat_map(|w| (0..50).map(move |i| w * 1000 + i)).map(|i| record(i).into_bytes()).collect();
    assert_eq!(sorted(&store).await, expected(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()));
}

/// SQLite cannot finish a COMMIT while somebody reads, and gives up after 5 seconds. The catalogue then says that all
/// went well; only the table tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_sqlite_gave_up_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &schema(), Options::default()).await.unwrap();
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("catalog.db"));
    let mut reader = sqlx::SqliteConnection::connect_with(&file).await.unwrap();
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    sqlx::query("SELECT * FROM iceberg_tables").fetch_all(&mut reader).await.unwrap();
    let appending = tokio::spawn({
        let store = store.clone();
        async move { store.append(&[part(&RECORDS, None)]).await }
    });
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!appending.is_finished(), "the first attempt failed, and was noticed");
    sqlx::query("COMMIT").execute(&mut reader).await.unwrap();
    assert_eq!(appending.await.unwrap().unwrap().stored, 9);
    assert_eq!(sorted(&store).await, expected(&RECORDS));
}

#[tokio::test]
async fn what_is_no_store_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Store::open(dir.path().join("nowhere")).await.unwrap_err();
    assert!(matches!(missing, Error::NotAStore { .. }), "{missing}");
    let empty = Store::open(dir.path()).await.unwrap_err();
    assert!(matches!(empty, Error::NotAStore { .. }), "{empty}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "opening makes nothing");

    fs::write(dir.path().join("catalog.db"), "this is no SQLite file, but long enough to look like one")
        .unwrap();
    let damaged = Store::open(dir.path()).await.unwrap_err();
    assert!(matches!(damaged, Error::Damaged { .. }), "{damaged}");

    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(Store::create(&file, &schema(), Options::default()).await.is_err());
}

#[tokio::test]
async fn a_half_made_store_is_none_until_it_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    // What a crash after the catalogue's file leaves.
    fs::write(dir.path().join("catalog.db"), "").unwrap();
    let half = Store::open(dir.path()).await.unwrap_err();
    assert!(matches!(half, Error::NotAStore { .. }), "{half}");
    Store::create(dir.path(), &schema(), Options::default()).await.unwrap();
    Store::open(dir.path()).await.unwrap();
    let again = Store::create(dir.path(), &schema(), Options::default()).await.unwrap_err();
    assert!(matches!(again, Error::AlreadyAStore { .. }), "{again}");
    let other = Schema::from_json(&SCHEMA.replace("\"id\"", "\"key\"")).unwrap();
    let differs = Store::open_or_create(dir.path(), &other, Options::default()).await.unwrap_err();
    assert!(matches!(differs, Error::SchemaDiffers { .. }), "{differs}");
}

#[tokio::test]
async fn damage_is_reported_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &schema(), Options::default()).await.unwrap();
    store.append(&[part(&RECORDS[..1], None)]).await.unwrap();
    let file = store.files().await.unwrap().remove(0);
    let whole = fs::read(&file.path).unwrap();
    fs::write(&file.path, &whole[..whole.len() / 2]).unwrap();
    let cut = store.records().await.unwrap_err();
    assert!(matches!(cut, Error::Damaged { .. }), "{cut:?}");
    fs::remove_file(&file.path).unwrap();
    let gone = store.records().await.unwrap_err();
    assert!(matches!(gone, Error::Damaged { .. }), "{gone:?}");

    fs::rename(dir.path().join("warehouse"), dir.path().join("moved")).unwrap();
    let moved = Store::open(dir.path()).await.unwrap().schema().await.unwrap_err();
    assert!(matches!(moved, Error::Damaged { .. }), "{moved:?}");
}

#[tokio::test]
async fn a_lost_catalogue_is_damage_and_no_new_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &schema(), Options::default()).await.unwrap();
    store.append(&[part(&RECORDS, None)]).await.unwrap();
    drop(store);
    fs::remove_file(dir.path().join("catalog.db")).unwrap();
    let error = Store::open_or_create(dir.path(), &schema(), Options::default()).await.unwrap_err();
    assert!(
        matches!(error, Error::Damaged { .. }) && error.to_string().contains("catalog.db is missing"),
        "{error}"
    );
    assert!(!dir.path().join("catalog.db").exists(), "a new catalogue hides the records");
}

#[tokio::test]
async fn a_copy_is_refused_and_its_original_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (original, copy) = (dir.path().join("original"), dir.path().join("copy"));
    let store = Store::create(&original, &schema(), Options::default()).await.unwrap();
    store.append(&[part(&RECORDS, None)]).await.unwrap();
    drop(store);
    let before = tree(&original);
    for file in before.keys() {
        let target = copy.join(file.strip_prefix(&original).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
    let opened = Store::open(&copy).await.unwrap_err();
    let made = Store::open_or_create(&copy, &schema(), Options::default()).await.unwrap_err();
    let home = fs::canonicalize(&original).unwrap();
    for error in [opened, made] {
        assert!(matches!(&error, Error::Moved { origin, .. } if *home == **origin), "{error}");
    }
    assert_eq!(tree(&original), before);

    // Another way to the same place is no move.
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&original, &link).unwrap();
    assert_eq!(sorted(&Store::open(&link).await.unwrap()).await, expected(&RECORDS));
}

/// All files under a directory with their contents.
fn tree(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                tree(&path)
            } else {
                BTreeMap::from([(path.clone(), fs::read(&path).unwrap())])
            }
        })
        .collect()
}

/// A schema that leaves something out, and a later one that leaves out less.
#[tokio::test]
async fn a_source_is_known_by_its_first_record_whatever_was_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let document = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"keep":[["a"]],"fields":[
        {"path":["a"],"column":"a","encoding":"integer"}]}"#;
    let first = Arc::new(Schema::from_json(document).unwrap());
    let store = Store::create(folder.path(), &first, Options::default()).await.unwrap();
    let part = |schema: &Arc<Schema>, records: &[&[u8]]| {
        let left = |record: &&[u8]| {
            let mut left = Vec::new();
            schema.reduction().unwrap().apply(record, &mut left);
            left
        };
        let records: Vec<Vec<u8>> = records.iter().map(left).collect();
        let batch = Batch::split(schema, records.iter().map(Vec::as_slice));
        [Part { batch, source: Some(SourceRange { source: "s".into(), first: 0 }) }]
    };
    let records: [&[u8]; 3] = [br#"{"a":1,"b":2,"c":3}"#, br#"{"b":2}"#, br#"{"b":3}"#];
    assert_eq!(store.append(&part(&first, &records[..1])).await.unwrap().stored, 1);
    let wider = Schema::from_json(&document.replace(r#"["a"]]"#, r#"["a"],["b"]]"#)).unwrap();
    assert_eq!(store.widen(&wider).await.unwrap(), Vec::<String>::new());
    assert!(store.widen(&first).await.unwrap_err().to_string().contains("does not keep b"));
    let second = store.schema().await.unwrap();
    assert_eq!((second.version(), second.reduction()), (2, wider.reduction()));
    let appended = store.append(&part(&second, &records)).await.unwrap();
    assert_eq!((appended.stored, appended.known), (2, 1));
    store.check_first("s", records[0]).await.unwrap();
    for other in [br#"{"a":2,"b":2}"#, br#"{"b":2,"c":1}"#] {
        assert!(matches!(store.check_first("s", other).await, Err(Error::OtherSource { .. })));
        let refused = store.append(&part(&second, &[other])).await;
        assert!(matches!(refused, Err(Error::OtherSource { .. })));
    }
    let expected = [&br#"{"a":1}"#[..], br#"{"b":2}"#, br#"{"b":3}"#];
    assert_eq!(sorted(&store).await, expected);
}
