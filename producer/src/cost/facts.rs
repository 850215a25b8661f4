//! What was measured on runs of this code (`scripts/bench-cost.sh`): bytes, requests, processor time.

use serde::{Deserialize, Serialize};

const FACTS: &str = include_str!("facts.json");

/// The measurements.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The day of the run.
    pub measured: String,
    /// The command that measured.
    pub command: String,
    /// The program.
    pub version: String,
    /// The logs.
    pub on: String,
    /// Files of growing numbers of records.
    pub files: Vec<File>,
    /// Kinesis records of growing numbers of records.
    pub blocks: Vec<Block>,
    /// One flush of a worker.
    pub commit: Commit,
    /// One query through the API.
    pub api: Api,
}

/// Files of so many records.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it; tests/bench/python/cost.py how")]
pub struct File {
    pub records_per_file: f64,
    pub files: f64,
    pub json_bytes_per_record: f64,
    pub gzip_bytes_per_record: f64,
    pub parquet_bytes_per_record: f64,
    pub fidelog_bytes_per_record: f64,
    /// Of the whole, what a query for one user reads: the ids, and the row groups where the user is.
    pub parquet_user_share: f64,
    /// The same of Fidelog's table.
    pub fidelog_user_share: f64,
    /// Files that a query for a span of time reads beyond those that are wholly in it.
    pub fidelog_files_beyond_span: f64,
    pub consume_cpu_seconds_per_million: f64,
}

/// Kinesis records that hold so many records.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Block {
    pub records_per_block: f64,
    pub block_bytes_per_record: f64,
    pub put_units_per_1000_records: f64,
}

/// What one commit asks of other services, and leaves beside its data.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Commit {
    pub commits: f64,
    pub s3_puts_per_commit: f64,
    pub s3_gets_per_commit: f64,
    pub glue_requests_per_commit: f64,
    /// Kept as long as the data.
    pub manifest_bytes_per_commit: f64,
    /// Kept until `fidelog maintain` expires the snapshot.
    pub snapshot_bytes_per_commit: f64,
}

/// What one query takes: it is sent, asked after, and its result read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Api {
    pub requests_per_query: f64,
    pub cpu_seconds_per_request: f64,
}

impl Facts {
    /// The measurements that come with the program.
    pub fn built_in() -> serde_json::Result<Self> {
        serde_json::from_str(FACTS)
    }

    /// A property of files of so many records, between the sizes that were measured.
    pub fn of_files(&self, records: f64, property: impl Fn(&File) -> f64) -> f64 {
        between(self.files.iter().map(|file| (file.records_per_file, property(file))), records)
    }

    /// The bytes of a block of so many records, for each of them.
    pub fn block_bytes(&self, records: f64) -> f64 {
        between(self.blocks.iter().map(|b| (b.records_per_block, b.block_bytes_per_record)), records)
    }
}

/// The value at `x` on the line through some points with growing x, whose scale is logarithmic; outside, that of the
/// nearest point.
fn between(points: impl Iterator<Item = (f64, f64)>, x: f64) -> f64 {
    let mut before: Option<(f64, f64)> = None;
    for (at, value) in points {
        if x <= at {
            return before
                .map_or(value, |(x0, y0)| y0 + (value - y0) * (x.ln() - x0.ln()) / (at.ln() - x0.ln()));
        }
        before = Some((at, value));
    }
    before.map_or(0.0, |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_there_and_make_sense() {
        let facts = Facts::built_in().unwrap();
        assert!(facts.command.starts_with("scripts/") && facts.measured.len() == 10);
        assert!(facts.files.len() >= 3 && facts.blocks.len() >= 3);
        assert!(facts.files.windows(2).all(|w| w[0].records_per_file < w[1].records_per_file));
        assert!(facts.blocks.windows(2).all(|w| w[0].records_per_block < w[1].records_per_block));
        for file in &facts.files {
            assert!(file.fidelog_user_share <= 1.0 && file.parquet_user_share <= 1.0);
            assert!(file.json_bytes_per_record > file.gzip_bytes_per_record);
        }
    }

    #[test]
    fn values_between_points_lie_between() {
        let points = || [(10.0, 100.0), (1000.0, 50.0)].into_iter();
        assert_eq!(between(points(), 1.0), 100.0);
        assert_eq!(between(points(), 10.0), 100.0);
        assert!((between(points(), 100.0) - 75.0).abs() < 1e-9);
        assert_eq!(between(points(), 1e9), 50.0);
        assert_eq!(between([].into_iter(), 5.0), 0.0);
    }
}
