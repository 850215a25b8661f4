//! The catalogue of a store in a directory: SQLite beside the data.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use iceberg::{Catalog, CatalogBuilder, io::LocalFsStorageFactory};
use iceberg_catalog_sql::{
    SQL_CATALOG_PROP_BIND_STYLE, SQL_CATALOG_PROP_URI, SQL_CATALOG_PROP_WAREHOUSE, SqlBindStyle,
    SqlCatalogBuilder,
};

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::{
    error::{Error, Result},
    ledger::PLAIN,
};

/// The catalogue's file in the directory.
const FILE: &str = "catalog.db";

/// The folder of the table's metadata.
const METADATA: &str = "warehouse/fidelog/logs/metadata";

/// What Iceberg's locations begin with.
const SCHEME: &str = "file://";

/// The folder of the tables.
pub(crate) const WAREHOUSE: &str = "/warehouse";

/// The catalogue's name in its own rows; every reader must give the same (PyIceberg: `SqlCatalog('sql', …)`).
const NAME: &str = "sql";

/// What means something in a URL is escaped in its path.
const URL_PATH: &AsciiSet = &PLAIN.remove(b'/');

/// Whether a catalogue may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Create,
    Open,
}

/// Opens the directory's catalogue; gives the directory's absolute path, too.
pub(crate) async fn sqlite(dir: &Path, mode: Mode) -> Result<(String, Arc<dyn Catalog>)> {
    let store = dir.display().to_string();
    let path = match directory(dir, mode) {
        Err(error) if mode == Mode::Open && error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NotAStore { store, why: "it has no catalog.db" });
        }
        path => path.map_err(|error| Error::io(&store, error))?,
    };
    if mode == Mode::Create && !path.join(FILE).exists() && path.join(METADATA).exists() {
        // A new catalogue would hide every record that the lost one led to.
        return Err(Error::damaged(&store, format!("{FILE} is missing, but {METADATA} is there")));
    }
    let Some(path) = path.to_str() else {
        return Err(Error::Path { store });
    };
    let access = if mode == Mode::Create { "rwc" } else { "rw" };
    let properties = HashMap::from([
        (
            SQL_CATALOG_PROP_URI.into(),
            format!("sqlite:{}/{FILE}?mode={access}", utf8_percent_encode(path, URL_PATH)),
        ),
        (SQL_CATALOG_PROP_WAREHOUSE.into(), format!("{SCHEME}{path}{WAREHOUSE}")),
        (SQL_CATALOG_PROP_BIND_STYLE.into(), SqlBindStyle::QMark.to_string()),
    ]);
    let builder = SqlCatalogBuilder::default().with_storage_factory(Arc::new(LocalFsStorageFactory));
    let catalog = builder.load(NAME, properties).await.map_err(|error| Error::table(path, error))?;
    Ok((path.to_owned(), Arc::new(catalog)))
}

/// A store's location as Iceberg spells it: a path gets its scheme.
pub(crate) fn url(location: &str) -> String {
    if location.starts_with('/') { format!("{SCHEME}{location}") } else { location.to_owned() }
}

/// The same the other way: a local path loses its scheme.
pub(crate) fn path(url: &str) -> &str {
    url.strip_prefix(SCHEME).unwrap_or(url)
}

/// The directory in which a table was made, by the location it notes, if that is not `path`.
pub(crate) fn origin(path: &str, location: &str) -> Option<String> {
    let noted = location.strip_prefix(SCHEME).unwrap_or(location);
    let inside = noted.strip_prefix(path).and_then(|rest| rest.strip_prefix(WAREHOUSE));
    if inside.is_some_and(|rest| rest.starts_with('/')) {
        return None;
    }
    Some(noted.rsplit_once(WAREHOUSE).map_or(noted, |(origin, _)| origin).to_owned())
}

/// The absolute path, which Iceberg writes into its metadata; when opening, the catalogue must be in it.
fn directory(dir: &Path, mode: Mode) -> io::Result<PathBuf> {
    match mode {
        Mode::Create => fs::create_dir_all(dir)?,
        Mode::Open => {
            fs::metadata(dir.join(FILE))?;
        }
    }
    fs::canonicalize(dir)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn a_table_is_at_home_where_it_was_made() {
        let location = "file:///a/b/warehouse/fidelog/logs";
        assert_eq!(origin("/a/b", location), None);
        for elsewhere in ["/a", "/a/b/c", "/a/b2", "/a/b/warehouse"] {
            assert_eq!(origin(elsewhere, location).as_deref(), Some("/a/b"), "{elsewhere}");
        }
    }
}
