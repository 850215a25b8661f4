//! Where a store is.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{
    error::Error,
    objects::Objects,
    store::{NAMESPACE, TABLE},
};

/// What a place on S3 begins with; a directory of this name is written `./s3:`.
const SCHEME: &str = "s3:";

/// The longest name in Glue.
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html>
const MAX_NAME: usize = 255;

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A directory, with SQLite as the catalogue.
    Directory(PathBuf),
    /// A prefix on S3, with Glue as the catalogue.
    Glue {
        /// The prefix, `s3://bucket/prefix` without a slash at its end.
        root: String,
        /// The Glue database.
        database: String,
        /// The table's name in it.
        table: String,
    },
}

impl Place {
    /// What a command line names: a directory, or `s3://bucket/prefix` with this table in Glue; the error says what is
    /// wrong.
    pub fn named(place: &OsStr, database: &str, table: &str) -> Result<Self, String> {
        let Some(url) = place.to_str().filter(|place| place.starts_with(SCHEME)) else {
            return Ok(Place::from(place));
        };
        for name in [database, table] {
            // Glue keeps lower case only, and what else it takes is not what SQL takes.
            let is_plain = name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
            if !is_plain || name.is_empty() || name.len() > MAX_NAME {
                return Err(format!(
                    "{name:?} is no name in Glue; lower-case letters, digits and _ expected"
                ));
            }
        }
        match Place::s3(url)? {
            Place::Glue { root, .. } => {
                Ok(Place::Glue { root, database: database.into(), table: table.into() })
            }
            place => Ok(place),
        }
    }

    /// A prefix on S3, `s3://bucket/prefix`, under the usual names in Glue; the error says what is wrong with it.
    pub fn s3(url: &str) -> Result<Self, String> {
        let root = url.trim_end_matches('/');
        match root.strip_prefix("s3://").map(|rest| rest.split('/').next().unwrap_or_default()) {
            Some(bucket) if !bucket.is_empty() => {
                Ok(Place::Glue { root: root.into(), database: NAMESPACE.into(), table: TABLE.into() })
            }
            _ => Err(format!("{url:?} is no place on S3; s3://BUCKET/PREFIX expected")),
        }
    }
}

impl Place {
    /// The files of the store, beside its table.
    pub async fn objects(&self) -> crate::Result<Objects> {
        match self {
            Place::Glue { root, .. } => Objects::open(root).await,
            Place::Directory(path) => {
                let store = path.display().to_string();
                let path = std::path::absolute(path).map_err(|error| Error::io(&store, error))?;
                let path = path.into_os_string().into_string().map_err(|_| Error::Path { store })?;
                Objects::open(&path).await
            }
        }
    }
}

impl<P: AsRef<Path>> From<P> for Place {
    fn from(path: P) -> Self {
        Place::Directory(path.as_ref().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_a_bucket() {
        let Ok(Place::Glue { root, .. }) = Place::s3("s3://bucket/a/b/") else { panic!("refused") };
        assert_eq!(root, "s3://bucket/a/b");
        assert!(Place::s3("s3://bucket").is_ok());
        for bad in ["s3://", "s3:///x", "bucket/x"] {
            assert!(Place::s3(bad).is_err(), "{bad}");
        }
    }
    #[test]
    fn a_command_line_names_a_directory_or_a_table() {
        assert_eq!(Place::named("logs".as_ref(), "X", "").unwrap(), Place::from("logs"));
        let place = Place::named("s3://bucket/a/".as_ref(), "logs_1", "app").unwrap();
        let (database, table) = ("logs_1".into(), "app".into());
        assert_eq!(place, Place::Glue { root: "s3://bucket/a".into(), database, table });
        for (url, database) in
            [("s3://bucket", "Logs"), ("s3://bucket", ""), ("s3://bucket", "a.b"), ("s3:bucket", "logs")]
        {
            assert!(Place::named(url.as_ref(), database, "app").is_err(), "{url} {database}");
        }
    }
}
