//! Pauses between attempts: longer each time, and different for each caller.

use std::time::{Duration, Instant};

use crate::{
    error::{Error, Result},
    kinesis::{Failure, Stream},
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// How long attempts that achieve nothing go on.
const PATIENCE: Duration = Duration::from_secs(300);

/// The same at the start, when somebody watches.
const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// Attempts in a row that achieved nothing.
#[derive(Debug)]
pub struct Backoff {
    attempts: u32,
    until: Instant,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { attempts: 0, until: Instant::now() + PATIENCE }
    }
}

impl Backoff {
    /// Waits before the next attempt; `false` once it is no use.
    pub async fn wait(&mut self) -> bool {
        if Instant::now() > self.until {
            return false;
        }
        // Half of it by chance, so that those who failed together do not come again together.
        tokio::time::sleep(ceiling(self.attempts).mul_f64(rand::random_range(0.5..1.0))).await;
        self.attempts += 1;
        true
    }
}

/// Finds a stream.
pub async fn open(stream: &str) -> Result<Stream> {
    let backoff = Backoff { until: Instant::now() + FIRST_PATIENCE, ..Backoff::default() };
    repeat(stream, backoff, async || Stream::open(stream).await).await
}

/// Calls until it is done; a refusal, or minutes without success, is an error.
pub async fn persist<T>(stream: &str, call: impl AsyncFn() -> Result<T, Failure>) -> Result<T> {
    repeat(stream, Backoff::default(), call).await
}

async fn repeat<T>(
    stream: &str,
    mut backoff: Backoff,
    call: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T> {
    loop {
        match call().await {
            Ok(done) => return Ok(done),
            Err(failure) => {
                if matches!(failure, Failure::Refused(_)) || !backoff.wait().await {
                    return Err(Error::kinesis(stream, failure));
                }
            }
        }
    }
}

fn ceiling(attempts: u32) -> Duration {
    FIRST.saturating_mul(1 << attempts.min(16)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound() {
        let pauses: Vec<u128> = (0..8).chain([u32::MAX]).map(|n| ceiling(n).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    }
}
