//! Maps columns to Arrow arrays and back: what the table stores and what a query engine gives.
//!
//! A field's column becomes one array (see [`schema_fields`]); a timestamp pattern with more than 6 fraction digits
//! gets a second one, [`NANOS_PREFIX`] + its column, for what lies below a microsecond. The skeletons become the
//! array [`SKELETON`], null where it is the default one. Together they are the records, exactly.

mod export;
mod import;

use alloc::{format, string::String, vec::Vec};

use arrow_schema::{DataType, Field, TimeUnit};

pub use self::{
    export::arrays,
    import::{batch, column, skeletons},
};
use crate::{
    encoding::Encoding,
    error::{Error, Kind, Stage},
    schema::Schema,
};

/// Begins the name of the column that holds nanoseconds (0–999) below another column's microseconds.
pub const NANOS_PREFIX: &str = "fidelog_ns_";

/// The column of skeletons.
pub const SKELETON: &str = "fidelog_skeleton";

/// The Arrow fields of a schema's columns, all nullable: the fields' columns in order, each followed by its
/// nanoseconds where the pattern has any. The skeletons are not among them.
pub fn schema_fields(schema: &Schema) -> Vec<Field> {
    let mut fields = Vec::new();
    for field in schema.fields() {
        fields.push(Field::new(&field.column, data_type(&field.encoding), true));
        if has_nanos(&field.encoding) {
            fields.push(Field::new(nanos_name(&field.column), DataType::Int32, true));
        }
    }
    fields
}

/// The Arrow type of an encoding's values. Binary values get 64-bit offsets, as Iceberg's Arrow schemas have them.
pub const fn data_type(encoding: &Encoding) -> DataType {
    match encoding {
        Encoding::Integer => DataType::Int64,
        Encoding::Number { .. } => DataType::Float64,
        Encoding::Boolean => DataType::Boolean,
        Encoding::Hex { .. } | Encoding::Uuid { .. } => DataType::LargeBinary,
        Encoding::Timestamp { .. } => DataType::Timestamp(TimeUnit::Microsecond, None),
        Encoding::Text | Encoding::Json => DataType::Utf8,
    }
}

fn has_nanos(encoding: &Encoding) -> bool {
    matches!(encoding, Encoding::Timestamp { pattern } if pattern.has_nanos())
}

fn nanos_name(column: &str) -> String {
    format!("{NANOS_PREFIX}{column}")
}

/// An array that is not what the schema asks for. There is no byte offset to name: the detail names the column.
fn malformed(detail: String) -> Error {
    Error::with(Kind::Malformed, Stage::Column, 0, detail)
}

#[cfg(test)]
mod tests;
