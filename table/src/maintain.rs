//! Keeps a table from growing beyond its records: old snapshots and files that nothing refers to go.
//!
//! Safe beside workers. A worker's files are referred to by nothing until its commit. So first a commit is made on top
//! of which no worker can commit what it prepared before; then only files are deleted that were old by then, and a
//! worker whose commit has to be repeated uses old files no more (`append`).

use std::{
    collections::HashSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use iceberg::{
    spec::TableMetadataRef,
    table::Table,
    transaction::{ApplyTransactionAction, Transaction},
};

use crate::{
    append::{ATTEMPTS, pause},
    catalogue,
    error::{Error, Result, chain, is_conflict},
    objects::{Object, Objects},
    store::Store,
};

/// The least age of what goes, beside workers.
pub const LEAST_AGE: Duration = Duration::from_secs(2 * 3600);

/// Snapshots that stay, however old.
pub(crate) const KEPT_SNAPSHOTS: usize = 5;

/// What goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// Snapshots older than this; queries of the table as it was then are no longer possible.
    pub snapshots: Duration,
    /// Files older than this that nothing refers to.
    pub files: Duration,
}

impl Default for Ages {
    fn default() -> Self {
        Ages { snapshots: Duration::from_secs(5 * 86_400), files: Duration::from_secs(3 * 86_400) }
    }
}

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// How many snapshots.
    pub snapshots: usize,
    /// How many files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// How many snapshots are left.
    pub kept_snapshots: usize,
}

impl Store {
    /// Removes what is older than the ages; below [`LEAST_AGE`] only if nobody else writes to the store.
    pub async fn maintain(&self, ages: Ages) -> Result<Maintained> {
        let expired = self.expire(ages.snapshots).await?;
        let barrier = SystemTime::now();
        self.touch().await?;
        let table = self.table().await?;
        let used = self.used(&table).await?;
        let oldest = barrier.checked_sub(ages.files).unwrap_or(UNIX_EPOCH);
        let location = catalogue::path(table.metadata().location());
        let objects = Objects::open(location).await?;
        let mut unused: Vec<Object> = Vec::new();
        for folder in ["data/", "metadata/"] {
            let listed = objects.list(folder).await?;
            unused.extend(listed.into_iter().filter(|object| {
                object.modified < oldest && !used.contains(&format!("{location}/{}", object.path))
            }));
        }
        let bytes = unused.iter().map(|object| object.bytes).sum();
        let files = unused.len();
        objects.delete(unused.into_iter().map(|object| object.path).collect()).await?;
        let kept_snapshots = table.metadata().snapshots().len();
        Ok(Maintained { snapshots: expired, files, bytes, kept_snapshots })
    }

    /// Expires old snapshots; gives how many.
    async fn expire(&self, age: Duration) -> Result<usize> {
        let oldest = SystemTime::now().checked_sub(age).unwrap_or(UNIX_EPOCH);
        let oldest = oldest.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        let mut reason = String::new();
        for attempt in 1..=ATTEMPTS {
            let table = self.table().await?;
            let transaction = Transaction::new(&table);
            let expire =
                transaction.expire_snapshots().expire_older_than_ms(oldest).retain_last(KEPT_SNAPSHOTS);
            let transaction = expire.apply(transaction).map_err(|e| self.fail(e))?;
            match transaction.commit(self.catalog().as_ref()).await {
                Ok(after) => return Ok(gone(table.metadata_ref(), &after)),
                Err(error) if is_conflict(&error) => reason = chain(&error),
                Err(error) => return Err(self.fail(error)),
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        Err(Error::Conflict { store: self.location().into(), attempts: ATTEMPTS, detail: reason })
    }

    /// All files that the table refers to, by path.
    async fn used(&self, table: &Table) -> Result<HashSet<String>> {
        let metadata = table.metadata();
        let mut used: Vec<String> = table.metadata_location().into_iter().map(Into::into).collect();
        used.extend(metadata.metadata_log().iter().map(|log| log.metadata_file.clone()));
        used.extend(metadata.statistics_iter().map(|file| file.statistics_path.clone()));
        used.extend(metadata.partition_statistics_iter().map(|file| file.statistics_path.clone()));
        let mut manifests = HashSet::new();
        for snapshot in metadata.snapshots() {
            used.push(snapshot.manifest_list().into());
            let list = table.manifest_list_reader(snapshot).load().await.map_err(|e| self.fail(e))?;
            for manifest in list.entries() {
                // Snapshots share most of their manifests.
                if !manifests.insert(manifest.manifest_path.clone()) {
                    continue;
                }
                let files = manifest.load_manifest(table.file_io()).await.map_err(|e| self.fail(e))?;
                used.extend(
                    files.entries().iter().filter(|e| e.is_alive()).map(|e| e.data_file().file_path().into()),
                );
            }
        }
        used.extend(manifests);
        Ok(used.iter().map(|path| catalogue::path(path).to_owned()).collect())
    }
}

fn gone(before: TableMetadataRef, after: &Table) -> usize {
    let stays = |id| after.metadata().snapshot_by_id(id).is_some();
    before.snapshots().filter(|snapshot| !stays(snapshot.snapshot_id())).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs::{self, File};

    use fidelog_codec::{Schema, batch::Batch};

    use super::*;
    use crate::{Options, Part, SourceRange};

    const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[
        {"path":["a"],"column":"a","encoding":"integer"}]}"#;

    async fn append(store: &Store, first: u64) -> crate::Result<crate::Appended> {
        let record = format!("{{\"a\":{first}}}");
        let batch = Batch::split(&store.schema().await?, [record.as_bytes()]);
        store.append(&[Part { batch, source: Some(SourceRange { source: "s".into(), first }) }]).await
    }

    fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut all = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
        }
        all
    }

    #[tokio::test]
    async fn what_nothing_refers_to_goes_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let schema = Schema::from_json(SCHEMA).unwrap();
        let store = Store::create(folder.path(), &schema, Options::default()).await.unwrap();
        for first in 0..40 {
            append(&store, first).await.unwrap();
        }
        let warehouse = folder.path().join("warehouse/fidelog/logs");
        let orphan = warehouse.join("data/orphan.parquet");
        fs::write(&orphan, b"?").unwrap();
        let foreign = warehouse.join("notes.txt");
        fs::write(&foreign, b"?").unwrap();
        let before = files(&warehouse).len();
        let metadata = || files(&warehouse).iter().filter(|path| path.extension().unwrap() == "json").count();
        assert!(metadata() > 40);

        // Everything is young.
        let done = store.maintain(Ages::default()).await.unwrap();
        assert_eq!((done.snapshots, done.files), (0, 0));

        let age = |path: &std::path::Path| {
            let past = SystemTime::now() - Duration::from_secs(86_400);
            File::options().write(true).open(path).unwrap().set_modified(past).unwrap();
        };
        files(&warehouse).iter().for_each(|path| age(path));
        let ages = Ages { snapshots: Duration::ZERO, files: LEAST_AGE };
        let done = store.maintain(ages).await.unwrap();
        assert!(done.snapshots > 30 && done.kept_snapshots <= KEPT_SNAPSHOTS + 1, "{done:?}");
        assert!(done.files > 45 && !orphan.exists() && foreign.exists(), "{done:?}");
        assert!(files(&warehouse).len() < before - 40);
        assert!(metadata() < 25, "{}", metadata());
        assert_eq!(store.records().await.unwrap().len(), 40);
        store.verify().await.unwrap();
        // It goes on as before.
        assert_eq!(append(&store, 39).await.unwrap().known, 1);
        assert_eq!(append(&store, 40).await.unwrap().stored, 1);
        assert_eq!(store.records().await.unwrap().len(), 41);
    }
}
