//! The arguments that say where a store is, where a stream is, and which schema.

use std::{ffi::OsString, sync::Arc};

use clap::Args;
use fidelog_codec::Schema;
use fidelog_table::{MAX_SOURCE_NAME, Place};

use crate::{
    error::{Error, Result},
    input::Input,
};

const KINESIS: &str = "kinesis:";

/// Where a store is.
#[derive(Args, Clone)]
pub(super) struct To {
    /// The store: a directory, or s3://BUCKET/PREFIX with a table in Glue; made if it does not exist
    #[arg(long = "to", value_name = "STORE")]
    place: OsString,
    /// The Glue database of a store on S3
    #[arg(long, value_name = "NAME", default_value = fidelog_table::NAMESPACE)]
    database: String,
    /// The Glue table of a store on S3
    #[arg(long, value_name = "NAME", default_value = fidelog_table::TABLE)]
    table: String,
}

/// Where a store is that exists.
#[derive(Args, Clone)]
pub(super) struct At {
    /// The store: a directory, or s3://BUCKET/PREFIX with a table in Glue
    #[arg(long = "store", value_name = "STORE")]
    place: OsString,
    /// The Glue database of a store on S3
    #[arg(long, value_name = "NAME", default_value = fidelog_table::NAMESPACE)]
    database: String,
    /// The Glue table of a store on S3
    #[arg(long, value_name = "NAME", default_value = fidelog_table::TABLE)]
    table: String,
}

impl To {
    /// The place, or what is wrong with it.
    pub(super) fn place(&self) -> Result<Place> {
        place(&self.place, &self.database, &self.table)
    }

    /// The store's name, for messages.
    pub(super) fn name(&self) -> String {
        self.place.to_string_lossy().into_owned()
    }
}

impl At {
    /// The place, or what is wrong with it.
    pub(super) fn place(&self) -> Result<Place> {
        place(&self.place, &self.database, &self.table)
    }
}

fn place(place: &OsString, database: &str, table: &str) -> Result<Place> {
    Place::named(place, database, table).map_err(|detail| Error::Arguments { detail })
}

/// The stream's name in `kinesis:STREAM`.
pub(super) fn stream(text: &OsString) -> Option<String> {
    text.to_str()?.strip_prefix(KINESIS).map(Into::into)
}

/// The same where nothing else will do.
pub(super) fn only_stream(text: &str) -> Result<String, String> {
    match text.strip_prefix(KINESIS) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err("kinesis:STREAM expected".into()),
    }
}

/// A source's name.
pub(super) fn source_name(name: &str) -> Result<String, String> {
    match name.len() {
        1..=MAX_SOURCE_NAME => Ok(name.to_owned()),
        _ => Err(format!("a name of 1 to {MAX_SOURCE_NAME} bytes expected")),
    }
}

/// Reads a schema document; gives its file's name, too.
pub(super) fn read_schema(path: OsString) -> Result<(Schema, String)> {
    let input = Input::from(path);
    let document = input.read("it should be a small JSON document")?;
    let fail = |detail: String| Error::Schema { name: input.name(), detail };
    let text =
        std::str::from_utf8(&document).map_err(|e| fail(format!("not UTF-8 at byte {}", e.valid_up_to())))?;
    let schema = Schema::from_json(text).map_err(|e| fail(e.to_string()))?;
    Ok((schema, input.name()))
}

/// The same where the name is of no use.
pub(super) fn shared_schema(path: Option<OsString>) -> Result<Option<Arc<Schema>>> {
    path.map(|path| read_schema(path).map(|(schema, _)| Arc::new(schema))).transpose()
}
