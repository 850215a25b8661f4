//! A page's columns become records again.

use std::{collections::BTreeMap, sync::Arc};

use fidelog_codec::{
    Level, Schema,
    batch::{Batch, Renderer, Skeletons},
    column::{Column, Strings},
    encode,
    encoding::Encoding,
};

use crate::engine::{EngineError, Page, Result, Typed};

/// The stored columns of an exact query, each with the nanoseconds beside it, without the hidden ones.
pub(crate) fn fields(page: &Page, schema: &Schema) -> Result<Page> {
    let fields = schema.fields();
    let mut columns = page.columns.get(..fields.len()).ok_or_else(|| bad("columns"))?.to_vec();
    let mut below = page.columns.iter().skip(fields.len());
    for (typed, _) in columns.iter_mut().zip(fields).filter(|(_, field)| has_nanos(&field.encoding)) {
        let below = below.next().ok_or_else(|| bad("columns"))?;
        let times =
            std::mem::replace(&mut typed.values, Column::Booleans { values: Vec::new(), valid: Vec::new() });
        typed.values = with_nanoseconds(times, &below.values)?;
    }
    Ok(Page { columns, rows: page.rows, starts: Vec::new(), next: None })
}

/// The records of a page, in order; those of one schema version share a batch.
pub(crate) struct Records {
    batches: Vec<Batch>,
    /// For each record its batch and row.
    places: Vec<(usize, usize)>,
}

impl Records {
    /// Takes the columns that an exact query asked for: those of `version`'s fields, the nanoseconds beside times, the
    /// schema version and the skeleton. Each record is read under the version that it was written under.
    pub(crate) fn of(page: &Page, schemas: &[Arc<Schema>], version: u32) -> Result<Self> {
        let newest = find(schemas, version)?;
        let fields = newest.fields().len();
        let with_nanos = newest.fields().iter().enumerate().filter(|(_, field)| has_nanos(&field.encoding));
        let with_nanos: Vec<usize> = with_nanos.map(|(i, _)| i).collect();
        let [stored @ .., versions, skeletons] = page.columns.as_slice() else {
            return Err(bad("columns"));
        };
        if stored.len() != fields + with_nanos.len() {
            return Err(bad("columns"));
        }
        let (stored, nanos) = stored.split_at(fields);
        let nanos: BTreeMap<usize, &Typed> = with_nanos.into_iter().zip(nanos).collect();
        let mut rows_of: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let Column::Integers { values, .. } = &versions.values else {
            return Err(bad("fidelog_schema"));
        };
        for (row, version) in values.iter().enumerate().take(page.rows) {
            rows_of.entry(*version).or_default().push(row);
        }
        let mut records = Records { batches: Vec::new(), places: vec![(0, 0); page.rows] };
        for (own, rows) in rows_of {
            if own > i64::from(version) {
                let why = "the table's schema was widened while the query was starting: run it again";
                return Err(EngineError::Failed(why.into()));
            }
            let schema = find(schemas, u32::try_from(own).unwrap_or(0))?;
            let mut columns = Vec::with_capacity(schema.fields().len());
            for (i, typed) in stored.iter().enumerate().take(schema.fields().len()) {
                let column = typed.values.gather(&rows);
                columns.push(match nanos.get(&i) {
                    Some(nanos) => with_nanoseconds(column, &nanos.values.gather(&rows))?,
                    None => column,
                });
            }
            let Column::Strings { dictionary, ids } = skeletons.values.gather(&rows) else {
                return Err(bad("fidelog_skeleton"));
            };
            for (i, row) in rows.into_iter().enumerate() {
                if let Some(place) = records.places.get_mut(row) {
                    *place = (records.batches.len(), i);
                }
            }
            let batch = Batch::from_parts(Arc::clone(schema), columns, Skeletons { dictionary, ids });
            records.batches.push(batch.map_err(|e| EngineError::Internal(e.to_string()))?);
        }
        Ok(records)
    }

    /// How many records.
    pub(crate) const fn len(&self) -> usize {
        self.places.len()
    }

    /// What spells them.
    pub(crate) fn writer(&self) -> Writer<'_> {
        Writer { places: &self.places, renderers: self.batches.iter().map(Batch::renderer).collect() }
    }

    /// The first records as one payload.
    pub(crate) fn payload(&self, rows: usize, schema: &Arc<Schema>) -> Result<Vec<u8>> {
        if let [batch] = self.batches.as_slice()
            && batch.rows() == rows
        {
            return Ok(fidelog_codec::container::encode_batch(batch, Level::Fast));
        }
        // Records of several versions, or some of a page: the newest schema takes any record.
        let mut bytes = Strings::default();
        let (mut writer, mut record) = (self.writer(), Vec::new());
        for row in 0..rows {
            record.clear();
            writer.record_into(row, &mut record)?;
            bytes.push(&record);
        }
        Ok(encode(schema, bytes.iter(), Level::Fast))
    }
}

/// Spells records: best in order, as what recurs is then spelled once.
pub(crate) struct Writer<'r> {
    places: &'r [(usize, usize)],
    renderers: Vec<Renderer<'r>>,
}

impl Writer<'_> {
    /// Appends the bytes of record `row`.
    pub(crate) fn record_into(&mut self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let &(batch, at) = self.places.get(row).ok_or_else(|| bad("rows"))?;
        let renderer = self.renderers.get_mut(batch).ok_or_else(|| bad("rows"))?;
        renderer.record_into(at, out).map_err(|e| EngineError::Internal(e.to_string()))
    }
}

/// The version's schema.
pub(crate) fn find(schemas: &[Arc<Schema>], version: u32) -> Result<&Arc<Schema>> {
    schemas.iter().find(|schema| schema.version() == version).ok_or_else(|| bad("schema version"))
}

fn bad(what: &str) -> EngineError {
    EngineError::Internal(format!("the engine's result has unexpected {what}"))
}

fn has_nanos(encoding: &Encoding) -> bool {
    matches!(encoding, Encoding::Timestamp { pattern } if pattern.has_nanos())
}

fn with_nanoseconds(column: Column, below: &Column) -> Result<Column> {
    match (column, below) {
        (Column::Timestamps { micros, valid, .. }, Column::Integers { values, .. }) => {
            let nanos = values.iter().map(|&n| u16::try_from(n).unwrap_or(0)).collect();
            Ok(Column::Timestamps { micros, nanos, valid })
        }
        _ => Err(bad("nanoseconds")),
    }
}
