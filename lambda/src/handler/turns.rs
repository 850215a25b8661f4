//! How many queries each caller has under way. It is counted here, so it is best effort where several processes answer.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::engine::{Engine, EngineError, Result};

/// The queries that callers started, as far as they are not known to have ended.
#[derive(Debug)]
pub(super) struct Turns {
    most: usize,
    started: Mutex<HashMap<String, Vec<String>>>,
}

impl Turns {
    pub(super) fn new(most: usize) -> Self {
        Turns { most, started: Mutex::default() }
    }

    fn started(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        // No holder leaves anything half done.
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller may start another; the engine is asked only when it looks as if not.
    pub(super) async fn ask(&self, engine: &dyn Engine, caller: &str) -> Result<()> {
        let ids = self.started().get(caller).cloned().unwrap_or_default();
        if ids.len() < self.most {
            return Ok(());
        }
        let mut ended = Vec::new();
        for id in ids {
            match engine.status(&id).await {
                Ok(status) if !status.state.is_final() => {}
                Ok(_) | Err(EngineError::NotFound) => ended.push(id),
                Err(error) => return Err(error),
            }
        }
        let mut started = self.started();
        let ids = started.entry(caller.to_owned()).or_default();
        ids.retain(|id| !ended.contains(id));
        if ids.len() < self.most { Ok(()) } else { Err(EngineError::Throttled) }
    }

    /// Counts a query.
    pub(super) fn note(&self, caller: &str, id: &str) {
        let mut started = self.started();
        let ids = started.entry(caller.to_owned()).or_default();
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
}
