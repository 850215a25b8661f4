//! `fidelog setup`: a store before its first record, and new fields later.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use fidelog_table::{Options, Partition, Store};

use super::{
    lossy,
    place::{To, read_schema},
    print,
};
use crate::error::{Error, Result};

/// Make a store before its first record, its table and the database in Glue, or append fields to it
#[derive(Args)]
#[command(after_help = "\
Running it again changes nothing. Fields of the schema that an existing store lacks are appended to it, as the next \
version of its schema; rows that are there have no values of them for SQL (their records hold them all the same), \
workers that run go on and soon take them. A schema that lacks one of the store's fields, or has another encoding or \
event time, or leaves out more of a record (keep, strip), is refused. The bucket must exist.

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
        let (store, columns) = runtime.block_on(async {
            let store = match Store::open(place.clone()).await {
                Err(fidelog_table::Error::NotAStore { .. }) => {
                    Store::open_or_create(place, &schema, options).await?
                }
                store => store?,
            };
            let columns = store.widen(&schema).await?;
            Ok::<_, Error>((store, columns))
        })?;
        let mut text = match &columns[..] {
            [] => format!("{} is ready", store.location()),
            columns => format!("{} has the new columns {}", store.location(), columns.join(", ")),
        };
        text.extend(lossy::sentence(&schema).map(|lossy| format!("\n{lossy}")));
        print(&text)
    }
}
