//! The queries that run, and the rows of those that have run.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::AbortHandle};

use super::{Limits, scan::Meter, session::Rows};
use crate::engine::{EngineError, Result, State, Status};

/// How a query ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Rows(Arc<Rows>),
    Failed(EngineError),
    Cancelled,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    begun: Option<Instant>,
    ended: Option<(Instant, Outcome)>,
}

/// One query.
#[derive(Debug)]
pub(super) struct Query {
    progress: watch::Sender<Progress>,
    used: Mutex<Instant>,
    task: OnceLock<AbortHandle>,
    meter: Meter,
}

impl Query {
    fn new() -> Self {
        Query {
            progress: watch::Sender::new(Progress::default()),
            used: Mutex::new(Instant::now()),
            task: OnceLock::new(),
            meter: Meter::default(),
        }
    }

    pub(super) const fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn abort_with(&self, task: AbortHandle) {
        // It may have been cancelled before its task was known.
        if self.has_ended() {
            task.abort();
        }
        let _ = self.task.set(task);
    }

    pub(super) fn begin(&self) {
        self.progress.send_modify(|progress| progress.begun = Some(Instant::now()));
    }

    /// The first outcome counts.
    pub(super) fn end(&self, outcome: Outcome) {
        *lock(&self.used) = Instant::now();
        self.progress.send_if_modified(|progress| {
            let is_first = progress.ended.is_none();
            if is_first {
                progress.ended = Some((Instant::now(), outcome));
            }
            is_first
        });
    }

    pub(super) fn cancel(&self) {
        self.end(Outcome::Cancelled);
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    fn has_ended(&self) -> bool {
        self.progress.borrow().ended.is_some()
    }

    pub(super) async fn wait(&self, at_most: Duration) {
        let mut progress = self.progress.subscribe();
        let ended = progress.wait_for(|progress| progress.ended.is_some());
        // Whether it ended in time is read from its state.
        let _ = tokio::time::timeout(at_most, ended).await;
    }

    pub(super) fn status(&self) -> Status {
        let progress = self.progress.borrow().clone();
        let (state, error, rows) = match &progress.ended {
            None if progress.begun.is_none() => (State::Queued, None, None),
            None => (State::Running, None, None),
            Some((_, Outcome::Rows(rows))) => (State::Succeeded, None, Some(rows.len() as u64)),
            Some((_, Outcome::Failed(error))) => (State::Failed, Some(error.clone()), None),
            Some((_, Outcome::Cancelled)) => (State::Cancelled, Some(EngineError::Cancelled), None),
        };
        let end = progress.ended.map_or_else(Instant::now, |(end, _)| end);
        let spent = progress.begun.map_or(Duration::ZERO, |begun| end.saturating_duration_since(begun));
        let bytes_scanned = Some(self.meter.bytes());
        Status { state, error, engine_ms: spent.as_millis() as u64, bytes_scanned, rows }
    }

    pub(super) fn rows(&self) -> Result<Arc<Rows>> {
        match &self.progress.borrow().ended {
            None => Err(EngineError::NotFinished),
            Some((_, Outcome::Rows(rows))) => Ok(Arc::clone(rows)),
            Some((_, Outcome::Failed(error))) => Err(error.clone()),
            Some((_, Outcome::Cancelled)) => Err(EngineError::Cancelled),
        }
    }

    /// The bytes that its rows take; none while it runs.
    fn bytes(&self) -> Option<usize> {
        self.progress.borrow().ended.as_ref().map(|(_, outcome)| match outcome {
            Outcome::Rows(rows) => rows.bytes(),
            _ => 0,
        })
    }
}

/// All queries that are known.
#[derive(Debug)]
pub(super) struct Queries {
    limits: Limits,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    queries: HashMap<String, Arc<Query>>,
    /// Ids by what the callers wanted done once.
    intentions: HashMap<String, String>,
}

impl Queries {
    pub(super) fn new(limits: Limits) -> Self {
        Queries { limits, known: Mutex::default() }
    }

    /// A new query with its id; or, for a known intention, the one that it named before.
    pub(super) fn add(&self, intention: Option<String>) -> Result<(Arc<Query>, String, bool)> {
        self.shed();
        let mut known = lock(&self.known);
        if let Some(id) = intention.as_ref().and_then(|intention| known.intentions.get(intention))
            && let Some(query) = known.queries.get(id)
        {
            return Ok((Arc::clone(query), id.clone(), false));
        }
        let unfinished = known.queries.values().filter(|query| !query.has_ended()).count();
        if unfinished >= self.limits.running + self.limits.waiting {
            return Err(EngineError::Throttled);
        }
        let id = format!("{:032x}", rand::random::<u128>());
        let query = Arc::new(Query::new());
        known.queries.insert(id.clone(), Arc::clone(&query));
        if let Some(intention) = intention {
            known.intentions.insert(intention, id.clone());
        }
        Ok((query, id, true))
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Query>> {
        let query = lock(&self.known).queries.get(id).cloned()?;
        *lock(&query.used) = Instant::now();
        Some(query)
    }

    /// Forgets the rows that were not asked for longest, to make room; `false` if none are kept.
    pub(super) fn forget_oldest(&self) -> bool {
        let mut known = lock(&self.known);
        let kept = known.queries.iter().filter(|(_, query)| query.bytes().is_some_and(|bytes| bytes > 0));
        let oldest = kept.min_by_key(|(_, query)| *lock(&query.used)).map(|(id, _)| id.clone());
        oldest.is_some_and(|id| known.queries.remove(&id).is_some())
    }

    /// Forgets ended queries that nobody asked for in a while, and the longest unused beyond the memory limit.
    pub(super) fn shed(&self) {
        let mut known = lock(&self.known);
        let now = Instant::now();
        let ended = known
            .queries
            .iter()
            .filter_map(|(id, query)| Some((*lock(&query.used), id.clone(), query.bytes()?)));
        let mut ended: Vec<(Instant, String, usize)> = ended.collect();
        ended.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
        let mut bytes = 0usize;
        for (i, (used, id, size)) in ended.into_iter().enumerate() {
            bytes += size;
            // The last one used stays: somebody is about to read it.
            let is_over = i > 0 && bytes > self.limits.results;
            if is_over || now.saturating_duration_since(used) > self.limits.keep {
                known.queries.remove(&id);
            }
        }
        let Known { queries, intentions } = &mut *known;
        intentions.retain(|_, id| queries.contains_key(id));
    }
}

/// No holder of these locks leaves anything half done, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
