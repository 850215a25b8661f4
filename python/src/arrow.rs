//! Columns as an Arrow stream (the PyCapsule interface), which every data frame library takes without a copy.
//!
//! Hex ids and UUIDs are dictionaries of their text, times are `timestamp[us, UTC]`, JSON fields are strings. What a
//! batch lacks is null.

use std::{sync::Arc, vec};

use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, RecordBatchOptions,
    RecordBatchReader, StringArray, ffi_stream::FFI_ArrowArrayStream, new_null_array, types::Int32Type,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit, ffi::FFI_ArrowSchema};
use fidelog_codec::{
    Error, arrow,
    batch::Batch,
    column::{Column, NULL},
    encoding::{Encoding, Value},
    error::{Kind, Result, Stage},
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyCapsule};

use crate::{
    block::{Block, text, too_long},
    doubles::Doubles,
    error::decoding,
};

/// How times come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As instants: `timestamp[us, UTC]`.
    Instants,
    /// As the text that was sent.
    Text,
}

impl<'a, 'py> FromPyObject<'a, 'py> for Times {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<String>()?.as_str() {
            "utc" => Ok(Times::Instants),
            "text" => Ok(Times::Text),
            other => Err(PyValueError::new_err(format!("times is \"utc\" or \"text\", not {other:?}"))),
        }
    }
}

/// Some payloads' columns, one after the other, as one Arrow stream.
#[pyclass(frozen, module = "fidelog")]
pub struct Stream {
    blocks: Vec<Part>,
    times: Times,
    /// What texts may weigh: a column holds each distinct one once, an array as often as it occurs.
    max_bytes: usize,
}

/// A block, shared.
#[derive(Clone)]
struct Part {
    block: Arc<fidelog_codec::Block>,
    doubles: Arc<Doubles>,
}

impl Stream {
    pub fn new<'a>(blocks: impl IntoIterator<Item = &'a Block>, times: Times) -> Self {
        let (mut parts, mut max_bytes) = (Vec::new(), 0usize);
        for block in blocks {
            parts.push(Part { block: Arc::clone(&block.inner), doubles: Arc::clone(&block.doubles) });
            max_bytes = max_bytes.max(block.max_bytes);
        }
        Stream { blocks: parts, times, max_bytes }
    }

    fn schema(&self) -> Result<SchemaRef> {
        let mut fields: Vec<Field> = Vec::new();
        for batch in self.blocks.iter().flat_map(|part| part.block.batches()) {
            for (name, encoding) in declared(batch) {
                let field = Field::new(name, data_type(encoding, self.times), true);
                match fields.iter().find(|known| known.name() == field.name()) {
                    None => fields.push(field),
                    Some(known) if known.data_type() == field.data_type() => {}
                    Some(known) => {
                        let (was, is) = (known.data_type(), field.data_type());
                        let detail = format!(
                            "column {}: one type in all blocks expected, not {was} and {is}",
                            field.name()
                        );
                        return Err(Error::with(Kind::Unsupported, Stage::Column, 0, detail));
                    }
                }
            }
        }
        Ok(Arc::new(Schema::new(fields)))
    }
}

#[pymethods]
impl Stream {
    #[new]
    #[pyo3(signature = (blocks, times = Times::Instants), text_signature = "(blocks, times=\"utc\")")]
    fn of(blocks: Vec<PyRef<'_, Block>>, times: Times) -> Self {
        Stream::new(blocks.iter().map(|block| &**block), times)
    }

    /// A requested schema is for consumers to cast to, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    pub fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let schema = self.schema().map_err(|error| decoding(py, &error))?;
        let batches = Batches {
            schema,
            times: self.times,
            blocks: self.blocks.clone().into_iter(),
            block: None,
            left: self.max_bytes,
        };
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), c"arrow_array_stream")
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = self.schema().map_err(|error| decoding(py, &error))?;
        let schema = FFI_ArrowSchema::try_from(&*schema).map_err(|e| PyValueError::new_err(e.to_string()))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }
}

/// A batch's declared fields; one whose name another has, too, goes by its column.
fn declared(batch: &Batch) -> impl Iterator<Item = (String, &Encoding)> {
    let fields = batch.schema().fields().get(..batch.declared()).unwrap_or_default();
    let names: Vec<String> = fields.iter().map(fidelog_codec::schema::Field::name).collect();
    fields.iter().enumerate().map(move |(i, field)| {
        let name = names.get(i).filter(|name| names.iter().filter(|other| other == name).count() == 1);
        (name.unwrap_or(&field.column).clone(), &field.encoding)
    })
}

fn data_type(encoding: &Encoding, times: Times) -> DataType {
    match encoding {
        Encoding::Hex { .. } | Encoding::Uuid { .. } => {
            DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())
        }
        Encoding::Timestamp { .. } if times == Times::Text => DataType::Utf8,
        Encoding::Timestamp { .. } => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        other => arrow::data_type(other),
    }
}

/// The blocks' batches, converted one at a time as the consumer asks for them.
struct Batches {
    schema: SchemaRef,
    times: Times,
    blocks: vec::IntoIter<Part>,
    /// The present block and its batch that comes next.
    block: Option<(Part, usize)>,
    /// What texts may still weigh.
    left: usize,
}

impl Batches {
    fn convert(&mut self, part: &Part, at: usize, batch: &Batch) -> Result<RecordBatch> {
        let fields: Vec<(String, &Encoding)> = declared(batch).collect();
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            arrays.push(match fields.iter().position(|(name, _)| name == field.name()) {
                Some(i) => {
                    let array = array(batch, i, field, self.times, &mut self.left)?;
                    if part.doubles.has(at, i) { with_doubles(&array, at, i, &part.doubles) } else { array }
                }
                None => new_null_array(field.data_type(), batch.rows()),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options).map_err(|e| bad(&e))
    }
}

impl Iterator for Batches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((part, next)) = self.block.take() else {
                self.block = Some((self.blocks.next()?, 0));
                continue;
            };
            if let Some(batch) = part.block.batches().get(next) {
                let converted =
                    self.convert(&part, next, batch).map_err(|e| ArrowError::ExternalError(Box::new(e)));
                self.block = Some((part, next + 1));
                return Some(converted);
            }
        }
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

fn array(batch: &Batch, i: usize, field: &Field, times: Times, left: &mut usize) -> Result<ArrayRef> {
    let (Some(declared), Some(column)) = (batch.schema().fields().get(i), batch.columns().get(i)) else {
        return Ok(new_null_array(field.data_type(), batch.rows()));
    };
    match (&declared.encoding, column) {
        (Encoding::Hex { .. } | Encoding::Uuid { .. }, Column::Strings { dictionary, ids }) => {
            let spell = |bytes| {
                let mut spelled = Vec::new();
                declared.encoding.render(Value::Bytes(bytes), batch.schema().style(), &mut spelled);
                String::from_utf8(spelled).unwrap_or_default().trim_matches('"').to_owned()
            };
            let values: StringArray = dictionary.iter().map(|bytes| Some(spell(bytes))).collect();
            let keys: Int32Array =
                ids.iter().map(|&id| (id != NULL).then(|| i32::try_from(id).ok()).flatten()).collect();
            let array = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)).map_err(|e| bad(&e))?;
            Ok(Arc::new(array))
        }
        (Encoding::Timestamp { .. }, _) if times == Times::Text => {
            let texts: StringArray = (0..batch.rows()).map(|row| text(batch, i, declared, row)).collect();
            Ok(Arc::new(texts))
        }
        _ => {
            *left = left.checked_sub(text_bytes(column)).ok_or_else(too_long)?;
            let target = Field::new(&declared.column, field.data_type().clone(), true);
            let found = arrow::arrays(batch, &[target])?.pop().flatten();
            Ok(found.unwrap_or_else(|| new_null_array(field.data_type(), batch.rows())))
        }
    }
}

/// A number column with its NaNs and infinities.
fn with_doubles(array: &ArrayRef, batch: usize, field: usize, doubles: &Doubles) -> ArrayRef {
    let Some(numbers) = array.as_any().downcast_ref::<Float64Array>() else { return Arc::clone(array) };
    let value = |(row, number): (usize, Option<f64>)| number.or_else(|| doubles.get(batch, field, row));
    Arc::new(numbers.iter().enumerate().map(value).collect::<Float64Array>())
}

fn text_bytes(column: &Column) -> usize {
    match column {
        Column::Strings { dictionary, ids } => {
            let lens = ids.iter().filter_map(|&id| dictionary.get(id as usize)).map(<[u8]>::len);
            lens.fold(0, usize::saturating_add)
        }
        _ => 0,
    }
}

fn bad(error: &ArrowError) -> Error {
    Error::with(Kind::Malformed, Stage::Column, 0, error.to_string())
}
