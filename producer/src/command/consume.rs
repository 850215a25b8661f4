//! `fidelog consume`: records into a store.

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use fidelog_codec::Schema;
use fidelog_table::MAX_SOURCE_NAME;

use super::{format::Format, json, note, print, progress, table::thousands};
use crate::{
    consume::{Job, SchemaOrigin, Summary, consume},
    error::{Error, Result},
    input::{Bounds, Input},
};

/// Put records into a store: an Iceberg table in a directory, for SQL
#[derive(Args)]
#[command(after_help = "\
Array elements or lines become records. The schema is the one given, else the store's own, else one inferred \
from the first 10,000 records and kept in the store. Lines are streamed; a JSON array is read whole, up to 2 GiB.

Every run appends. With --source a record is known by that name and its position in the input, so the same \
command can be run again, after a crash or when the file has grown, and stores only what is new.

Examples:
  fidelog consume --from app.jsonl --to store
  fidelog consume --from app.jsonl --to store --source app.jsonl
  zcat old/*.gz | fidelog consume --from - --to store --format lines --json")]
pub(super) struct Consume {
    /// A file of records, or - for standard input
    #[arg(long, value_name = "FILE")]
    from: OsString,
    /// The store's directory; made if it does not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The schema's file, as `fidelog infer` writes it
    #[arg(long, value_name = "SCHEMA")]
    schema: Option<OsString>,
    /// A name for this input, under which no record is stored twice
    #[arg(long, value_name = "NAME", value_parser = source_name)]
    source: Option<String>,
    /// How the input holds its records
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Most records in one commit
    #[arg(long, value_name = "N", default_value_t = Bounds::default().records as u64,
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    batch_records: u64,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Consume {
    pub(super) fn run(self) -> Result<()> {
        let from = Input::from(self.from);
        let job = Job {
            format: self.format.into(),
            to: self.to.clone(),
            schema: self.schema.map(|path| read_schema(&Input::from(path))).transpose()?,
            source: self.source,
            bounds: Bounds { records: self.batch_records as usize, ..Bounds::default() },
            from,
        };
        let input = job.from.name();
        let bar = progress::bytes(job.from.size());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let done = runtime.block_on(consume(job, |bytes, records| {
            bar.set_position(bytes);
            bar.set_message(format!("{} records", thousands(records)));
        }));
        bar.finish_and_clear();
        let summary = done?;
        let store = self.to.display().to_string();
        if let Some(tried) = summary.misfit {
            note(&format!(
                "warning: the schema of {store} fits none of the first {tried} records of {input}: they are stored \
                 exactly, but SQL sees no fields; is it the right store?"
            ));
        }
        for oddity in &summary.oddities {
            note(&format!("warning: {}", oddity.warning(&input)));
        }
        if self.json { print(&json(&summary)) } else { print(&sentence(&summary, &store)) }
    }
}

fn source_name(name: &str) -> Result<String, String> {
    match name.len() {
        1..=MAX_SOURCE_NAME => Ok(name.to_owned()),
        _ => Err(format!("a name of 1 to {MAX_SOURCE_NAME} bytes expected")),
    }
}

fn read_schema(input: &Input) -> Result<(Schema, String)> {
    let document = input.read("it should be a small JSON document")?;
    let fail = |detail: String| Error::Schema { name: input.name(), detail };
    let text =
        std::str::from_utf8(&document).map_err(|e| fail(format!("not UTF-8 at byte {}", e.valid_up_to())))?;
    let schema = Schema::from_json(text).map_err(|e| fail(e.to_string()))?;
    Ok((schema, input.name()))
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
