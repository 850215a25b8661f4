//! Keeps a commit on the metadata it was made for.
//!
//! `Transaction::commit` reloads the table and applies its actions to whatever it finds there, so that a late append
//! would silently be put on top of another writer's, past any check made before. The fence is the catalogue handed to
//! it: its `load_table` fails once the table is no longer the one that was checked. From there on the requirement that
//! an append carries (the current snapshot is still the same) makes check and append one step, because every change of
//! the ledger comes with a snapshot.

use std::collections::HashMap;

use async_trait::async_trait;
use iceberg::{
    Catalog, Error, ErrorKind, Namespace, NamespaceIdent, Result, TableCommit, TableCreation, TableIdent,
    table::Table,
};

/// A catalogue in which the table stays what it was.
#[derive(Debug)]
pub(crate) struct Fence<'a> {
    pub(crate) catalog: &'a dyn Catalog,
    pub(crate) base: &'a Table,
}

#[async_trait]
impl Catalog for Fence<'_> {
    async fn load_table(&self, table: &TableIdent) -> Result<Table> {
        let loaded = self.catalog.load_table(table).await?;
        if loaded.metadata_location() == self.base.metadata_location() {
            return Ok(loaded);
        }
        // Not retryable: that would only reload and apply again.
        Err(Error::new(ErrorKind::PreconditionFailed, "another writer committed first"))
    }

    async fn update_table(&self, commit: TableCommit) -> Result<Table> {
        self.catalog.update_table(commit).await
    }

    async fn list_namespaces(&self, parent: Option<&NamespaceIdent>) -> Result<Vec<NamespaceIdent>> {
        self.catalog.list_namespaces(parent).await
    }

    async fn create_namespace(
        &self,
        name: &NamespaceIdent,
        properties: HashMap<String, String>,
    ) -> Result<Namespace> {
        self.catalog.create_namespace(name, properties).await
    }

    async fn get_namespace(&self, name: &NamespaceIdent) -> Result<Namespace> {
        self.catalog.get_namespace(name).await
    }

    async fn namespace_exists(&self, name: &NamespaceIdent) -> Result<bool> {
        self.catalog.namespace_exists(name).await
    }

    async fn update_namespace(
        &self,
        name: &NamespaceIdent,
        properties: HashMap<String, String>,
    ) -> Result<()> {
        self.catalog.update_namespace(name, properties).await
    }

    async fn drop_namespace(&self, name: &NamespaceIdent) -> Result<()> {
        self.catalog.drop_namespace(name).await
    }

    async fn list_tables(&self, namespace: &NamespaceIdent) -> Result<Vec<TableIdent>> {
        self.catalog.list_tables(namespace).await
    }

    async fn create_table(&self, namespace: &NamespaceIdent, creation: TableCreation) -> Result<Table> {
        self.catalog.create_table(namespace, creation).await
    }

    async fn drop_table(&self, table: &TableIdent) -> Result<()> {
        self.catalog.drop_table(table).await
    }

    async fn purge_table(&self, table: &TableIdent) -> Result<()> {
        self.catalog.purge_table(table).await
    }

    async fn table_exists(&self, table: &TableIdent) -> Result<bool> {
        self.catalog.table_exists(table).await
    }

    async fn rename_table(&self, from: &TableIdent, to: &TableIdent) -> Result<()> {
        self.catalog.rename_table(from, to).await
    }

    async fn register_table(&self, table: &TableIdent, metadata_location: String) -> Result<Table> {
        self.catalog.register_table(table, metadata_location).await
    }
}
