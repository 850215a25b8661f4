//! `fidelog consume`: records into a store.

use std::ffi::OsString;

use clap::Args;

use super::{
    format::Format,
    json, lossy, note,
    place::{To, read_schema, source_name, stream},
    print, progress,
    stream::Streams,
    table::thousands,
};
use crate::{
    consume::{Job, SchemaOrigin, Summary, consume},
    error::{Error, Result},
    input::{Bounds, Input},
};

/// Put records into a store: an Iceberg table in a directory or on S3, for SQL
#[derive(Args)]
#[command(after_help = "\
Array elements or lines become records. The schema is the one given, else the store's own, else one inferred \
from the first 10,000 records and kept in the store. Lines are streamed; a JSON array is read whole, up to 2 GiB. \
What is compressed with gzip is decompressed. A schema that leaves something out (keep, strip) is applied before \
records are stored.

Every run appends. With --source a record is known by that name and its position in the input, so the same \
command can be run again, after a crash or when the file has grown, and stores only what is new.

A stream is followed until a signal comes (or --once): all shards, each record stored once, whatever crashes. The \
store knows how far each shard is stored, so the same command goes on where it was. What cannot be decoded is kept in \
the store's folder dead-letter.

Examples:
  fidelog consume --from app.jsonl --to store
  fidelog consume --from app.jsonl --to store --source app.jsonl
  fidelog consume --from kinesis:logs --to s3://my-logs/app --database logs --table app
  fidelog consume --from s3://old-logs/app.jsonl.gz --to store --source app-2026-01 --json")]
pub(super) struct Consume {
    /// A file of records, - for standard input, s3://BUCKET/KEY, or kinesis:STREAM
    #[arg(long, value_name = "FILE")]
    from: OsString,
    #[command(flatten)]
    to: To,
    /// The schema's file, as `fidelog infer` writes it
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<OsString>,
    /// A name for this input, under which no record is stored twice
    #[arg(long, value_name = "NAME", value_parser = source_name)]
    source: Option<String>,
    /// How the input holds its records
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Most records of a file in one commit
    #[arg(long, value_name = "N", default_value_t = Bounds::default().records as u64,
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    batch_records: u64,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    streams: Streams,
}

impl Consume {
    pub(super) fn run(self) -> Result<()> {
        if let Some(name) = stream(&self.from) {
            if self.source.is_some() {
                let detail = "--source names a file's records; a stream's are known by their shard".into();
                return Err(Error::Arguments { detail });
            }
            return self.streams.run(name, &self.to, self.schema, self.format.into(), self.json);
        }
        if self.streams.is_used() {
            let detail =
                "--start, --once, --accept-gap, --flush-…, --lease-age, --metrics and --emf are for --from kinesis:STREAM"
                    .into();
            return Err(Error::Arguments { detail });
        }
        let from = Input::from(self.from);
        let job = Job {
            format: self.format.into(),
            to: self.to.place()?,
            schema: self.schema.map(read_schema).transpose()?,
            source: self.source,
            bounds: Bounds { records: self.batch_records as usize, ..Bounds::default() },
            from,
        };
        let input = job.from.name();
        let bar = progress::bytes(job.from.size());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let done = runtime.block_on(async {
            lossy::announce_at(&job.to, job.schema.as_ref().map(|(schema, _)| schema)).await;
            consume(job, |bytes, records| {
                bar.set_position(bytes);
                bar.set_message(format!("{} records", thousands(records)));
            })
            .await
        });
        bar.finish_and_clear();
        let summary = done?;
        let store = self.to.name();
        if let Some(tried) = summary.misfit {
            note(&misfit(tried, &store, &input));
        }
        for oddity in &summary.oddities {
            note(&format!("warning: {}", oddity.warning(&input)));
        }
        if self.json { print(&json(&summary)) } else { print(&sentence(&summary, &store)) }
    }
}

/// A warning: none of the schema's fields takes a value.
pub(super) fn misfit(tried: usize, store: &str, input: &str) -> String {
    format!(
        "warning: the schema of {store} fits none of the first {tried} records of {input}: they are stored all \
         the same, but SQL sees no fields; is it the right store?"
    )
}

fn sentence(summary: &Summary, store: &str) -> String {
    let Summary { received, stored, already_stored, schema, .. } = *summary;
    let mut text = format!(
        "{} records received, {} stored, {} trimmed as already seen",
        thousands(received),
        thousands(stored),
        thousands(already_stored)
    );
    match schema {
        SchemaOrigin::Inferred => text += &format!("; the schema was inferred and is kept in {store}"),
        SchemaOrigin::None => {
            text += &format!("; {store} was not made, since there was nothing to put into it")
        }
        SchemaOrigin::Given | SchemaOrigin::Store => {}
    }
    text
}
