//! `fidelog setup`: a store before its first record, and new fields later.

use std::ffi::OsString;

use clap::{Args, ValueEnum};
use fidelog_table::{Optimizers, Options, Partition, Place, Store};

use super::{
    place::{To, read_schema},
    print,
};
use crate::{
    error::{Error, Result},
    reduce,
};

/// Make a store before its first record, its table and the database in Glue, or append fields to it
#[derive(Args)]
#[command(after_help = "\
Running it again changes nothing. Fields of the schema that an existing store lacks are appended to it, as the next \
version of its schema; rows that are there have no values of them for SQL (their records hold them all the same), \
workers that run go on and soon take them. A schema that lacks one of the store's fields, or has another encoding or \
event time, or leaves out more of a record (keep, strip), is refused. The bucket must exist.

Examples:
  fidelog setup --to s3://my-logs/app --database logs --table app --schema schema.json
  fidelog setup --to s3://my-logs/app --database logs --table app --schema schema.json \
      --optimizer-role arn:aws:iam::123456789012:role/optimizer

With --optimizer-role Glue merges small files, expires snapshots (5 days; the last five stay) and removes files that nothing \
refers to (3 days): `fidelog maintain` need not run. Optimizers that are on already stay as they are set.")]
pub(super) struct Setup {
    #[command(flatten)]
    to: To,
    /// The schema's file, as `fidelog infer` writes it
    #[arg(long, value_name = "SCHEMA")]
    schema: OsString,
    /// By which span of the event time data files are kept apart, in a new table
    #[arg(long, value_enum, default_value_t)]
    partition: Span,
    /// Switch Glue's optimizers on (compaction, retention, orphan files), which run under this role
    #[arg(long, value_name = "ARN", value_parser = role)]
    optimizer_role: Option<String>,
}

fn role(arn: &str) -> Result<String, String> {
    match arn.starts_with("arn:") && arn.contains(":role/") {
        true => Ok(arn.to_owned()),
        false => Err("a role's ARN such as arn:aws:iam::123456789012:role/optimizer expected".into()),
    }
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
        if self.optimizer_role.is_some() && matches!(place, Place::Directory(_)) {
            let detail = "--optimizer-role: only tables on S3 are optimized by Glue; let `fidelog maintain` run once a day";
            return Err(Error::Arguments { detail: detail.into() });
        }
        let options = Options { partition: self.partition.into() };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
        let role = self.optimizer_role.as_deref();
        let (store, columns, optimizers) = runtime.block_on(async {
            let store = match Store::find(place.clone()).await? {
                Some(store) => store,
                None => Store::open_or_create(place, &schema, options).await?,
            };
            let columns = store.widen(&schema).await?;
            let optimizers = match role {
                Some(role) => Some(store.optimize(role).await?),
                None => None,
            };
            Ok::<_, Error>((store, columns, optimizers))
        })?;
        let mut text = match &columns[..] {
            [] => format!("{} is ready", store.location()),
            columns => format!("{} has the new columns {}", store.location(), columns.join(", ")),
        };
        text.extend(reduce::sentence(&schema).map(|lossy| format!("\n{lossy}")));
        if let Some(Optimizers { on, switched }) = optimizers {
            text += &format!(
                "\noptimizers that are on: {} ({} of them switched on now)",
                on.join(", "),
                switched.len()
            );
        }
        print(&text)
    }
}
