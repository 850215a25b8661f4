//! Where a store is.

use std::path::{Path, PathBuf};

use crate::{
    error::Error,
    objects::Objects,
    store::{NAMESPACE, TABLE},
};

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
}
