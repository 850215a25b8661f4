//! `fidelog infer`: proposes a schema from sample records.

use std::{ffi::OsString, io::Write};

use clap::Args;
use fidelog_codec::{
    Schema,
    infer::{FieldReport, Inference},
};
use serde::Serialize;

use super::{format::Format, json, lossy::announce, note, print, table};
use crate::{
    consume::TRIAL_RECORDS,
    error::{Error, Result},
    input::{Bounds, Input, Reader, Records},
    output::Output,
};
use reduction::Wanted;

mod reduction;

/// Propose a schema from a file's first records, and say how sure it is and why
#[derive(Args)]
#[command(after_help = "\
Examples:
  fidelog infer app.jsonl                    print the schema, and the reasons beside it
  fidelog infer app.jsonl -o schema.json     keep it
  fidelog infer app.jsonl --json | jq .fields
  fidelog infer app.jsonl --keep at,user.id,url --strip url=query -o schema.json

With --keep or --strip the schema is lossy: `produce` and `consume` leave everything else out for good, and say so.")]
pub(super) struct Infer {
    /// A file of records, or - for standard input
    #[arg(value_name = "FILE")]
    input: OsString,
    /// Where to write the schema; standard output if not given
    #[arg(short, long, value_name = "SCHEMA")]
    output: Option<OsString>,
    /// How many of the first records to look at
    #[arg(long, value_name = "N", default_value_t = TRIAL_RECORDS, value_parser = positive)]
    records: usize,
    /// How the file holds its records
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    wanted: Wanted,
    /// Print schema and reasons as one JSON document
    #[arg(long)]
    json: bool,
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "a whole number of at least 1 expected".into())
}

#[derive(Serialize)]
struct Report<'a> {
    records: usize,
    objects: usize,
    fields: &'a [FieldReport],
    schema: &'a Schema,
}

impl Infer {
    pub(super) fn run(self) -> Result<()> {
        let input = Input::from(self.input);
        let mut records = Records::default();
        let bounds = Bounds { records: self.records, ..Bounds::default() };
        Reader::open(input.clone(), self.format.into())?.fill(&mut records, bounds)?;
        if records.is_empty() {
            return Err(Error::NoRecords { name: input.name() });
        }
        let found = self.wanted.infer(&records)?;
        let document = found.schema.to_json();
        if let Some(path) = self.output.clone() {
            Output::from(path).write(|w| writeln!(w, "{document}"))?;
        }
        if self.json {
            let Inference { schema, records, objects, fields } = &found;
            return print(&json(&Report { records: *records, objects: *objects, fields, schema }));
        }
        if self.output.is_none() {
            print(&document)?;
        }
        explain(&input.name(), &found);
        Ok(())
    }
}

fn explain(name: &str, found: &Inference) {
    let mut rows = vec![["field", "column", "encoding", "seen", "fits", "why"].map(String::from).to_vec()];
    rows.extend(found.fields.iter().map(|f| {
        vec![
            f.name.clone(),
            f.column.clone(),
            f.encoding.to_string(),
            table::percent(f.seen, found.objects),
            table::percent(f.fits, f.seen),
            f.why.clone(),
        ]
    }));
    note(&format!("{name}: {}", found.summary()));
    announce(&found.schema);
    if found.fields.is_empty() {
        note("no member to make a field of; such records are stored exactly all the same");
        return;
    }
    let _ = write!(std::io::stderr(), "\n{}", table::render(&rows, &[3, 4]));
}
