//! Parquet at its best: typed columns (ids as bytes, times as instants), the smallest encoding for each, zstd.
//!
//! The columns are those that the codec finds, and what does not fit them is a column, too, so that the file holds
//! every record exactly. Encoding starts from columns in memory, not from JSON: scanning is not Parquet's work.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch, TimestampMillisecondArray, cast::AsArray, types::TimestampMicrosecondType,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use fidelog_codec::{
    arrow::{SKELETON, arrays, schema_fields},
    batch::Batch,
};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
    schema::types::ColumnPath,
};

use crate::{
    Result,
    data::Data,
    measure::{Format, Pieces},
};

/// Rows that each encoding is tried on.
const TRIAL_ROWS: usize = 50_000;

/// Large pages and dictionaries: the files are to be small.
const PAGE_BYTES: usize = 8 << 20;

/// How a column is written: with a dictionary, or in one of the other encodings.
type Choice = Option<Encoding>;

/// The columns of some data, and the encoding found best for each.
pub struct Columns {
    batch: RecordBatch,
    choices: Vec<Choice>,
}

impl Columns {
    pub fn new(data: &Data) -> Result<Self> {
        let mut fields = schema_fields(&data.schema);
        fields.push(Field::new(SKELETON, DataType::Binary, true));
        let batch = Batch::split(&data.schema, data.slices());
        let (mut kept, mut columns) = (Vec::new(), Vec::new());
        for (field, array) in fields.iter().zip(arrays(&batch, &fields.iter().collect::<Vec<_>>())?) {
            let array = in_milliseconds(array.ok_or("an array for each field expected")?);
            kept.push(Field::new(field.name(), array.data_type().clone(), true));
            columns.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(kept)), columns)?;
        let head = batch.slice(0, batch.num_rows().min(TRIAL_ROWS));
        let choices = (0..head.num_columns()).map(|i| choose(&head.project(&[i])?)).collect::<Result<_>>()?;
        Ok(Columns { batch, choices })
    }
}

/// An instant in ms, where none has a fraction of one, costs less.
fn in_milliseconds(array: ArrayRef) -> ArrayRef {
    let DataType::Timestamp(TimeUnit::Microsecond, None) = array.data_type() else { return array };
    let micros = array.as_primitive::<TimestampMicrosecondType>();
    if micros.iter().flatten().any(|micros| micros % 1000 != 0) {
        return array;
    }
    Arc::new(micros.iter().map(|micros| micros.map(|m| m / 1000)).collect::<TimestampMillisecondArray>())
}

fn candidates(data_type: &DataType) -> &'static [Choice] {
    use Encoding::{
        BYTE_STREAM_SPLIT, DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY, PLAIN,
    };
    match data_type {
        DataType::Int64 | DataType::Int32 | DataType::Timestamp(..) => {
            &[None, Some(PLAIN), Some(DELTA_BINARY_PACKED), Some(BYTE_STREAM_SPLIT)]
        }
        DataType::Float64 => &[None, Some(PLAIN), Some(BYTE_STREAM_SPLIT)],
        DataType::Utf8 | DataType::Binary | DataType::LargeBinary => {
            &[None, Some(PLAIN), Some(DELTA_LENGTH_BYTE_ARRAY), Some(DELTA_BYTE_ARRAY)]
        }
        _ => &[Some(PLAIN)],
    }
}

/// The choice that makes a column smallest.
fn choose(column: &RecordBatch) -> Result<Choice> {
    let field = column.schema().field(0).clone();
    let mut best = (usize::MAX, None);
    for &choice in candidates(field.data_type()) {
        let size = write(column, &[choice], 3)?.len();
        if size < best.0 {
            best = (size, choice);
        }
    }
    Ok(best.1)
}

fn with_choice(properties: WriterPropertiesBuilder, name: &str, choice: Choice) -> WriterPropertiesBuilder {
    // A name is one column, whatever characters are in it.
    let path = ColumnPath::new(vec![name.to_owned()]);
    match choice {
        None => properties.set_column_dictionary_enabled(path, true),
        Some(encoding) => {
            properties.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, encoding)
        }
    }
}

fn write(batch: &RecordBatch, choices: &[Choice], zstd: i32) -> Result<Vec<u8>> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(zstd)?))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(1 << 20)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for (field, choice) in batch.schema().fields().iter().zip(choices) {
        properties = with_choice(properties, field.name(), *choice);
    }
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build()))?;
    writer.write(batch)?;
    Ok(writer.into_inner()?)
}

/// A Parquet file at a zstd level.
pub struct Parquet {
    pub columns: Arc<Columns>,
    pub zstd: i32,
}

impl Format for Parquet {
    fn name(&self) -> String {
        format!("typed Parquet, zstd {}", self.zstd)
    }

    fn is_slow(&self) -> bool {
        self.zstd == 19
    }

    fn encode(&self, _: &Data) -> Result<Pieces> {
        Ok(vec![write(&self.columns.batch, &self.columns.choices, self.zstd)?])
    }

    fn decode(&self, _: &Pieces, _: &Data) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn columns(&self, pieces: &Pieces) -> Result<Option<usize>> {
        let file = Bytes::from(pieces.first().ok_or("one piece expected")?.clone());
        let mut rows = 0;
        for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(1 << 16).build()? {
            rows += std::hint::black_box(batch?).num_rows();
        }
        Ok(Some(rows))
    }
}
