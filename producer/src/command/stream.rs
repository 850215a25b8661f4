//! The arguments of `fidelog consume` that are about streams.

use std::{
    ffi::OsString,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::DateTime;
use clap::Args;
use fidelog_codec::framing;
use fidelog_table::{Counts, Start};

use super::{
    consume::misfit,
    is_json_log, json, lossy, note,
    place::{To, shared_schema},
    print,
    table::thousands,
};
use crate::{
    error::{Error, Result},
    follow::{FLUSH_BYTES, FLUSH_RECORDS, Flushed, Job, follow},
    meter::Meter,
    serve::serve,
};

const SECONDS: u64 = 60;
const LEASE_SECONDS: u64 = 20;

/// How a stream is followed.
#[derive(Args)]
#[command(next_help_heading = "Streams")]
pub(super) struct Streams {
    /// Where to start with shards of which nothing is stored: trim-horizon (the default), latest, or a time such as
    /// 2026-01-31T12:00:00Z
    #[arg(long, value_name = "WHERE", value_parser = start)]
    start: Option<Start>,
    /// End once everything is stored that was there
    #[arg(long)]
    once: bool,
    /// Go on where the stream may have dropped records that were never read
    #[arg(long)]
    accept_gap: bool,
    /// Bring what came to the store after so many records (500,000)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    flush_records: Option<u64>,
    /// … or so many bytes of records (67,108,864: 64 MiB)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1 << 20..=4 << 30))]
    flush_bytes: Option<u64>,
    /// … or so many seconds after the first of them came (60)
    #[arg(long, value_name = "S", value_parser = flush_age)]
    flush_age: Option<u64>,
    /// Workers share the shards; one of which nothing is heard for so many seconds has lost its own (20)
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(2..=600))]
    lease_age: Option<u64>,
    /// Serve /metrics (for Prometheus) and /healthz at this address, 0.0.0.0:9090, say
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Print each flush's metrics as a line for CloudWatch (its embedded metric format)
    #[arg(long)]
    emf: bool,
}

impl Streams {
    /// Whether anything was asked for that a file does not have.
    pub(super) fn is_used(&self) -> bool {
        self.once
            || self.accept_gap
            || self.emf
            || self.metrics.is_some()
            || self.start.is_some()
            || [self.flush_records, self.flush_bytes, self.flush_age, self.lease_age]
                .iter()
                .any(Option::is_some)
    }

    /// Follows a stream into a store.
    pub(super) fn run(
        self,
        stream: String,
        to: &To,
        schema: Option<OsString>,
        format: framing::Format,
        as_json: bool,
    ) -> Result<()> {
        let job = Job {
            stream: stream.clone(),
            to: to.place()?,
            schema: shared_schema(schema)?,
            format,
            start: self.start.unwrap_or_default(),
            once: self.once,
            accept_gap: self.accept_gap,
            flush_records: self.flush_records.unwrap_or(FLUSH_RECORDS) as usize,
            flush_bytes: self.flush_bytes.unwrap_or(FLUSH_BYTES) as usize,
            flush_age: Duration::from_secs(self.flush_age.unwrap_or(SECONDS)),
            lease: Duration::from_secs(self.lease_age.unwrap_or(LEASE_SECONDS)),
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let store = to.name();
        let meter = Arc::new(Meter::default());
        let counts = runtime.block_on(async {
            lossy::announce_at(&job.to, job.schema.as_deref()).await;
            if let Some(address) = self.metrics {
                let address = serve(address, Arc::clone(&meter)).await?;
                note(&format!("metrics are served at http://{address}/metrics"));
            }
            follow(job, Arc::clone(&meter), |flushed| {
                say(flushed);
                if self.emf {
                    // Nobody takes them: that is no reason not to store records.
                    let _ = print(&meter.embedded(&stream, &flushed.flush));
                }
                if let Some(tried) = flushed.misfit {
                    note(&misfit(tried, &store, &stream));
                }
            })
            .await
        });
        let counts = counts?;
        if as_json { print(&json(&counts)) } else { print(&format!("{stream}: {}", sentence(&counts))) }
    }
}

fn sentence(counts: &Counts) -> String {
    let Counts { received, stored, known, dead } = *counts;
    format!(
        "{} records received, {} stored, {} trimmed as already seen, {} dead letters",
        thousands(received),
        thousands(stored),
        thousands(known),
        thousands(dead)
    )
}

fn say(flushed: &Flushed) {
    let Flushed { flush, shards, .. } = flushed;
    if is_json_log() {
        let Counts { received, stored, known, dead } = flush.counts;
        let (conflicts, bytes, ms) = (flush.conflicts, flush.bytes, flush.took.as_millis() as u64);
        tracing::info!(received, stored, known, dead, shards, bytes, conflicts, ms, "flushed");
    } else {
        let took = flush.took.as_secs_f64();
        note(&format!("{} from {shards} shards, in {took:.1} s", sentence(&flush.counts)));
    }
}

/// `60` or `60s`.
fn flush_age(text: &str) -> Result<u64, String> {
    match text.strip_suffix('s').unwrap_or(text).parse() {
        Ok(seconds @ 1..=86_400) => Ok(seconds),
        _ => Err("1 to 86400 seconds expected, such as 60 or 60s".into()),
    }
}

fn start(text: &str) -> Result<Start, String> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    match text {
        "trim-horizon" => Ok(Start::TrimHorizon),
        "latest" => Ok(Start::At(now())),
        time => match DateTime::parse_from_rfc3339(time) {
            Ok(time) => Ok(Start::At(time.timestamp_millis())),
            Err(_) => Err("trim-horizon, latest or a time such as 2026-01-31T12:00:00Z expected".into()),
        },
    }
}
