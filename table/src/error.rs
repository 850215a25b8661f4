//! What can go wrong with a store: what, where, and what to do.

use std::{error::Error as StdError, io};

use iceberg::ErrorKind;

/// The result of a call on a store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no store in the directory.
    #[error(
        "{store} is not a Fidelog store: {why}; check the path, or make a store with fidelog consume --to"
    )]
    NotAStore {
        /// The directory.
        store: String,
        /// What is missing.
        why: &'static str,
    },
    /// There is a store already where one was to be made.
    #[error("{store} is a Fidelog store already; open it, or choose another directory")]
    AlreadyAStore {
        /// The directory.
        store: String,
    },
    /// The path cannot be written into a catalogue.
    #[error("{store}: a store's path must be UTF-8; choose another directory")]
    Path {
        /// The directory, with what is not UTF-8 replaced.
        store: String,
    },
    /// A file of the store is missing or holds something else than it should.
    #[error(
        "{store} is damaged or incomplete: {detail}; restore the file from a copy (a store that was moved must go \
         back to its first path: Iceberg notes absolute ones)"
    )]
    Damaged {
        /// The store.
        store: String,
        /// Which file, and what is wrong with it.
        detail: String,
    },
    /// A copy of a store, or one that was moved.
    #[error(
        "{store} was copied or moved from {origin}, and would still be read and written there, since Iceberg notes \
         absolute paths; put it back to {origin}, or use fidelog consume to make a new store"
    )]
    Moved {
        /// The directory.
        store: String,
        /// The directory in which it was made.
        origin: String,
    },
    /// The catalogue's table is somewhere else.
    #[error(
        "{store}: the catalogue's table lies at {found}; give the place that belongs to it, or another table's name"
    )]
    Elsewhere {
        /// The place that was given.
        store: String,
        /// The table's location.
        found: String,
    },
    /// Only Glue has optimizers.
    #[error(
        "{store} is in no Glue catalogue, and so has no optimizers; let fidelog maintain run on it once a day"
    )]
    NotInGlue {
        /// The store.
        store: String,
    },
    /// An optimizer that cannot be switched on.
    #[error(
        "{store}: Glue's optimizers cannot be switched on ({what}): {detail}; the role must let glue.amazonaws.com assume \
         it and write the table's files, and whoever calls needs glue:GetTableOptimizer, glue:CreateTableOptimizer, \
         glue:UpdateTableOptimizer and iam:PassRole on the role; the store itself is ready"
    )]
    Optimizer {
        /// The store.
        store: String,
        /// Which one.
        what: String,
        /// What Glue said.
        detail: String,
    },
    /// Another worker stored what came from a shard.
    #[error(
        "{store}: another worker has stored records of {shard} meanwhile; nothing was stored twice, read it again from \
         its checkpoint"
    )]
    Superseded {
        /// The store.
        store: String,
        /// The shard.
        shard: String,
    },
    /// The table and its history do not agree.
    #[error("{store}: {detail}; records may be missing or there twice, compare with their source")]
    Inconsistent {
        /// The store.
        store: String,
        /// What does not agree.
        detail: String,
    },
    /// Nobody says in which AWS region.
    #[error("{store}: no AWS region is set; set AWS_REGION, or a region in the AWS profile")]
    NoRegion {
        /// The store.
        store: String,
    },
    /// AWS refused a call, or could not be reached.
    #[error(
        "{store}: AWS refused the call or could not be reached ({detail}); check the credentials, the region, and the \
         rights on the bucket and in Glue"
    )]
    Aws {
        /// The store.
        store: String,
        /// AWS's own words.
        detail: String,
    },
    /// No space left.
    #[error("{store}: the disk is full ({detail}); nothing was committed, free some space and run it again")]
    DiskFull {
        /// The store.
        store: String,
        /// The operating system's or SQLite's own words.
        detail: String,
    },
    /// No permission.
    #[error(
        "{store}: permission denied ({detail}); make the directory and its files readable and writable for this user"
    )]
    Denied {
        /// The store.
        store: String,
        /// The operating system's or SQLite's own words.
        detail: String,
    },
    /// Other writers were faster each time, or the catalogue stayed locked.
    #[error(
        "{store}: not committed after {attempts} attempts ({detail}); nothing was stored, run it again when fewer writers are at work"
    )]
    Conflict {
        /// The store.
        store: String,
        /// How many attempts were made.
        attempts: usize,
        /// The last attempt's reason.
        detail: String,
    },
    /// The commit was sent, but the table could not be read afterwards.
    #[error(
        "{store}: whether the records were stored is not known, the table could not be read again ({detail}); run it \
         again under the same source name, which stores only what is missing"
    )]
    Uncertain {
        /// The store.
        store: String,
        /// Why the table could not be read.
        detail: String,
    },
    /// The schema is not one of the store's.
    #[error("{store}: {detail}; use the store's own schema, or another store")]
    SchemaDiffers {
        /// The store.
        store: String,
        /// In what it differs.
        detail: String,
    },
    /// A source's name or indices cannot be kept.
    #[error("source {name:?}: {why}")]
    Source {
        /// The source's name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A source that is another one than before.
    #[error(
        "{store}: source {name:?} began with another record when it was stored before, so this is another input (a \
         file that was rotated?), and nothing was stored; give it a name of its own"
    )]
    OtherSource {
        /// The store.
        store: String,
        /// The source's name.
        name: String,
    },
    /// A span of time, where nobody knows a record's time.
    #[error("{store}: its schema names no event time, so there is no span of it; leave the span out")]
    NoEventTime {
        /// The store.
        store: String,
    },
    /// Columns that do not fit the schema or an array.
    #[error("{store}: {source}")]
    Codec {
        /// The store.
        store: String,
        /// The codec's error.
        source: fidelog_codec::Error,
    },
    /// A file beside the table cannot be read, written or deleted.
    #[error("{store}: {detail}; check that it exists, and the rights on it")]
    Objects {
        /// The place.
        store: String,
        /// The service's own words.
        detail: String,
    },
    /// The operating system refused something else.
    #[error("{store}: {source}")]
    Io {
        /// The store.
        store: String,
        /// The system's error.
        source: io::Error,
    },
    /// Anything else the table format or its catalogue says.
    #[error("{store}: {detail}")]
    Table {
        /// The store.
        store: String,
        /// The whole chain of causes.
        detail: String,
        /// The first of them.
        source: Box<iceberg::Error>,
    },
}

impl Error {
    pub(crate) fn io(store: &str, source: io::Error) -> Self {
        let (store, detail) = (store.to_owned(), source.to_string());
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull { store, detail },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Error::Denied { store, detail }
            }
            _ => Error::Io { store, source },
        }
    }

    pub(crate) fn codec(store: &str, source: fidelog_codec::Error) -> Self {
        Error::Codec { store: store.to_owned(), source }
    }

    pub(crate) fn damaged(store: &str, detail: impl Into<String>) -> Self {
        Error::Damaged { store: store.to_owned(), detail: detail.into() }
    }

    /// Sorts an object service's error.
    pub(crate) fn objects(store: &str, source: &opendal::Error) -> Self {
        let (store, detail) = (store.to_owned(), source.to_string());
        match source.kind() {
            opendal::ErrorKind::PermissionDenied if !store.starts_with("s3:") => {
                Error::Denied { store, detail }
            }
            _ => Error::Objects { store, detail },
        }
    }

    /// Sorts an Iceberg error. Iceberg keeps SQLite's errors as sources, but of the file system's only their text.
    pub(crate) fn table(store: &str, source: iceberg::Error) -> Self {
        let detail = chain(&source);
        let says = |words: &[&str]| words.iter().any(|word| detail.contains(word));
        let store = store.to_owned();
        if sqlite_code(&source) == Some(SQLITE_FULL) || says(&["(os error 28)", "(os error 122)"]) {
            Error::DiskFull { store, detail }
        } else if matches!(sqlite_code(&source), Some(SQLITE_READONLY | SQLITE_CANTOPEN | SQLITE_PERM))
            || says(&["(os error 13)", "(os error 30)"])
        {
            Error::Denied { store, detail }
        } else if says(&AWS_WORDS) {
            Error::Aws { store, detail }
        } else if source.kind() == ErrorKind::DataInvalid
            || matches!(sqlite_code(&source), Some(SQLITE_CORRUPT | SQLITE_NOTADB))
            || causes(&source).any(|cause| cause.is::<::parquet::errors::ParquetError>())
        {
            Error::Damaged { store, detail }
        } else {
            Error::Table { store, detail, source: Box::new(source) }
        }
    }
}

/// What the libraries' errors say where AWS was the cause: of its services they keep only the text.
const AWS_WORDS: [&str; 6] = [
    "AccessDenied",
    "DispatchFailure",
    "ConstructionFailure",
    "NoSuchBucket",
    "InvalidAccessKey",
    "UnrecognizedClient",
];

/// Whether to reload and try again: another writer was faster, or SQLite's lock was not to be had in time.
pub(crate) fn is_conflict(error: &iceberg::Error) -> bool {
    error.retryable()
        || matches!(error.kind(), ErrorKind::CatalogCommitConflicts | ErrorKind::PreconditionFailed)
        || matches!(sqlite_code(error), Some(SQLITE_BUSY | SQLITE_LOCKED))
        || causes(error).any(|cause| matches!(cause.downcast_ref(), Some(sqlx::Error::PoolTimedOut)))
}

/// The error and what caused it, in words.
pub(crate) fn chain(error: &iceberg::Error) -> String {
    // An Iceberg error's own display ends with its source's.
    error.to_string()
}

// Primary result codes, https://www.sqlite.org/rescode.html
const SQLITE_PERM: u32 = 3;
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

/// The primary result code of the SQLite error behind an Iceberg error.
fn sqlite_code(error: &iceberg::Error) -> Option<u32> {
    let sqlx = causes(error).find_map(|cause| cause.downcast_ref::<sqlx::Error>())?;
    let code: u32 = sqlx.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn causes<'a>(error: &'a iceberg::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use iceberg::Error as Iceberg;

    use super::*;

    fn sorted(kind: ErrorKind, words: &str) -> Error {
        Error::table("/logs", Iceberg::new(kind, words))
    }

    #[test]
    fn the_file_systems_words_are_understood() {
        let full =
            sorted(ErrorKind::Unexpected, &format!("Failed to write: {}", io::Error::from_raw_os_error(28)));
        assert!(matches!(&full, Error::DiskFull { .. }), "{full}");
        assert!(full.to_string().starts_with("/logs: the disk is full"), "{full}");
        let denied =
            sorted(ErrorKind::DataInvalid, &format!("Failed to open: {}", io::Error::from_raw_os_error(13)));
        assert!(matches!(&denied, Error::Denied { .. }), "{denied}");
        let cut = sorted(ErrorKind::DataInvalid, "Failed to read file x");
        assert!(matches!(&cut, Error::Damaged { .. }), "{cut}");
        let other = sorted(ErrorKind::FeatureUnsupported, "encryption");
        assert!(matches!(&other, Error::Table { .. }), "{other}");
    }

    #[test]
    fn operating_system_errors_are_sorted() {
        assert!(matches!(Error::io("/x", io::Error::from_raw_os_error(28)), Error::DiskFull { .. }));
        assert!(matches!(Error::io("/x", io::Error::from_raw_os_error(30)), Error::Denied { .. }));
        assert!(matches!(Error::io("/x", io::Error::from_raw_os_error(20)), Error::Io { .. }));
    }

    #[test]
    fn conflicts_are_told_from_failures() {
        assert!(is_conflict(&Iceberg::new(ErrorKind::CatalogCommitConflicts, "late")));
        assert!(is_conflict(
            &Iceberg::new(ErrorKind::Unexpected, "pool").with_source(sqlx::Error::PoolTimedOut)
        ));
        assert!(!is_conflict(
            &Iceberg::new(ErrorKind::Unexpected, "other").with_source(sqlx::Error::RowNotFound)
        ));
    }
}
