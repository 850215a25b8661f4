//! Quantities times prices.

use fidelog_table::Ages;
use serde::Serialize;

use super::{
    facts::{Facts, File},
    prices::{Price, Prices},
    workload::{DAYS, Workload},
};
use crate::{follow::FLUSH_BYTES, produce::PUT_UNIT};

/// How the logs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// Kinesis → Data Firehose → gzipped JSON lines on S3, a folder an hour.
    JsonGzip,
    /// Kinesis → Data Firehose with conversion → Parquet (snappy, texts) on S3, a folder an hour.
    FirehoseParquet,
    /// Kinesis → `fidelog consume` → the Iceberg table on S3, a query API in front.
    Fidelog,
}

impl System {
    /// All of them, in the order of the table.
    pub const ALL: [System; 3] = [System::JsonGzip, System::FirehoseParquet, System::Fidelog];

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            System::JsonGzip => "JSON + gzip",
            System::FirehoseParquet => "Firehose Parquet",
            System::Fidelog => "Fidelog",
        }
    }

    fn bytes(self, file: &File) -> f64 {
        match self {
            System::JsonGzip => file.gzip_bytes_per_record,
            System::FirehoseParquet => file.parquet_bytes_per_record,
            System::Fidelog => file.fidelog_bytes_per_record,
        }
    }

    fn user_share(self, file: &File) -> f64 {
        match self {
            System::JsonGzip => 1.0,
            System::FirehoseParquet => file.parquet_user_share,
            System::Fidelog => file.fidelog_user_share,
        }
    }

    /// Bytes of JSON in a file at most: Data Firehose's largest buffer, the default of `fidelog consume`.
    const fn flush_bytes(self) -> f64 {
        match self {
            System::JsonGzip | System::FirehoseParquet => 128e6,
            System::Fidelog => FLUSH_BYTES as f64,
        }
    }

    /// GET requests for each file that a query reads: assumed, not measured. A Parquet file's end is read, then what
    /// is needed of it.
    const fn gets(self) -> f64 {
        match self {
            System::JsonGzip => 1.0,
            System::FirehoseParquet | System::Fidelog => 2.0,
        }
    }
}

/// One part of a bill.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What is paid for.
    pub part: &'static str,
    /// How much of it in a month.
    pub quantity: f64,
    /// Its unit.
    pub unit: String,
    /// US dollars.
    pub usd: f64,
}

/// Bytes that one query of each kind reads.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reads {
    /// Of all that is kept.
    pub whole: f64,
    /// Of one hour.
    pub hour: f64,
    /// Of all that is kept, for one user.
    pub user: f64,
}

/// A month of one system.
#[derive(Clone, Debug, Serialize)]
pub struct Bill {
    /// The system.
    pub system: System,
    /// Bytes on S3 for one record, without metadata.
    pub stored_bytes_per_record: f64,
    /// Bytes that one query reads.
    pub reads: Reads,
    /// The parts; the same ones in the same order for every system.
    pub lines: Vec<Line>,
    /// Their sum.
    pub usd: f64,
}

const HOURS: f64 = DAYS * 24.0;
const GB: f64 = (1u64 << 30) as f64;
const TB: f64 = (1u64 << 40) as f64;

/// What one shard takes in a second.
/// <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
const SHARD_BYTES: f64 = (1u64 << 20) as f64;
const SHARD_RECORDS: f64 = 1000.0;

/// Data Firehose bills each record as a multiple of this. <https://aws.amazon.com/firehose/pricing/>
const FIREHOSE_STEP: f64 = 5.0 * 1024.0;

/// What a plain sender puts into one Kinesis record at most, as `fidelog produce` does.
const BLOCK: f64 = 100_000.0;

/// The least that a query is billed as. <https://aws.amazon.com/athena/pricing/>
const LEAST_SCAN: f64 = (10u64 << 20) as f64;

/// The memory at which a Lambda function has one processor to itself.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const ONE_PROCESSOR_GB: f64 = 1769.0 / 1024.0;

/// The query function's memory in `lambda/template.yaml`.
const QUERY_GB: f64 = 1.0;

/// What a month costs with a system.
pub fn bill(system: System, workload: &Workload, facts: &Facts, prices: &Prices) -> Bill {
    let (w, price) = (workload, &prices.prices);
    let is_ours = system == System::Fidelog;
    let only_if = |applies: bool, quantity: f64| if applies { quantity } else { 0.0 };
    let per_file = w.records_per_file(system.flush_bytes());
    let of_files = |property: &dyn Fn(&File) -> f64| facts.of_files(per_file, property);
    // Longer records of the same kind: all sizes grow with them.
    let scale = w.bytes / of_files(&|file| file.json_bytes_per_record);
    let stored = only_if(is_ours, w.stored_bytes.unwrap_or(0.0));
    let stored = if stored > 0.0 { stored } else { of_files(&|file| system.bytes(file)) * scale };

    // On the way.
    let entry = Entry::of(system, w, facts, scale);
    let entries = w.records_per_day / entry.records;
    let a_second = w.peak / (24.0 * 3600.0);
    let by_bytes = entries * entry.bytes * a_second / SHARD_BYTES;
    let shards = by_bytes.max(entries * a_second / SHARD_RECORDS).ceil().max(1.0);
    let put_units = entries * (entry.bytes / PUT_UNIT as f64).ceil().max(1.0);
    let through_firehose = entries * (entry.bytes / FIREHOSE_STEP).ceil() * FIREHOSE_STEP * DAYS / GB;

    // At rest.
    let files_per_day = w.records_per_day / per_file;
    let snapshot_days = Ages::default().snapshots.as_secs_f64() / 86_400.0;
    let metadata = facts.commit.manifest_bytes_per_commit * w.days_kept
        + facts.commit.snapshot_bytes_per_commit * w.days_kept.min(snapshot_days);
    let data = w.records_per_day * w.days_kept * stored;
    let kept = data + only_if(is_ours, files_per_day * metadata);
    let puts = files_per_day * if is_ours { facts.commit.s3_puts_per_commit } else { 1.0 };

    // When asked.
    let file_bytes = per_file * stored;
    let beyond = only_if(is_ours, of_files(&|file| file.fidelog_files_beyond_span));
    let reads = Reads {
        whole: data,
        hour: (w.records_per_day / 24.0 * stored + beyond * file_bytes).min(data),
        user: data * of_files(&|file| system.user_share(file)),
    };
    let scans = |bytes: f64| bytes.max(LEAST_SCAN);
    let scanned = w.whole * scans(reads.whole) + w.hour * scans(reads.hour) + w.user * scans(reads.user);
    let files = files_per_day * w.days_kept;
    let opened = (w.whole + w.user) * files + w.hour * (reads.hour / file_bytes).ceil();
    let gets = opened * system.gets() + only_if(is_ours, files_per_day * facts.commit.s3_gets_per_commit);
    let requests = only_if(is_ours, (w.whole + w.hour + w.user) * facts.api.requests_per_query);
    let ingest_seconds =
        w.records_per_day / 1e6 * of_files(&|file| file.consume_cpu_seconds_per_million) * scale;
    let lambda = ingest_seconds * ONE_PROCESSOR_GB + requests * facts.api.cpu_seconds_per_request * QUERY_GB;

    let lines = vec![
        line("Kinesis shards", shards * HOURS, &price.kinesis_shard_hour),
        line("Kinesis PUT units", put_units * DAYS, &price.kinesis_put_unit),
        line("Firehose ingestion", only_if(!is_ours, through_firehose), &price.firehose_gb),
        line(
            "Firehose conversion",
            only_if(system == System::FirehoseParquet, through_firehose),
            &price.firehose_conversion_gb,
        ),
        line("Lambda time", only_if(is_ours, lambda * DAYS), &price.lambda_gb_second),
        line("Lambda requests", only_if(is_ours, (files_per_day + requests) * DAYS), &price.lambda_request),
        line(
            "Glue requests",
            only_if(is_ours, files_per_day * facts.commit.glue_requests_per_commit * DAYS),
            &price.glue_request,
        ),
        line("S3 storage", kept / GB, &price.s3_gb_month),
        line("S3 PUT requests", puts * DAYS, &price.s3_put),
        line("S3 GET requests", gets * DAYS, &price.s3_get),
        line("Athena scans", scanned * DAYS / TB, &price.athena_tb),
        line("API requests", requests * DAYS, &price.api_request),
    ];
    let usd = lines.iter().map(|line| line.usd).sum();
    Bill { system, stored_bytes_per_record: stored, reads, lines, usd }
}

/// What travels as one Kinesis record.
struct Entry {
    records: f64,
    bytes: f64,
}

impl Entry {
    fn of(system: System, w: &Workload, facts: &Facts, scale: f64) -> Self {
        if system != System::Fidelog {
            // A plain sender at its best: lines, many in one record.
            let records = w.records_per_block(BLOCK / w.bytes);
            return Entry { records, bytes: records * w.bytes };
        }
        let full = facts.blocks.last().map_or(1.0, |block| block.records_per_block);
        let records = w.records_per_block(full / scale);
        Entry { records, bytes: records * facts.block_bytes(records) * scale }
    }
}

fn line(part: &'static str, quantity: f64, price: &Price) -> Line {
    Line { part, quantity, unit: price.unit.clone(), usd: quantity * price.usd }
}

#[cfg(test)]
mod tests;
