//! What a worker counts while it follows a stream, and how it tells: Prometheus's text, CloudWatch's embedded metrics.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fidelog_table::Counts;
use serde_json::{Value, json};

/// Without a sign of life for so long something is wrong: an idle shard is read every second, a flush tries again for
/// less than this.
const SILENCE: Duration = Duration::from_secs(180);

/// A worker's counts.
#[derive(Debug, Default)]
pub struct Meter {
    stored: AtomicU64,
    known: AtomicU64,
    dead: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    flushes: AtomicU64,
    flush_ms: AtomicU64,
    conflicts: AtomicU64,
    retries: AtomicU64,
    behind_ms: AtomicU64,
    shards: AtomicU64,
    waiting_bytes: AtomicU64,
    /// When it last got an answer, in ms since 1970.
    alive: AtomicU64,
}

/// What one flush did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flush {
    /// What became of the records.
    pub counts: Counts,
    /// Bytes of the files that hold them.
    pub bytes: u64,
    /// How often another writer committed first.
    pub conflicts: u64,
    /// How long it took.
    pub took: Duration,
}

/// A metric: its name, whether it only grows, what it is.
struct Metric(&'static str, bool, &'static str, f64);

impl Meter {
    /// Something answered.
    pub fn lives(&self) {
        self.alive.store(now(), Relaxed);
    }

    /// Whether something answered lately.
    pub fn is_alive(&self) -> bool {
        let silent = now().saturating_sub(self.alive.load(Relaxed));
        u128::from(silent) < SILENCE.as_millis()
    }

    /// Kinesis records of so many bytes were got.
    pub fn got(&self, bytes: usize) {
        self.lives();
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }

    /// A call has to be made again.
    pub fn retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    /// How things stand: the shards of this worker, how far the latest of them is behind, what waits for a flush.
    pub fn stands(&self, shards: usize, behind: Duration, waiting: usize) {
        self.shards.store(shards as u64, Relaxed);
        self.behind_ms.store(u64::try_from(behind.as_millis()).unwrap_or(u64::MAX), Relaxed);
        self.waiting_bytes.store(waiting as u64, Relaxed);
    }

    /// A flush is done.
    pub fn flushed(&self, flush: &Flush) {
        self.lives();
        let Flush { counts, bytes, conflicts, took } = *flush;
        self.stored.fetch_add(counts.stored, Relaxed);
        self.known.fetch_add(counts.known, Relaxed);
        self.dead.fetch_add(counts.dead, Relaxed);
        self.bytes_out.fetch_add(bytes, Relaxed);
        self.conflicts.fetch_add(conflicts, Relaxed);
        self.flushes.fetch_add(1, Relaxed);
        self.flush_ms.fetch_add(u64::try_from(took.as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// All counts in Prometheus's text format.
    pub fn prometheus(&self) -> String {
        let count = |value: &AtomicU64| value.load(Relaxed) as f64;
        let seconds = |value: &AtomicU64| value.load(Relaxed) as f64 / 1000.0;
        let metrics = [
            Metric("fidelog_records_stored_total", true, "Records stored.", count(&self.stored)),
            Metric("fidelog_records_known_total", true, "Records the table had already.", count(&self.known)),
            Metric("fidelog_dead_letters_total", true, "Dead letters.", count(&self.dead)),
            Metric(
                "fidelog_received_bytes_total",
                true,
                "Bytes of Kinesis records got.",
                count(&self.bytes_in),
            ),
            Metric(
                "fidelog_file_bytes_total",
                true,
                "Bytes of data files committed.",
                count(&self.bytes_out),
            ),
            Metric("fidelog_flushes_total", true, "Commits to the table.", count(&self.flushes)),
            Metric("fidelog_flush_seconds_total", true, "Time that they took.", seconds(&self.flush_ms)),
            Metric("fidelog_commit_conflicts_total", true, "Commits tried again.", count(&self.conflicts)),
            Metric("fidelog_retries_total", true, "Calls of Kinesis made again.", count(&self.retries)),
            Metric(
                "fidelog_behind_seconds",
                false,
                "How far the latest shard is behind.",
                seconds(&self.behind_ms),
            ),
            Metric("fidelog_shards", false, "Shards that this worker reads.", count(&self.shards)),
            Metric(
                "fidelog_waiting_bytes",
                false,
                "Bytes of records not stored yet.",
                count(&self.waiting_bytes),
            ),
        ];
        let mut text = String::new();
        for Metric(name, grows, help, value) in metrics {
            let kind = if grows { "counter" } else { "gauge" };
            // A string takes all.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
        text
    }

    /// A flush as a line of CloudWatch's embedded metric format.
    pub fn embedded(&self, stream: &str, flush: &Flush) -> String {
        let Flush { counts, bytes, conflicts, took } = *flush;
        let values = [
            ("RecordsReceived", "Count", counts.received),
            ("RecordsStored", "Count", counts.stored),
            ("RecordsKnown", "Count", counts.known),
            ("DeadLetters", "Count", counts.dead),
            ("FileBytes", "Bytes", bytes),
            ("CommitConflicts", "Count", conflicts),
            ("FlushTime", "Milliseconds", u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            ("BehindLatest", "Milliseconds", self.behind_ms.load(Relaxed)),
        ];
        let metrics: Vec<Value> =
            values.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": now(),
                "CloudWatchMetrics": [{"Namespace": "Fidelog", "Dimensions": [["Stream"]], "Metrics": metrics}],
            },
            "Stream": stream,
        });
        if let Some(members) = line.as_object_mut() {
            members.extend(values.into_iter().map(|(name, _, value)| (name.to_owned(), value.into())));
        }
        line.to_string()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_are_told() {
        let meter = Meter::default();
        assert!(!meter.is_alive());
        let counts = Counts { received: 6, stored: 3, known: 2, dead: 1 };
        let flush = Flush { counts, bytes: 100, conflicts: 1, took: Duration::from_millis(1500) };
        meter.flushed(&flush);
        meter.flushed(&flush);
        meter.got(10);
        meter.stands(2, Duration::from_millis(2500), 7);
        assert!(meter.is_alive());
        let text = meter.prometheus();
        for line in [
            "fidelog_records_stored_total 6",
            "fidelog_dead_letters_total 2",
            "fidelog_flush_seconds_total 3",
            "fidelog_behind_seconds 2.5",
            "fidelog_received_bytes_total 10",
            "# TYPE fidelog_shards gauge",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
        let line: Value = serde_json::from_str(&meter.embedded("s", &flush)).unwrap();
        assert_eq!(
            (&line["Stream"], &line["RecordsStored"], &line["FlushTime"]),
            (&json!("s"), &json!(3), &json!(1500))
        );
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().len(), 8);
    }
}
