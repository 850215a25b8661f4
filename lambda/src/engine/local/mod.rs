//! The local engine: DataFusion over the Iceberg table of a store.
//!
//! A query runs as a task; its rows stay in memory, bounded, until a while after they were last asked for.

mod convert;
mod failure;
mod functions;
mod meaning;
mod nested;
mod queries;
mod scan;
mod session;
mod source;
mod threads;
mod yielding;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use datafusion::execution::runtime_env::RuntimeEnv;
use fidelog_codec::Schema;
use fidelog_table::Store;
use futures::FutureExt;
use tokio::sync::Semaphore;

use self::{
    queries::{Outcome, Queries, Query},
    threads::Threads,
};
use crate::{
    engine::{Engine, EngineError, Page, Position, Result, Start, Status},
    sql::functions::{Support, lookup},
};

/// What the local engine may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Memory that all queries may take together, with the rows that are kept; sorts and groups go to disk beyond it.
    pub memory: usize,
    /// Memory that one query's rows may take.
    pub result: usize,
    /// Memory that the rows of all finished queries may take; the ones not asked for longest go first.
    pub results: usize,
    /// How long rows are kept after they were last asked for.
    pub keep: Duration,
    /// Queries that run at once.
    pub running: usize,
    /// Queries that wait for their turn.
    pub waiting: usize,
    /// How long a query may run.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 640 << 20,
            result: 256 << 20,
            results: 384 << 20,
            keep: Duration::from_secs(600),
            running: 4,
            waiting: 64,
            time: Duration::from_secs(300),
        }
    }
}

/// The local engine.
#[derive(Debug)]
pub struct LocalEngine {
    store: Store,
    runtime: Arc<RuntimeEnv>,
    limits: Limits,
    turns: Arc<Semaphore>,
    queries: Arc<Queries>,
    threads: Threads,
}

impl LocalEngine {
    /// An engine over a store.
    pub fn new(store: Store, limits: Limits) -> Result<Self> {
        let runtime = session::runtime(limits.memory).map_err(|e| EngineError::Internal(e.to_string()))?;
        let turns = Arc::new(Semaphore::new(limits.running));
        let threads = Threads::new().map_err(|e| EngineError::Internal(e.to_string()))?;
        Ok(LocalEngine { store, runtime, limits, turns, queries: Arc::new(Queries::new(limits)), threads })
    }

    fn query(&self, id: &str) -> Result<Arc<Query>> {
        self.queries.get(id).ok_or(EngineError::NotFound)
    }
}

#[async_trait]
impl Engine for LocalEngine {
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>> {
        let schemas = self.store.schemas().await.map_err(failure::of_store)?;
        Ok((1..=schemas.newest().version()).filter_map(|version| schemas.get(version).cloned()).collect())
    }

    async fn start(&self, start: Start) -> Result<String> {
        if let Some(name) =
            start.prepared.functions.iter().find(|name| lookup(name) != Some(Support::Guaranteed))
        {
            let why = format!("{name} runs on Athena only, not in the local engine");
            return Err(EngineError::Unsupported(why));
        }
        let (query, id, is_new) = self.queries.add(start.intention)?;
        if !is_new {
            return Ok(id);
        }
        let (store, runtime, limits) = (self.store.clone(), Arc::clone(&self.runtime), self.limits);
        let (turns, queries, running) =
            (Arc::clone(&self.turns), Arc::clone(&self.queries), Arc::clone(&query));
        let task = self.threads.spawn(async move {
            // The semaphore is never closed.
            let Ok(_turn) = turns.acquire().await else { return };
            running.begin();
            let run =
                session::run(&store, runtime, start.prepared.local_sql, limits.result, &running, &queries);
            // A fault in the engine ends its query, never the turn that it has.
            let run = AssertUnwindSafe(run).catch_unwind();
            let outcome = match tokio::time::timeout(limits.time, run).await {
                Ok(Ok(Ok(rows))) => Outcome::Rows(rows),
                Ok(Ok(Err(error))) => Outcome::Failed(error),
                Ok(Err(_)) => Outcome::Failed(failure::fault()),
                Err(_) => Outcome::Failed(EngineError::Timeout(limits.time)),
            };
            running.end(outcome);
            queries.shed();
        });
        if let Some(task) = task {
            query.abort_with(task);
        }
        Ok(id)
    }

    async fn status(&self, id: &str) -> Result<Status> {
        Ok(self.query(id)?.status())
    }

    async fn page(&self, id: &str, at: &Position, limit: usize) -> Result<Page> {
        let rows = self.query(id)?.rows()?;
        if !at.mark.is_empty() {
            return Err(EngineError::BadPosition);
        }
        let first = usize::try_from(at.offset).map_err(|_| EngineError::BadPosition)?;
        // Up to hundreds of megabytes are converted: not on the threads that answer requests.
        let page = tokio::task::spawn_blocking(move || rows.page(first, limit));
        page.await.map_err(|e| EngineError::Internal(e.to_string()))?
    }

    async fn cancel(&self, id: &str) -> Result<()> {
        self.query(id)?.cancel();
        Ok(())
    }

    async fn wait(&self, id: &str, at_most: Duration) -> Result<Status> {
        let query = self.query(id)?;
        query.wait(at_most).await;
        Ok(query.status())
    }
}
