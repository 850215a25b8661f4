//! Reads the table: record batches, exact records, and what its data files weigh.

use arrow_array::RecordBatch;
use futures::{Stream, StreamExt, TryStreamExt};
use iceberg::{
    expr::{Predicate, Reference},
    spec::{DataFile, Datum},
};

use crate::{
    error::{Error, Result},
    store::Store,
};

/// A data file of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Its path, without `file://` in front of a local one.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The records in it.
    pub rows: u64,
}

impl From<&DataFile> for FileInfo {
    fn from(file: &DataFile) -> Self {
        let path = file.file_path();
        FileInfo {
            path: path.strip_prefix("file://").unwrap_or(path).into(),
            bytes: file.file_size_in_bytes(),
            rows: file.record_count(),
        }
    }
}

impl Store {
    /// The table's data files.
    pub async fn files(&self) -> Result<Vec<FileInfo>> {
        let table = self.table().await?;
        let Some(snapshot) = table.metadata().current_snapshot() else {
            return Ok(Vec::new());
        };
        let manifests = table.manifest_list_reader(snapshot).load().await.map_err(|e| self.fail(e))?;
        let mut files = Vec::new();
        for manifest in manifests.entries() {
            let manifest = manifest.load_manifest(table.file_io()).await.map_err(|e| self.fail(e))?;
            files.extend(
                manifest.entries().iter().filter(|e| e.is_alive()).map(|e| FileInfo::from(e.data_file())),
            );
        }
        Ok(files)
    }

    /// All rows, all columns; files in no particular order.
    pub async fn scan(&self) -> Result<impl Stream<Item = Result<RecordBatch>> + Unpin> {
        self.scan_where(None).await
    }

    /// Rows whose event time (µs since 1970) is in a span: from its start on, before its end. Without either, all rows.
    pub async fn scan_between(
        &self,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Result<impl Stream<Item = Result<RecordBatch>> + Unpin> {
        if from.is_none() && to.is_none() {
            return self.scan_where(None).await;
        }
        let schema = self.schema().await?;
        let time = schema.event_time().and_then(|i| schema.fields().get(i));
        let Some(time) = time else {
            return Err(Error::NoEventTime { store: self.location().to_owned() });
        };
        let column = || Reference::new(time.column.clone());
        let from = from.map(|from| column().greater_than_or_equal_to(Datum::timestamp_micros(from)));
        let to = to.map(|to| column().less_than(Datum::timestamp_micros(to)));
        self.scan_where([from, to].into_iter().flatten().reduce(Predicate::and)).await
    }

    async fn scan_where(
        &self,
        predicate: Option<Predicate>,
    ) -> Result<impl Stream<Item = Result<RecordBatch>> + Unpin + use<>> {
        let table = self.table().await?;
        let mut scan = table.scan().select_all();
        if let Some(predicate) = predicate {
            scan = scan.with_filter(predicate);
        }
        let scan = scan.build().map_err(|e| self.fail(e))?;
        let batches = scan.to_arrow().await.map_err(|e| self.fail(e))?;
        let store = self.clone();
        Ok(batches.map(move |batch| batch.map_err(|e| store.fail(e))).boxed())
    }

    /// All records, exactly as they were sent; files in no particular order.
    pub async fn records(&self) -> Result<Vec<Vec<u8>>> {
        let schemas = self.schemas().await?;
        let fail = |error| Error::codec(self.location(), error);
        let mut records = Vec::new();
        let mut scan = self.scan().await?;
        while let Some(record_batch) = scan.try_next().await? {
            for batch in schemas.batches(&record_batch).map_err(fail)? {
                for row in 0..batch.rows() {
                    let mut record = Vec::new();
                    batch.record_into(row, &mut record).map_err(fail)?;
                    records.push(record);
                }
            }
        }
        Ok(records)
    }
}
