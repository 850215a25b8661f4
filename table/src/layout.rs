//! The table's columns, partition and properties.
//!
//! One optional column for each schema field by its natural type, then the table's own: the nanoseconds beside times
//! that have any, when the record was stored, the schema version it was written under, and its skeleton (null where it
//! is the default one). The rows of one table need nothing but these and the schema documents in its properties to be
//! records again.

use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use arrow_array::{ArrayRef, Int32Array, RecordBatch, TimestampMicrosecondArray, new_null_array};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
pub use fidelog_codec::arrow::SKELETON;
use fidelog_codec::{Schema, arrow, batch::Batch, encoding::Encoding};
use iceberg::spec::{
    NestedField, PrimitiveType, Schema as TableSchema, TableProperties, Transform, Type, UnboundPartitionSpec,
};

use crate::{ledger::Ledger, schemas};

/// The column of the time at which a record was stored.
pub const ARRIVED: &str = "fidelog_arrived";

/// The column of the schema version under which a row was written.
pub const SCHEMA_VERSION: &str = "fidelog_schema";

/// The partition field; not a column, so queries name the event time and still skip partitions.
pub const PARTITION: &str = "fidelog_partition";

/// How to make a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// By which span of the event time data files are kept apart; without an event time they are not.
    pub partition: Partition,
}

/// A span of the event time (in UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// An hour: for tables that get gigabytes a day.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A month: for small streams, where days would make many small files.
    Month,
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "hour" => Ok(Partition::Hour),
            "day" => Ok(Partition::Day),
            "month" => Ok(Partition::Month),
            _ => Err(format!("{name:?} is no partition; choose hour, day or month")),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Partition::Hour => "hour",
            Partition::Day => "day",
            Partition::Month => "month",
        })
    }
}

/// The table's schema for a new table.
pub(crate) fn table_schema(schema: &Schema) -> iceberg::Result<TableSchema> {
    let mut columns: Vec<(String, PrimitiveType)> = Vec::new();
    for field in schema.fields() {
        columns.push((field.column.clone(), column_type(&field.encoding)));
    }
    let nanos =
        arrow::schema_fields(schema).into_iter().filter(|f| f.name().starts_with(arrow::NANOS_PREFIX));
    columns.extend(nanos.map(|field| (field.name().clone(), PrimitiveType::Int)));
    columns.push((ARRIVED.into(), PrimitiveType::Timestamp));
    columns.push((SCHEMA_VERSION.into(), PrimitiveType::Int));
    columns.push((SKELETON.into(), PrimitiveType::Binary));
    let fields = (1..)
        .zip(columns)
        .map(|(id, (name, kind))| NestedField::optional(id, name, Type::Primitive(kind)).into());
    TableSchema::builder().with_fields(fields.collect::<Vec<_>>()).build()
}

const fn column_type(encoding: &Encoding) -> PrimitiveType {
    match encoding {
        Encoding::Integer => PrimitiveType::Long,
        Encoding::Number { .. } => PrimitiveType::Double,
        Encoding::Boolean => PrimitiveType::Boolean,
        Encoding::Hex { .. } | Encoding::Uuid { .. } => PrimitiveType::Binary,
        Encoding::Timestamp { .. } => PrimitiveType::Timestamp,
        Encoding::Text | Encoding::Json => PrimitiveType::String,
    }
}

/// The partition of a new table.
pub(crate) fn partition_spec(
    schema: &Schema,
    table_schema: &TableSchema,
    options: Options,
) -> iceberg::Result<UnboundPartitionSpec> {
    let builder = UnboundPartitionSpec::builder();
    let event_time = schema.event_time().and_then(|i| schema.fields().get(i));
    let Some(id) = event_time.and_then(|field| table_schema.field_id_by_name(&field.column)) else {
        return Ok(builder.build());
    };
    let transform = match options.partition {
        Partition::Hour => Transform::Hour,
        Partition::Day => Transform::Day,
        Partition::Month => Transform::Month,
    };
    Ok(builder.add_partition_field(id, PARTITION, transform)?.build())
}

/// The properties of a new table.
pub(crate) fn properties(schema: &Schema) -> HashMap<String, String> {
    let mut properties = HashMap::from([
        schemas::property(schema),
        // A retry must trim again what another writer stored meanwhile: that is `append`'s to do, not Iceberg's.
        (TableProperties::PROPERTY_COMMIT_NUM_RETRIES.into(), "0".into()),
        // Each version of the metadata lists so many earlier ones; what is listed is not removed by `maintain`.
        (TableProperties::PROPERTY_METADATA_PREVIOUS_VERSIONS_MAX.into(), "20".into()),
    ]);
    properties.extend(Ledger::default().changes_from(None).set);
    properties.extend(filters(schema));
    properties
}

/// That others who rewrite the table's files (Athena, Spark) write the Bloom filters of its ids, too.
/// <https://iceberg.apache.org/docs/latest/configuration/#write-properties>
pub(crate) fn filters(schema: &Schema) -> impl Iterator<Item = (String, String)> {
    let ids = schema
        .fields()
        .iter()
        .filter(|field| matches!(field.encoding, Encoding::Hex { .. } | Encoding::Uuid { .. }));
    ids.map(|field| {
        (format!("write.parquet.bloom-filter-enabled.column.{}", field.column), "true".to_owned())
    })
}

/// A batch as the table's record batch; columns that the batch's schema version lacks are null.
pub(crate) fn record_batch(
    target: &SchemaRef,
    batch: &Batch,
    arrived: i64,
) -> Result<RecordBatch, RecordBatchError> {
    let rows = batch.rows();
    let arrays = arrow::arrays(batch, target.fields()).map_err(RecordBatchError::Codec)?;
    let columns = target.fields().iter().zip(arrays).map(|(field, array)| -> ArrayRef {
        match (array, field.name().as_str(), field.data_type()) {
            (Some(array), ..) => array,
            (_, ARRIVED, DataType::Timestamp(TimeUnit::Microsecond, None)) => {
                Arc::new(TimestampMicrosecondArray::from_value(arrived, rows))
            }
            (_, SCHEMA_VERSION, DataType::Int32) => {
                // Versions count up from 1, one for each widening.
                Arc::new(Int32Array::from_value(batch.schema().version() as i32, rows))
            }
            (_, _, other) => new_null_array(other, rows),
        }
    });
    Ok(RecordBatch::try_new(Arc::clone(target), columns.collect()).map_err(iceberg::Error::from)?)
}

/// Why a batch is not a record batch of the table.
#[derive(Debug)]
pub(crate) enum RecordBatchError {
    Codec(fidelog_codec::Error),
    Iceberg(iceberg::Error),
}

impl From<iceberg::Error> for RecordBatchError {
    fn from(error: iceberg::Error) -> Self {
        RecordBatchError::Iceberg(error)
    }
}
