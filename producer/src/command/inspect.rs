//! `fidelog inspect`: what a packed file consists of.

use std::ffi::OsString;

use clap::Args;
use fidelog_codec::{Limits, inspect::Report};

use super::{json, pack, print, table};
use crate::{
    error::{Error, Result},
    input::Input,
};

/// Show what a packed file consists of: each column's encoding, bytes and share
#[derive(Args)]
#[command(after_help = "\
Examples:
  fidelog inspect app.fdl
  fidelog inspect app.fdl --json | jq '.columns[] | select(.bytes > 1000)'")]
pub(super) struct Inspect {
    /// The packed file, or - for standard input
    #[arg(value_name = "F.fdl")]
    input: OsString,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn run(self) -> Result<()> {
        let input = Input::from(self.input);
        let packed = input.read(pack::NOT_PACKED_HERE)?;
        let report = fidelog_codec::inspect(&packed, &Limits::default());
        let report = report.map_err(|e| Error::packed(input.name(), e))?;
        if self.json { print(&json(&report)) } else { print(&describe(&input.name(), &report)) }
    }
}

fn describe(name: &str, report: &Report) -> String {
    let count = |n: usize| table::thousands(n as u64);
    let row = |name: &str, encoding: &str, values: String, bytes: usize| {
        vec![
            name.to_string(),
            encoding.to_string(),
            values,
            count(bytes),
            table::percent(bytes, report.bytes),
        ]
    };
    let mut rows = vec![["part", "encoding", "values", "bytes", "share"].map(String::from).to_vec()];
    for column in &report.columns {
        rows.push(row(&column.name, column.encoding, count(column.values), column.bytes));
    }
    let known: usize = report.columns.iter().map(|c| c.bytes).sum();
    let known = known + report.skeleton_bytes + report.header_bytes;
    rows.push(row("(skeletons)", "", count(report.odd_records), report.skeleton_bytes));
    rows.push(row("(headers)", "", String::new(), report.header_bytes));
    rows.push(row("(framing, checksums)", "", String::new(), report.bytes.saturating_sub(known)));
    rows.push(row("all", "", count(report.records), report.bytes));
    format!(
        "{name}: {} records in {} block{}, format version {}\n\n{}",
        count(report.records),
        count(report.blocks),
        if report.blocks == 1 { "" } else { "s" },
        report.version,
        table::render(&rows, &[2, 3, 4])
    )
}
