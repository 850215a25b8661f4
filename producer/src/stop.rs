//! Being told to stop: the first signal ends the work in good order, the second one at once.

use std::{process, thread, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::error::{Error, Result};

/// Tells when the process was told to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<i32>>);

impl Stop {
    /// Listens for interrupt and termination from now on.
    pub fn listen() -> Result<Self> {
        let (told, stop) = watch::channel(None);
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Start)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::Start)?;
        tokio::spawn(async move {
            loop {
                let number = tokio::select! {
                    _ = interrupt.recv() => SignalKind::interrupt().as_raw_value(),
                    _ = terminate.recv() => SignalKind::terminate().as_raw_value(),
                };
                if told.send_replace(Some(number)).is_some() {
                    process::exit(128 + number);
                }
            }
        });
        Ok(Stop(stop))
    }

    /// Ends the process if it has not ended by itself after so long.
    pub fn end_within(bound: Duration, signal: i32) {
        // A thread, since what takes long may be the runtime's own.
        thread::spawn(move || {
            thread::sleep(bound);
            tracing::warn!("what was read last is not stored; it will be read again");
            process::exit(128 + signal);
        });
    }

    /// Waits for the signal; its number.
    pub async fn told(&mut self) -> i32 {
        match self.0.wait_for(Option::is_some).await.map(|number| *number) {
            Ok(Some(number)) => number,
            // Nobody listens any more, so nobody will tell.
            _ => std::future::pending().await,
        }
    }
}
