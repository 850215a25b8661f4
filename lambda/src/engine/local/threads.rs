//! Threads for queries alone: they compute for long stretches, and requests must be answered meanwhile.

use std::io;

use tokio::{
    runtime::{Builder, Runtime},
    task::AbortHandle,
};

#[derive(Debug)]
pub(super) struct Threads(Option<Runtime>);

impl Threads {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Threads(Some(Builder::new_multi_thread().enable_all().thread_name("query").build()?)))
    }

    /// Runs a task; the handle stops it.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Option<AbortHandle> {
        self.0.as_ref().map(|runtime| runtime.spawn(task).abort_handle())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Waiting for the threads to end, as a runtime does by itself, is forbidden where futures run.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
