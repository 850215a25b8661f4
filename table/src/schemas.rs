//! The schema's versions, as table properties `fidelog.schema.1`, `fidelog.schema.2`, …, each written once.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use arrow_array::{Array, Int32Array, RecordBatch, cast::AsArray, types::Int32Type};
use fidelog_codec::{
    Error as CodecError, Schema, arrow,
    batch::Batch,
    error::{Kind, Stage},
};

use crate::layout::SCHEMA_VERSION;

const PREFIX: &str = "fidelog.schema.";

/// All versions of a table's schema; there is at least one.
#[derive(Clone, Debug)]
pub struct Schemas {
    newest: Arc<Schema>,
    /// In rising order, the newest included.
    versions: Vec<Arc<Schema>>,
}

/// A version's property.
pub(crate) fn property(schema: &Schema) -> (String, String) {
    (format!("{PREFIX}{}", schema.version()), schema.to_compact_json())
}

impl Schemas {
    pub(crate) fn read(properties: &HashMap<String, String>) -> Result<Self, String> {
        let mut versions = Vec::new();
        for (key, json) in properties.iter().filter(|(key, _)| key.starts_with(PREFIX)) {
            let schema = Schema::from_json(json).map_err(|error| format!("table property {key}: {error}"))?;
            if property(&schema).0 != *key {
                return Err(format!("table property {key} holds version {}", schema.version()));
            }
            versions.push(Arc::new(schema));
        }
        versions.sort_by_key(|schema| schema.version());
        match versions.last().cloned() {
            Some(newest) => Ok(Schemas { newest, versions }),
            None => Err("the table has no property fidelog.schema.1: it is not a table of logs".into()),
        }
    }

    /// The newest version.
    pub const fn newest(&self) -> &Arc<Schema> {
        &self.newest
    }

    /// All versions, the oldest first.
    pub fn all(&self) -> &[Arc<Schema>] {
        &self.versions
    }

    /// A version by its number.
    pub fn get(&self, version: u32) -> Option<&Arc<Schema>> {
        let at = self.versions.binary_search_by_key(&version, |schema| schema.version()).ok()?;
        self.versions.get(at)
    }

    /// What a record was when it was stored under each of the versions, some maybe twice.
    pub(crate) fn forms<'a>(&'a self, record: &'a [u8]) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let reductions = self.versions.iter().map(|schema| schema.reduction());
        reductions.map(|reduction| match reduction {
            None => Cow::Borrowed(record),
            Some(reduction) => {
                let mut reduced = Vec::new();
                reduction.apply(record, &mut reduced);
                Cow::Owned(reduced)
            }
        })
    }

    /// The number of the version that a schema is; the error says in what it differs.
    pub(crate) fn version_of(&self, schema: &Schema) -> Result<u32, String> {
        match self.get(schema.version()) {
            Some(own) if **own == *schema => Ok(schema.version()),
            Some(own) => Err(difference(own, schema)),
            None => Err(format!(
                "the schema is version {}, the store's newest is {}",
                schema.version(),
                self.newest.version()
            )),
        }
    }

    /// The records of a record batch of the table: one batch for each run of rows under one schema version, in order.
    ///
    /// The record batch holds all of the table's columns, in any order and with any of the layouts that
    /// [`fidelog_codec::arrow::column`] takes.
    pub fn batches(&self, record_batch: &RecordBatch) -> Result<Vec<Batch>, CodecError> {
        let fail = |detail| CodecError::with(Kind::Malformed, Stage::Column, 0, detail);
        let column = record_batch
            .column_by_name(SCHEMA_VERSION)
            .and_then(|column| column.as_primitive_opt::<Int32Type>());
        let column =
            column.ok_or_else(|| fail(format!("column {SCHEMA_VERSION} of 32-bit integers expected")))?;
        let mut batches = Vec::new();
        let mut start = 0;
        for length in runs(column) {
            let version = if column.is_valid(start) { column.value(start) } else { 0 };
            let schema = u32::try_from(version).ok().and_then(|version| self.get(version));
            let schema =
                schema.ok_or_else(|| fail(format!("row {start}: schema version {version} is unknown")))?;
            batches.push(arrow::batch(schema, &record_batch.slice(start, length))?);
            start += length;
        }
        Ok(batches)
    }
}

/// The lengths of the runs of equal values.
fn runs(column: &Int32Array) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut last = None;
    for value in column {
        match lengths.last_mut() {
            Some(length) if last == Some(value) => *length += 1,
            _ => lengths.push(1),
        }
        last = Some(value);
    }
    lengths
}

fn difference(own: &Schema, other: &Schema) -> String {
    for (own, other) in own.fields().iter().zip(other.fields()) {
        if own != other {
            return format!(
                "field {} ({}) differs from the store's {} ({})",
                other.name(),
                other.encoding.name(),
                own.name(),
                own.encoding.name()
            );
        }
    }
    if own.fields().len() != other.fields().len() {
        return format!(
            "the schema has {} fields, the store's has {}",
            other.fields().len(),
            own.fields().len()
        );
    }
    if own.reduction() != other.reduction() {
        return "what the schema leaves out (keep, strip) differs from what the store's does".into();
    }
    "the schema's style or event time differs from the store's".into()
}

#[cfg(test)]
mod tests {
    use arrow_schema::{Field as ArrowField, Schema as ArrowSchema};
    use fidelog_codec::{encoding::Encoding, schema::Field};

    use super::*;
    use crate::layout;

    const SCHEMA: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"fields":[
        {"path":["a"],"column":"a","encoding":"integer"}]}"#;

    fn versions() -> [Arc<Schema>; 2] {
        let first = Schema::from_json(SCHEMA).unwrap();
        let field = Field { path: vec!["b".into()], column: "b".into(), encoding: Encoding::Text };
        let second = first.widened(vec![field]).unwrap();
        [Arc::new(first), Arc::new(second)]
    }

    fn schemas(versions: &[Arc<Schema>]) -> Schemas {
        Schemas::read(&versions.iter().map(|schema| property(schema)).collect()).unwrap()
    }

    /// The table's columns after widening.
    fn target() -> arrow_schema::SchemaRef {
        let mut fields = arrow::schema_fields(&versions()[1]);
        fields.push(ArrowField::new(SCHEMA_VERSION, arrow_schema::DataType::Int32, true));
        fields.push(ArrowField::new(layout::SKELETON, arrow_schema::DataType::LargeBinary, true));
        Arc::new(ArrowSchema::new(fields))
    }

    #[test]
    fn rows_of_several_versions_are_records_again() {
        let [first, second] = versions();
        let records: [&[u8]; 4] = [br#"{"a":1,"b":"x"}"#, br#"{"a":2}"#, b"?", br#"{"b":"y"}"#];
        let target = target();
        let written = [
            layout::record_batch(&target, &Batch::split(&first, records[..1].iter().copied()), 0),
            layout::record_batch(&target, &Batch::split(&second, records[1..3].iter().copied()), 0),
            layout::record_batch(&target, &Batch::split(&first, records[3..].iter().copied()), 0),
        ];
        let written: Vec<RecordBatch> = written.into_iter().map(|batch| batch.unwrap()).collect();
        let together = arrow_select::concat::concat_batches(&target, &written).unwrap();

        let batches = schemas(&versions()).batches(&together).unwrap();
        assert_eq!(
            batches.iter().map(|b| (b.schema().version(), b.rows())).collect::<Vec<_>>(),
            [(1, 1), (2, 2), (1, 1)]
        );
        let mut back = Vec::new();
        for batch in &batches {
            for row in 0..batch.rows() {
                let mut record = Vec::new();
                batch.record_into(row, &mut record).unwrap();
                back.push(record);
            }
        }
        assert_eq!(back, records);

        let unknown = schemas(&versions()[..1]).batches(&together).unwrap_err();
        assert!(unknown.detail.contains("schema version 2"), "{unknown}");
    }

    #[test]
    fn damaged_properties_are_named() {
        let [first, _] = versions();
        let document = first.to_compact_json();
        for (key, json, why) in [
            ("fidelog.schema.1", "{", "fidelog.schema.1"),
            ("fidelog.schema.2", document.as_str(), "holds version 1"),
            ("other", document.as_str(), "no property"),
        ] {
            let error = Schemas::read(&HashMap::from([(key.into(), json.into())])).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_schema_is_one_of_the_versions_or_not() {
        let [first, second] = versions();
        let schemas = schemas(&[first.clone(), second.clone()]);
        assert_eq!((schemas.version_of(&first), schemas.version_of(&second)), (Ok(1), Ok(2)));
        assert_eq!(schemas.newest(), &second);
        let third = second.widened(vec![]).unwrap();
        assert!(schemas.version_of(&third).unwrap_err().contains("version 3"));
        let other = Schema::from_json(&SCHEMA.replace("integer", "text")).unwrap();
        assert!(schemas.version_of(&other).unwrap_err().contains("field a (text)"));
    }
}
