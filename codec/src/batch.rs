//! Many records under one schema: every field's column, and the skeletons.

use alloc::{borrow::Cow, sync::Arc, vec::Vec};

use crate::{
    column::{Column, NULL, Strings, used},
    encoding::Value,
    error::{Error, Kind, Result, Stage},
    schema::Schema,
    skeleton::{self, Skeleton, Splitter, Template},
};

mod builder;
mod render;

use builder::ColumnBuilder;
pub use render::Renderer;

/// Many records under one schema, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    schema: Arc<Schema>,
    /// How many of the schema's fields, the first ones, are declared; the others were learned from the records.
    declared: usize,
    template: Arc<Template>,
    columns: Vec<Column>,
    skeletons: Skeletons,
}

/// One skeleton a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skeletons {
    /// The distinct skeletons that are not the default one, in order of first use.
    pub dictionary: Strings,
    /// An index into the dictionary a row; [`NULL`] is the schema's default skeleton.
    pub ids: Vec<u32>,
}

impl Batch {
    /// Splits records into columns and skeletons.
    pub fn split<'a>(schema: &Arc<Schema>, records: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut splitter = Splitter::new(schema);
        let mut columns: Vec<ColumnBuilder> =
            schema.fields().iter().map(|f| ColumnBuilder::new(&f.encoding)).collect();
        let mut skeletons = ColumnBuilder::strings();
        let mut scratch = Vec::new();
        let mut rows = 0;
        // The skeletons' ids of the splitter's shapes.
        let mut shape_ids: Vec<Option<u32>> = Vec::new();
        for record in records {
            let skeleton = splitter.split(record, &mut scratch, |field, value| {
                if let Some(column) = columns.get_mut(field) {
                    column.push(rows, value);
                }
            });
            match skeleton {
                Skeleton::Default => {}
                Skeleton::Stored { shape: None, bytes } => skeletons.push(rows, Value::Bytes(bytes)),
                Skeleton::Stored { shape: Some(shape), bytes } => {
                    shape_ids.resize(shape_ids.len().max(shape + 1), None);
                    if let Some(known) = shape_ids.get_mut(shape) {
                        *known = skeletons.push_known(rows, *known, bytes);
                    }
                }
            }
            rows += 1;
        }
        let columns = columns.into_iter().map(|c| c.finish(rows)).collect();
        let skeletons = match skeletons.finish(rows) {
            Column::Strings { dictionary, ids } => Skeletons { dictionary, ids },
            _ => Skeletons::default(),
        };
        let declared = schema.fields().len();
        Batch {
            schema: Arc::clone(schema),
            declared,
            template: Arc::new(Template::new(schema)),
            columns,
            skeletons,
        }
    }

    /// Puts columns and skeletons that come from elsewhere (a table, say) together.
    ///
    /// Refuses columns that are not of the schema's encodings or not equally long, and damaged skeletons.
    pub fn from_parts(schema: Arc<Schema>, columns: Vec<Column>, skeletons: Skeletons) -> Result<Self> {
        skeleton::check(&skeletons.dictionary, schema.fields().len())?;
        let declared = schema.fields().len();
        Batch::from_checked(schema, declared, columns, skeletons)
    }

    /// As [`Batch::from_parts`], with skeletons that are whole; only the first `declared` fields are declared.
    pub(crate) fn from_checked(
        schema: Arc<Schema>,
        declared: usize,
        columns: Vec<Column>,
        skeletons: Skeletons,
    ) -> Result<Self> {
        let fail = |at, detail| Err(Error::new(Kind::Malformed, Stage::Column, at, detail));
        if columns.len() != schema.fields().len() {
            return fail(columns.len(), "one column for each field expected");
        }
        let rows = skeletons.ids.len();
        if skeletons.ids.iter().any(|&id| id != NULL && id as usize >= skeletons.dictionary.len()) {
            return fail(0, "a skeleton's id must be in its dictionary");
        }
        for (i, (column, field)) in columns.iter().zip(schema.fields()).enumerate() {
            if !builder::fits(column, &field.encoding, rows) {
                return fail(i, "a column of the field's encoding, as long as the others, expected");
            }
        }
        let template = Arc::new(Template::new(&schema));
        Ok(Batch { schema, declared, template, columns, skeletons })
    }

    /// This batch with only the first `declared` fields declared.
    pub(crate) fn with_declared(self, declared: usize) -> Self {
        Batch { declared, ..self }
    }

    /// How many of the schema's fields, the first ones, are declared. The others were learned from the records that
    /// a block holds, so that it could code them, too; SQL and table do not see them.
    pub const fn declared(&self) -> usize {
        self.declared
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.skeletons.ids.len()
    }

    /// The schema.
    pub const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The columns, one for each field of the schema.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The skeletons.
    pub const fn skeletons(&self) -> &Skeletons {
        &self.skeletons
    }

    /// A renderer for many of the records: faster than [`Batch::record_into`] for each.
    pub fn renderer(&self) -> Renderer<'_> {
        Renderer::new(self)
    }

    /// The records in order.
    pub fn records(&self) -> impl Iterator<Item = Result<Vec<u8>>> {
        let mut renderer = self.renderer();
        (0..self.rows()).map(move |row| {
            let mut record = Vec::new();
            renderer.record_into(row, &mut record).map(|()| record)
        })
    }

    /// The first `rows` records.
    pub(crate) fn head(&self, rows: usize) -> Self {
        let rows = rows.min(self.rows());
        let ids = self.skeletons.ids.get(..rows).unwrap_or_default().to_vec();
        let skeletons = Skeletons { dictionary: used(&self.skeletons.dictionary, &ids), ids };
        let first: Vec<usize> = (0..rows).collect();
        let columns = self.columns.iter().map(|column| column.gather(&first)).collect();
        Batch {
            schema: Arc::clone(&self.schema),
            declared: self.declared,
            template: Arc::clone(&self.template),
            columns,
            skeletons,
        }
    }

    /// This batch under its declared fields alone: learned values stand in the skeletons again.
    pub fn declared_only(&self) -> Result<Cow<'_, Batch>> {
        if self.declared == self.schema.fields().len() {
            return Ok(Cow::Borrowed(self));
        }
        let schema = Arc::new(self.schema.without_learned(self.declared));
        let records = self.records().collect::<Result<Vec<_>>>()?;
        Ok(Cow::Owned(Batch::split(&schema, records.iter().map(Vec::as_slice))))
    }

    /// The value of `field` in `row`; `None` if there is no such field or row.
    pub fn value(&self, field: usize, row: usize) -> Option<Value<'_>> {
        let column = self.columns.get(field)?;
        Some(match column {
            Column::Integers { values, valid } if *valid.get(row)? => Value::Integer(*values.get(row)?),
            Column::Numbers { values, valid } if *valid.get(row)? => Value::Number(*values.get(row)?),
            Column::Booleans { values, valid } if *valid.get(row)? => Value::Boolean(*values.get(row)?),
            Column::Timestamps { micros, nanos, valid } if *valid.get(row)? => {
                Value::Timestamp(*micros.get(row)?, nanos.get(row).copied().unwrap_or(0))
            }
            Column::Strings { dictionary, ids } => match *ids.get(row)? {
                NULL => Value::Null,
                id => Value::Bytes(dictionary.get(id as usize)?),
            },
            _ => Value::Null,
        })
    }

    /// Appends the record's original bytes.
    pub fn record_into(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let id = *self
            .skeletons
            .ids
            .get(row)
            .ok_or_else(|| Error::new(Kind::Malformed, Stage::Column, row, "no such row"))?;
        let hole = |field: usize, out: &mut Vec<u8>| {
            let declared = self.schema.fields().get(field)?;
            declared.render(self.value(field, row)?, self.schema.style(), out).then_some(())
        };
        match id {
            NULL => self.template.fill(hole, out),
            id => skeleton::fill(self.skeletons.dictionary.get(id as usize).unwrap_or_default(), hole, out),
        }
    }
}
