//! Writes record batches as Parquet data files, one partition after another.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use arrow_array::RecordBatch;
use iceberg::{
    Result,
    arrow::{RecordBatchPartitionSplitter, schema_to_arrow_schema},
    spec::{DataFile, DataFileFormat, PartitionKey},
    table::Table,
    writer::{
        IcebergWriter, IcebergWriterBuilder,
        base_writer::data_file_writer::DataFileWriterBuilder,
        file_writer::{
            ParquetWriterBuilder,
            location_generator::{DefaultFileNameGenerator, DefaultLocationGenerator},
            rolling_writer::RollingFileWriterBuilder,
        },
    },
};

use crate::{
    append::Part,
    layout::{self, RecordBatchError},
    parquet,
};

/// The parts' rows as record batches of the table, in their order.
pub(crate) fn record_batches(
    table: &Table,
    parts: &[&Part],
    rows: &[Vec<Range<usize>>],
) -> std::result::Result<Vec<RecordBatch>, RecordBatchError> {
    let target = Arc::new(schema_to_arrow_schema(table.metadata().current_schema())?);
    let arrived = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
    let mut batches = Vec::new();
    for (part, rows) in parts.iter().zip(rows).filter(|(_, rows)| !rows.is_empty()) {
        let whole = layout::record_batch(&target, &part.batch, arrived)?;
        batches.extend(rows.iter().map(|rows| whole.slice(rows.start, rows.len())));
    }
    Ok(batches)
}

/// Writes data files whose names begin with `name`. If it fails, what it wrote is referred to by nothing.
pub(crate) async fn data_files(
    table: &Table,
    batches: Vec<RecordBatch>,
    name: &str,
) -> Result<Vec<DataFile>> {
    let metadata = table.metadata();
    let names = DefaultFileNameGenerator::new(name.into(), None, DataFileFormat::Parquet);
    let locations = DefaultLocationGenerator::new(metadata)?;
    let mut files = Vec::new();
    for (partition, batches) in partitions(table, batches)? {
        let parquet =
            ParquetWriterBuilder::new(parquet::properties(&batches), Arc::clone(metadata.current_schema()));
        let rolling = RollingFileWriterBuilder::new_with_default_file_size(
            parquet,
            table.file_io().clone(),
            locations.clone(),
            names.clone(),
        );
        let mut writer = DataFileWriterBuilder::new(rolling).build(partition).await?;
        for batch in batches {
            writer.write(batch).await?;
        }
        files.extend(writer.close().await?);
    }
    Ok(files)
}

type Partitioned = Vec<(Option<PartitionKey>, Vec<RecordBatch>)>;

/// The batches by partition, in the order of the partitions' paths.
fn partitions(table: &Table, batches: Vec<RecordBatch>) -> Result<Partitioned> {
    let spec = table.metadata().default_partition_spec();
    if spec.is_unpartitioned() {
        return Ok(vec![(None, batches)]);
    }
    let schema = table.metadata().current_schema();
    let splitter =
        RecordBatchPartitionSplitter::try_new_with_computed_values(Arc::clone(schema), Arc::clone(spec))?;
    let mut by_path: BTreeMap<String, (PartitionKey, Vec<RecordBatch>)> = BTreeMap::new();
    for batch in batches {
        for (key, rows) in splitter.split(&batch)? {
            by_path.entry(key.to_path()).or_insert_with(|| (key, Vec::new())).1.push(rows);
        }
    }
    Ok(by_path.into_values().map(|(key, batches)| (Some(key), batches)).collect())
}
