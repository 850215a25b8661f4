//! An engine that has one result for every query, and ends queries when told to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use fidelog_codec::{
    Schema,
    batch::Batch,
    column::{Column, NULL},
};
use fidelog_lambda::engine::{Engine, EngineError, Page, Position, Result, Start, State, Status, Typed};

use crate::stored;

pub struct Fake {
    pub schemas: Vec<Arc<Schema>>,
    pub columns: Vec<Typed>,
    pub rows: usize,
    known: Mutex<HashMap<String, Ended>>,
    pub outcome: Ended,
}

/// How queries are; `None` is still running.
pub type Ended = Option<std::result::Result<(), EngineError>>;

impl Fake {
    /// Gives these records for every query; each is written under the schema version beside it.
    pub fn of_records(schemas: &[Schema], records: &[(u32, &[u8])]) -> Self {
        let newest = Arc::new(schemas.last().unwrap().clone());
        let mut columns: Vec<Typed> = Vec::new();
        for (version, record) in records {
            let schema = schemas.iter().find(|schema| schema.version() == *version).unwrap();
            let batch = Batch::split(&Arc::new(schema.clone()), [*record]);
            append(&mut columns, &batch, &newest, *version);
        }
        let schemas = schemas.iter().cloned().map(Arc::new).collect();
        Fake { schemas, columns, rows: records.len(), known: Mutex::default(), outcome: Some(Ok(())) }
    }
}

/// Appends a batch of one record as the table stores it.
fn append(columns: &mut Vec<Typed>, batch: &Batch, newest: &Schema, version: u32) {
    let row = stored::columns(batch, newest, version);
    if columns.is_empty() {
        return *columns = row;
    }
    for (all, one) in columns.iter_mut().zip(row) {
        join(&mut all.values, one.values);
    }
}

fn join(all: &mut Column, one: Column) {
    match (all, one) {
        (Column::Integers { values, valid }, Column::Integers { values: v, valid: f }) => {
            values.extend(v);
            valid.extend(f);
        }
        (Column::Numbers { values, valid }, Column::Numbers { values: v, valid: f }) => {
            values.extend(v);
            valid.extend(f);
        }
        (Column::Timestamps { micros, valid, .. }, Column::Timestamps { micros: v, valid: f, .. }) => {
            micros.extend(v);
            valid.extend(f);
        }
        (Column::Strings { dictionary, ids }, Column::Strings { dictionary: d, ids: i }) => {
            let base = dictionary.len() as u32;
            d.iter().for_each(|s| dictionary.push(s));
            ids.extend(i.iter().map(|&id| if id == NULL { NULL } else { id + base }));
        }
        (all, one) => panic!("{all:?} and {one:?}"),
    }
}

#[async_trait]
impl Engine for Fake {
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>> {
        Ok(self.schemas.clone())
    }

    async fn start(&self, start: Start) -> Result<String> {
        let mut known = self.known.lock().unwrap();
        let id = start.intention.unwrap_or_else(|| format!("query-{}", known.len()));
        known.entry(id.clone()).or_insert_with(|| self.outcome.clone());
        Ok(id)
    }

    async fn status(&self, id: &str) -> Result<Status> {
        let ended = self.known.lock().unwrap().get(id).cloned().ok_or(EngineError::NotFound)?;
        let (state, error) = match ended {
            None => (State::Running, None),
            Some(Ok(())) => (State::Succeeded, None),
            Some(Err(EngineError::Cancelled)) => (State::Cancelled, Some(EngineError::Cancelled)),
            Some(Err(error)) => (State::Failed, Some(error)),
        };
        Ok(Status { state, error, engine_ms: 7, bytes_scanned: Some(11), rows: Some(self.rows as u64) })
    }

    async fn page(&self, id: &str, at: &Position, limit: usize) -> Result<Page> {
        self.known
            .lock()
            .unwrap()
            .get(id)
            .cloned()
            .ok_or(EngineError::NotFound)?
            .ok_or(EngineError::NotFinished)??;
        let first = at.offset as usize;
        let end = (first + limit).min(self.rows);
        let rows: Vec<usize> = (first..end).collect();
        let columns = self.columns.iter().map(|c| Typed { kind: c.kind, values: c.values.gather(&rows) });
        let place = |row: usize| Position { mark: Arc::default(), offset: row as u64 };
        let next = (end < self.rows).then(|| place(end));
        let starts = (first..end).map(place).collect();
        Ok(Page { columns: columns.collect(), rows: end - first, starts, next })
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        let mut known = self.known.lock().unwrap();
        let ended = known.get_mut(id).ok_or(EngineError::NotFound)?;
        ended.get_or_insert(Err(EngineError::Cancelled));
        Ok(())
    }

    async fn wait(&self, id: &str, _: Duration) -> Result<Status> {
        self.status(id).await
    }
}
