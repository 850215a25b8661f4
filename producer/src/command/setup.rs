//! `fidelog setup`: a store before its first record.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use fidelog_table::{Options, Partition, Store};

use super::{
    place::{To, read_schema},
    print,
};
use crate::error::{Error, Result};

/// Make a store before its first record: its table, and the database in Glue
#[derive(Args)]
#[command(after_help = "\
Running it again changes nothing; a store with another schema is refused. The bucket must exist.

Examples:
  fidelog setup --to s3://my-logs/app --database logs --table app --schema schema.json")]
pub(super) struct Setup {
    #[command(flatten)]
    to: To,
    /// The schema's file, as `fidelog infer` writes it
    #[arg(long, value_name = "SCHEMA")]
    schema: OsString,
    /// By which span of the event time data files are kept apart, in a new table
    #[arg(long, value_enum, default_value_t)]
    partition: Span,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Span {
    Hour,
    #[default]
    Day,
    Month,
}

impl From<Span> for Partition {
    fn from(span: Span) -> Self {
        match span {
            Span::Hour => Partition::Hour,
            Span::Day => Partition::Day,
            Span::Month => Partition::Month,
        }
    }
}

impl Setup {
    pub(super) fn run(self) -> Result<()> {
        let (schema, _) = read_schema(self.schema)?;
        let place = self.to.place()?;
        let options = Options { partition: self.partition.into() };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let store = runtime.block_on(Store::open_or_create(place, &schema, options))?;
        print(&format!("{} is ready", store.location()))
    }
}
