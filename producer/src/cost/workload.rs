//! How many logs there are, how they are handled, and what is asked of them.

use serde::Serialize;

use crate::follow::FLUSH_RECORDS;

/// Days in a month, on average.
pub const DAYS: f64 = 365.25 / 12.0;

/// A day's logs and queries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Workload {
    /// Records sent in a day.
    pub records_per_day: f64,
    /// Bytes of JSON in one of them, on average.
    pub bytes: f64,
    /// Bytes of the table's files for one of them, if measured on these logs.
    pub stored_bytes: Option<f64>,
    /// Days for which records are kept; costs are those of a month after as many days.
    pub days_kept: f64,
    /// Processes that send.
    pub producers: f64,
    /// The busiest second, as a multiple of the average one. The stream's shards are enough for it.
    pub peak: f64,
    /// Minutes after which a file is written.
    pub flush_minutes: f64,
    /// Queries a day that read all that is kept.
    pub whole: f64,
    /// Queries a day that read one hour.
    pub hour: f64,
    /// Queries a day that look for one user in all that is kept.
    pub user: f64,
}

impl Workload {
    /// Records in a file: what comes between two flushes, at most what so many bytes of JSON hold.
    pub fn records_per_file(&self, flush_bytes: f64) -> f64 {
        let most = (flush_bytes / self.bytes).min(FLUSH_RECORDS as f64);
        (self.records_per_day * self.flush_minutes / (24.0 * 60.0)).clamp(1.0, most.max(1.0))
    }

    /// Records that one producer sends in one Kinesis record, if it waits a second for them and so many fit.
    pub fn records_per_block(&self, fit: f64) -> f64 {
        let in_a_second = self.records_per_day / (24.0 * 3600.0) / self.producers;
        in_a_second.min(fit).max(1.0)
    }
}
