//! A store: the table of logs with its catalogue.

use std::{collections::HashMap, ops::Range, path::Path, sync::Arc};

use fidelog_codec::Schema;
use iceberg::{Catalog, ErrorKind, NamespaceIdent, TableCreation, TableIdent, table::Table};

use crate::{
    catalogue::{self, Mode},
    error::{Error, Result},
    layout::{self, Options},
    ledger::Ledger,
    schemas::Schemas,
};

/// The namespace of the table.
pub const NAMESPACE: &str = "fidelog";

/// The table's name.
pub const TABLE: &str = "logs";

/// The table of logs with its catalogue. Cheap to clone; any number of stores, in any number of processes, may read
/// and append to one table at a time.
#[derive(Clone, Debug)]
pub struct Store {
    location: String,
    catalog: Arc<dyn Catalog>,
    ident: TableIdent,
}

impl Store {
    /// Makes a store in a directory, which may exist.
    ///
    /// The table appears in the catalogue in one step, last: what a crash leaves is no store yet, and running it
    /// again finishes it.
    pub async fn create(dir: impl AsRef<Path>, schema: &Schema, options: Options) -> Result<Self> {
        let (location, catalog) = catalogue::sqlite(dir.as_ref(), Mode::Create).await?;
        let store = Store::with_catalog(location, catalog);
        if store.exists().await? || !store.create_table(schema, options).await? {
            return Err(Error::AlreadyAStore { store: store.location });
        }
        Ok(store)
    }

    /// Opens the store in a directory; not a copy of one, nor one that was moved.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let (location, catalog) = catalogue::sqlite(dir.as_ref(), Mode::Open).await?;
        let store = Store::with_catalog(location, catalog);
        if !store.exists().await? {
            let why = "its catalogue holds no table of logs (was its making interrupted?)";
            return Err(Error::NotAStore { store: store.location, why });
        }
        store.in_place().await?;
        Ok(store)
    }

    /// Opens the store in a directory, or makes it; an existing one must have the schema among its versions.
    pub async fn open_or_create(dir: impl AsRef<Path>, schema: &Schema, options: Options) -> Result<Self> {
        let (location, catalog) = catalogue::sqlite(dir.as_ref(), Mode::Create).await?;
        let store = Store::with_catalog(location, catalog);
        if store.exists().await? || !store.create_table(schema, options).await? {
            store.in_place().await?;
            store.schemas().await?.version_of(schema).map_err(|detail| store.schema_differs(detail))?;
        }
        Ok(store)
    }

    /// The store behind a catalogue that the caller opened; `location` names it in messages.
    pub fn with_catalog(location: String, catalog: Arc<dyn Catalog>) -> Self {
        let ident = TableIdent::new(NamespaceIdent::new(NAMESPACE.into()), TABLE.into());
        Store { location, catalog, ident }
    }

    /// Where the store is, for messages.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The catalogue that the table is in.
    pub fn catalog(&self) -> &Arc<dyn Catalog> {
        &self.catalog
    }

    /// The table's name in the catalogue.
    pub const fn ident(&self) -> &TableIdent {
        &self.ident
    }

    /// The table as it is now: every call reads the newest metadata.
    pub async fn table(&self) -> Result<Table> {
        self.catalog.load_table(&self.ident).await.map_err(|e| self.fail(e))
    }

    /// All versions of the schema.
    pub async fn schemas(&self) -> Result<Schemas> {
        self.schemas_of(&self.table().await?)
    }

    /// The newest version of the schema.
    pub async fn schema(&self) -> Result<Arc<Schema>> {
        Ok(Arc::clone(self.schemas().await?.newest()))
    }

    /// All versions of the schema that a loaded table has.
    pub fn schemas_of(&self, table: &Table) -> Result<Schemas> {
        Schemas::read(table.metadata().properties()).map_err(|detail| Error::damaged(&self.location, detail))
    }

    /// How many records the table holds.
    pub async fn stored(&self) -> Result<u64> {
        Ok(self.ledger(&self.table().await?)?.stored)
    }

    /// Which of a source's indices `first..first + count` are not stored yet.
    pub async fn unseen(&self, source: &str, first: u64, count: u64) -> Result<Vec<Range<u64>>> {
        let ledger = self.ledger(&self.table().await?)?;
        Ok(ledger.unseen(source, first..first.saturating_add(count)))
    }

    pub(crate) fn ledger(&self, table: &Table) -> Result<Ledger> {
        Ledger::read(table.metadata().properties()).map_err(|detail| Error::damaged(&self.location, detail))
    }

    pub(crate) fn fail(&self, error: iceberg::Error) -> Error {
        Error::table(&self.location, error)
    }

    pub(crate) fn schema_differs(&self, detail: String) -> Error {
        Error::SchemaDiffers { store: self.location.clone(), detail }
    }

    async fn exists(&self) -> Result<bool> {
        self.catalog.table_exists(&self.ident).await.map_err(|e| self.fail(e))
    }

    /// Refuses a directory whose catalogue leads elsewhere: what is appended to a copy would land in its original.
    async fn in_place(&self) -> Result<()> {
        // A table that cannot be loaded cannot be written to either, and whoever needs it says what is wrong with it.
        let Ok(table) = self.table().await else { return Ok(()) };
        catalogue::origin(&self.location, table.metadata().location())
            .map_or(Ok(()), |origin| Err(Error::Moved { store: self.location.clone(), origin }))
    }

    /// `false` if another process made the table first.
    async fn create_table(&self, schema: &Schema, options: Options) -> Result<bool> {
        let namespace = self.ident.namespace();
        if !self.catalog.namespace_exists(namespace).await.map_err(|e| self.fail(e))?
            && let Err(error) = self.catalog.create_namespace(namespace, HashMap::new()).await
            && !self.catalog.namespace_exists(namespace).await.unwrap_or(false)
        {
            return Err(self.fail(error));
        }
        let table_schema = layout::table_schema(schema).map_err(|e| self.fail(e))?;
        let partition = layout::partition_spec(schema, &table_schema, options).map_err(|e| self.fail(e))?;
        let creation = TableCreation::builder()
            .name(TABLE.into())
            .schema(table_schema)
            .partition_spec(partition)
            .properties(layout::properties(schema))
            .build();
        match self.catalog.create_table(namespace, creation).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::TableAlreadyExists => Ok(false),
            Err(error) => match self.exists().await {
                Ok(true) => Ok(false),
                _ => Err(self.fail(error)),
            },
        }
    }
}
