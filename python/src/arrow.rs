//! Columns as an Arrow stream (the PyCapsule interface), which every data frame library takes without a copy.
//!
//! Hex ids and UUIDs are dictionaries of their text, times are `timestamp[us, UTC]`, JSON fields are strings. What a
//! batch lacks is null.

use std::{sync::Arc, vec};

use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, RecordBatch, RecordBatchOptions, RecordBatchReader, StringArray,
    ffi_stream::FFI_ArrowArrayStream, new_null_array, types::Int32Type,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit, ffi::FFI_ArrowSchema};
use fidelog_codec::{
    Block, Error, Limits, arrow,
    batch::Batch,
    column::{Column, NULL},
    encoding::{Encoding, Value},
    error::{Kind, Result, Stage},
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyCapsule};

use crate::{block::text, error::decoding};

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
    blocks: Vec<Arc<Block>>,
    times: Times,
}

impl Stream {
    pub const fn new(blocks: Vec<Arc<Block>>, times: Times) -> Self {
        Stream { blocks, times }
    }

    fn schema(&self) -> Result<SchemaRef> {
        let mut fields: Vec<Field> = Vec::new();
        for batch in self.blocks.iter().flat_map(|block| block.batches()) {
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
    #[pyo3(signature = (blocks, times = Times::Instants))]
    fn of(blocks: Vec<PyRef<'_, crate::block::Block>>, times: Times) -> Self {
        Stream::new(blocks.iter().map(|block| Arc::clone(&block.0)).collect(), times)
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
            left: Limits::default().max_bytes,
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
    blocks: vec::IntoIter<Arc<Block>>,
    /// The present block and its batch that comes next.
    block: Option<(Arc<Block>, usize)>,
    /// What texts may still weigh: a column holds each distinct one once, an array as often as it occurs.
    left: usize,
}

impl Batches {
    fn convert(&mut self, batch: &Batch) -> Result<RecordBatch> {
        let fields: Vec<(String, &Encoding)> = declared(batch).collect();
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            arrays.push(match fields.iter().position(|(name, _)| name == field.name()) {
                Some(i) => array(batch, i, field, self.times, &mut self.left)?,
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
            let Some((block, next)) = self.block.take() else {
                self.block = Some((self.blocks.next()?, 0));
                continue;
            };
            if let Some(batch) = block.batches().get(next) {
                let converted = self.convert(batch).map_err(|e| ArrowError::ExternalError(Box::new(e)));
                self.block = Some((block, next + 1));
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
            *left = left.checked_sub(text_bytes(column)).ok_or_else(|| {
                let detail = "text within the limits expected: read the records instead";
                Error::new(Kind::Limit, Stage::Column, 0, detail)
            })?;
            let target = Field::new(&declared.column, field.data_type().clone(), true);
            let found = arrow::arrays(batch, &[target])?.pop().flatten();
            Ok(found.unwrap_or_else(|| new_null_array(field.data_type(), batch.rows())))
        }
    }
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
