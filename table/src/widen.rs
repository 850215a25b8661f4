//! Appends fields to a store's schema: as its next version, and as columns of the table by new ids.

use std::sync::Arc;

use fidelog_codec::{Schema, reduction::narrowing, schema::Field};
use iceberg::{
    spec::Type,
    table::Table,
    transaction::{AddColumn, ApplyTransactionAction, Transaction},
};

use crate::{
    append::{ATTEMPTS, pause},
    error::{Error, Result, chain, is_conflict},
    fence::Fence,
    layout, schemas,
    store::Store,
};

impl Store {
    /// Appends those fields of `schema` to the store's own that it lacks, in one commit; gives their columns. From then on
    /// no more is left out of records than `schema` says.
    ///
    /// Fields are known by path. A schema that lacks one of the store's fields, or has another encoding, style or event
    /// time, is refused: rows that are there could not be read under it. One that leaves out more than the store's does is
    /// refused as well: a source's record could no longer be told from another one.
    pub async fn widen(&self, schema: &Schema) -> Result<Vec<String>> {
        let mut reason = String::new();
        for attempt in 1..=ATTEMPTS {
            let table = self.table().await?;
            let own = Arc::clone(self.schemas_of(&table)?.newest());
            let fields = missing(&own, schema).map_err(|detail| self.schema_differs(detail))?;
            if fields.is_empty() && own.reduction() == schema.reduction() {
                return Ok(Vec::new());
            }
            let columns = fields.iter().map(|field| field.column.clone()).collect();
            let next =
                own.widened_as(fields, schema).map_err(|error| Error::codec(self.location(), error))?;
            match self.add_columns(&table, &next).await {
                Ok(()) => return Ok(columns),
                Err(error) if is_conflict(&error) => reason = chain(&error),
                Err(error) => return Err(self.fail(error)),
            }
            // An answer that was lost is resolved by looking: then nothing is missing any more.
            tokio::time::sleep(pause(attempt)).await;
        }
        Err(Error::Conflict { store: self.location().into(), attempts: ATTEMPTS, detail: reason })
    }

    async fn add_columns(&self, base: &Table, next: &Schema) -> iceberg::Result<()> {
        let wanted = layout::table_schema(next)?;
        let there = base.metadata().current_schema();
        let transaction = Transaction::new(base);
        let mut columns = transaction.update_schema();
        for field in wanted.as_struct().fields() {
            if there.field_id_by_name(&field.name).is_none()
                && let Type::Primitive(kind) = &*field.field_type
            {
                columns = columns.add_column(AddColumn::optional(&field.name, Type::Primitive(kind.clone())));
            }
        }
        let transaction = columns.apply(transaction)?;
        let mut properties = transaction.update_table_properties();
        for (key, value) in layout::filters(next).chain([schemas::property(next)]) {
            properties = properties.set(key, value);
        }
        let transaction = properties.apply(transaction)?;
        transaction.commit(&Fence { catalog: self.catalog().as_ref(), base }).await.map(drop)
    }
}

/// The fields that a store's schema lacks of another; what is wrong with that one.
fn missing(own: &Schema, other: &Schema) -> Result<Vec<Field>, String> {
    for field in own.fields() {
        match other.fields().iter().find(|theirs| theirs.path == field.path) {
            None => return Err(format!("the schema lacks the field {}, which the store has", field.name())),
            Some(theirs) if theirs == field => {}
            Some(theirs) => {
                return Err(format!(
                    "field {} is {} (column {}) in the schema, {} (column {}) in the store",
                    field.name(),
                    theirs.encoding.name(),
                    theirs.column,
                    field.encoding.name(),
                    field.column
                ));
            }
        }
    }
    let time = |schema: &Schema| {
        schema.event_time().and_then(|i| schema.fields().get(i)).map(|field| field.path.clone())
    };
    if time(own) != time(other) {
        return Err("the schema has another event time than the store".into());
    }
    if own.style() != other.style() {
        return Err("the schema has another style than the store".into());
    }
    if let Some(why) = narrowing(own.reduction(), other.reduction()) {
        return Err(format!("the schema leaves out more than the store: {why}"));
    }
    let is_new = |field: &&Field| own.fields().iter().all(|known| known.path != field.path);
    Ok(other.fields().iter().filter(is_new).cloned().collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use fidelog_codec::batch::Batch;

    use super::*;
    use crate::{Options, Part};

    fn schema(fields: &str) -> Schema {
        Schema::from_json(&format!(
            r#"{{"fidelog_schema":1,"version":1,"style":{{"item":",","key":":"}},"fields":[{fields}]}}"#
        ))
        .unwrap()
    }

    const A: &str = r#"{"path":["a"],"column":"a","encoding":"integer"}"#;
    const B: &str = r#"{"path":["b"],"column":"b","encoding":"text"}"#;

    #[tokio::test]
    async fn fields_are_appended_and_nothing_else_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path(), &schema(A), Options::default()).await.unwrap();
        let put = async |record: &'static [u8]| {
            let batch = Batch::split(&store.schema().await.unwrap(), [record]);
            store.append(&[Part { batch, source: None }]).await.unwrap();
        };
        let before = Batch::split(&store.schema().await.unwrap(), [br#"{"a":3}"#.as_slice()]);
        put(br#"{"a":1}"#).await;
        // The order of the fields in the file does not matter.
        assert_eq!(store.widen(&schema(&format!("{B},{A}"))).await.unwrap(), ["b"]);
        assert_eq!(store.widen(&schema(&format!("{A},{B}"))).await.unwrap(), Vec::<String>::new());
        put(br#"{"a":2,"b":"x"}"#).await;
        // A worker that has not noticed.
        store.append(&[Part { batch: before, source: None }]).await.unwrap();
        let mut records = store.records().await.unwrap();
        records.sort();
        assert_eq!(records, [&br#"{"a":1}"#[..], br#"{"a":2,"b":"x"}"#, br#"{"a":3}"#]);
        let table = store.table().await.unwrap();
        let columns = table.metadata().current_schema();
        assert_eq!(columns.field_id_by_name("a"), Some(1));
        assert_eq!(columns.field_id_by_name("b"), Some(5));
        assert_eq!(store.schema().await.unwrap().version(), 2);

        for (other, why) in [
            (schema(B), "lacks the field a"),
            (schema(&format!("{},{B}", A.replace("integer", "text"))), "a is text"),
        ] {
            let error = store.widen(&other).await.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[tokio::test]
    async fn ids_have_filters_from_the_start_and_later() {
        let folder = tempfile::tempdir().unwrap();
        let id =
            |name| format!(r#"{{"path":["{name}"],"column":"{name}","encoding":"uuid","case":"lower"}}"#);
        let (first, both) = (schema(&id("u")), schema(&format!("{},{A},{}", id("u"), id("v"))));
        let store = Store::create(folder.path(), &first, Options::default()).await.unwrap();
        let filtered = async || {
            let table = store.table().await.unwrap();
            let names = table.metadata().properties().keys();
            let names =
                names.filter_map(|name| name.strip_prefix("write.parquet.bloom-filter-enabled.column."));
            let mut names: Vec<String> = names.map(str::to_owned).collect();
            names.sort();
            names
        };
        assert_eq!(filtered().await, ["u"]);
        store.widen(&both).await.unwrap();
        assert_eq!(filtered().await, ["u", "v"]);
    }
}
