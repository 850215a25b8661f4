//! A store: the table of logs with its catalogue.

use std::{collections::HashMap, ops::Range, sync::Arc};

use fidelog_codec::Schema;
use iceberg::{Catalog, ErrorKind, NamespaceIdent, TableCreation, TableIdent, table::Table};

use crate::{
    catalogue::{self, Mode},
    checkpoint::{Checkpoint, Shard},
    error::{Error, Result},
    glue,
    layout::{self, Options},
    ledger::Ledger,
    place::Place,
    schemas::Schemas,
};

/// The namespace of the table; on Glue the usual one.
pub const NAMESPACE: &str = "fidelog";

/// The table's name; on Glue the usual one.
pub const TABLE: &str = "logs";

/// The store's folder of dead letters: not below the table, whose unknown files get removed.
const DEAD_LETTERS: &str = "dead-letter";

/// The table of logs with its catalogue. Cheap to clone; any number of stores, in any number of processes, may read
/// and append to one table at a time.
#[derive(Clone, Debug)]
pub struct Store {
    location: String,
    catalog: Arc<dyn Catalog>,
    ident: TableIdent,
}

impl Store {
    /// Makes a store in a directory, which may exist, or on S3.
    ///
    /// The table appears in the catalogue in one step, last: what a crash leaves is no store yet, and running it
    /// again finishes it.
    pub async fn create(place: impl Into<Place>, schema: &Schema, options: Options) -> Result<Self> {
        let store = Store::at(place.into(), Mode::Create).await?;
        if store.exists().await? || !store.create_table(schema, options).await? {
            return Err(Error::AlreadyAStore { store: store.location });
        }
        Ok(store)
    }

    /// Opens a store; not a copy of one, nor one that was moved.
    pub async fn open(place: impl Into<Place>) -> Result<Self> {
        let store = Store::at(place.into(), Mode::Open).await?;
        if !store.exists().await? {
            let why = "its catalogue holds no table of logs (was its making interrupted?)";
            return Err(Error::NotAStore { store: store.location, why });
        }
        store.in_place().await?;
        Ok(store)
    }

    /// Opens a store, if there is one.
    pub async fn find(place: impl Into<Place>) -> Result<Option<Self>> {
        match Store::open(place).await {
            Ok(store) => Ok(Some(store)),
            Err(Error::NotAStore { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a store, or makes it; an existing one must have the schema among its versions.
    pub async fn open_or_create(place: impl Into<Place>, schema: &Schema, options: Options) -> Result<Self> {
        let store = Store::at(place.into(), Mode::Create).await?;
        if store.exists().await? || !store.create_table(schema, options).await? {
            store.in_place().await?;
            store.schemas().await?.version_of(schema).map_err(|detail| store.schema_differs(detail))?;
        }
        Ok(store)
    }

    async fn at(place: Place, mode: Mode) -> Result<Self> {
        match place {
            Place::Directory(dir) => {
                let (location, catalog) = catalogue::sqlite(&dir, mode).await?;
                Ok(Store::with_catalog(location, catalog))
            }
            Place::Glue { root, database, table } => {
                let catalog = glue::open(&root).await?;
                let ident = TableIdent::new(NamespaceIdent::new(database), table);
                Ok(Store { location: root, catalog, ident })
            }
        }
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

    /// Fails if a source begins with another record than it did before: a file that was rotated, say.
    pub async fn check_first(&self, source: &str, record: &[u8]) -> Result<()> {
        let table = self.table().await?;
        self.check_first_in(&self.ledger(&table)?, &self.schemas_of(&table)?, source, record)
    }

    /// How far a shard is stored; none if nothing of it is.
    pub async fn checkpoint(&self, shard: &Shard) -> Result<Option<Checkpoint>> {
        Ok(self.ledger(&self.table().await?)?.checkpoint(shard).cloned())
    }

    /// How far each of several shards is stored, in their order.
    pub async fn checkpoints(&self, shards: &[Shard]) -> Result<Vec<Option<Checkpoint>>> {
        let ledger = self.ledger(&self.table().await?)?;
        Ok(shards.iter().map(|shard| ledger.checkpoint(shard).cloned()).collect())
    }

    /// Keeps a dead letter as the file `dead-letter/NAME` of the store, in place of an earlier one of that name.
    pub async fn keep_dead_letter(&self, name: &str, letter: Vec<u8>) -> Result<()> {
        let path = format!("{}/{DEAD_LETTERS}/{name}", catalogue::url(&self.location));
        let table = self.table().await?;
        let output = table.file_io().new_output(path).map_err(|e| self.fail(e))?;
        output.write(letter.into()).await.map_err(|e| self.fail(e))
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
        let found = table.metadata().location();
        match catalogue::origin(&self.location, found) {
            None => Ok(()),
            Some(_) if self.is_remote() => {
                Err(Error::Elsewhere { store: self.location.clone(), found: found.to_owned() })
            }
            Some(origin) => Err(Error::Moved { store: self.location.clone(), origin }),
        }
    }

    pub(crate) fn is_remote(&self) -> bool {
        self.location.starts_with("s3://")
    }

    /// The table's location where the catalogue does not choose it.
    fn table_location(&self) -> Option<String> {
        let (database, table) = (self.ident.namespace().to_url_string(), self.ident.name());
        self.is_remote().then(|| format!("{}{}/{database}/{table}", self.location, catalogue::WAREHOUSE))
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
            .name(self.ident.name().into())
            .location_opt(self.table_location())
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
