//! Temporary files that go when the process is told to stop.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::{Mutex, Once, PoisonError},
    thread,
};

use tokio::{
    runtime::{self, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that is being written; until this is dropped, an interrupt or a termination removes it.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    pub(super) fn new(file: &Path) -> Self {
        static WATCHED: Once = Once::new();
        // Without a watch the output is as right as with it; only an interrupt may leave something behind.
        WATCHED.call_once(|| drop(watch()));
        FILES.lock().unwrap_or_else(PoisonError::into_inner).push(file.to_owned());
        Unfinished(file.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        FILES.lock().unwrap_or_else(PoisonError::into_inner).retain(|file| *file != self.0);
    }
}

fn watch() -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let (interrupt, terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    thread::Builder::new().spawn(move || wait(&runtime, interrupt, terminate))?;
    Ok(())
}

fn wait(runtime: &Runtime, mut interrupt: Signal, mut terminate: Signal) {
    let signal = runtime.block_on(async {
        tokio::select! {
            _ = interrupt.recv() => SignalKind::interrupt(),
            _ = terminate.recv() => SignalKind::terminate(),
        }
    });
    // Held to the end, so that no other file comes after these.
    let files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    for file in files.iter() {
        // It may have got its own name just now.
        let _ = fs::remove_file(file);
    }
    // What a shell says of a process that the signal ended.
    process::exit(128 + signal.as_raw_value());
}
