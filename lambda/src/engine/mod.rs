//! What runs prepared SQL over the log table.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use fidelog_codec::{Schema, column::Column};
use serde::Serialize;

use crate::sql::Prepared;

#[cfg(feature = "athena")]
pub mod athena;
#[cfg(feature = "local")]
pub mod local;

/// The result of a call to an engine.
pub type Result<T> = std::result::Result<T, EngineError>;

/// Runs prepared SQL over the log table.
#[async_trait]
pub trait Engine: Send + Sync {
    /// All versions of the table's schema, in order.
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>>;

    /// Starts a query; the id is the engine's own. The same `intention` gives the same query, not a second one.
    async fn start(&self, query: Start) -> Result<String>;

    /// How a query is doing.
    async fn status(&self, id: &str) -> Result<Status>;

    /// Up to `limit` rows of a finished query, from a position.
    async fn page(&self, id: &str, at: &Position, limit: usize) -> Result<Page>;

    /// A link to bytes that are too large for a response, if the engine has a place for them; `at` is where they come
    /// from.
    async fn link(&self, _at: &Position, _bytes: Vec<u8>) -> Result<Option<String>> {
        Ok(None)
    }

    /// Stops a query; one that has ended stays as it is.
    async fn cancel(&self, id: &str) -> Result<()>;

    /// Waits until the query has ended, but not longer than this.
    async fn wait(&self, id: &str, at_most: Duration) -> Result<Status> {
        let end = tokio::time::Instant::now() + at_most;
        let mut pause = Duration::from_millis(50);
        loop {
            let status = self.status(id).await?;
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            if status.state.is_final() || left.is_zero() {
                return Ok(status);
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// A query to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// What the gate let through; nothing else reaches an engine.
    pub prepared: Prepared,
    /// A name for what the caller wants done once, if it gave one: 64 hex digits.
    pub intention: Option<String>,
}

/// Where a query is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Runs.
    Running,
    /// Has results.
    Succeeded,
    /// Has an error.
    Failed,
    /// Was stopped.
    Cancelled,
}

impl State {
    /// Whether it stays so.
    pub const fn is_final(self) -> bool {
        matches!(self, State::Succeeded | State::Failed | State::Cancelled)
    }
}

/// How a query is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// Where it is in its life.
    pub state: State,
    /// Why it failed.
    pub error: Option<EngineError>,
    /// How long the engine has worked on it.
    pub engine_ms: u64,
    /// How many bytes it read from the table, if known.
    pub bytes_scanned: Option<u64>,
    /// How many rows the result has, if known.
    pub rows: Option<u64>,
}

/// A place in a result: the engine's own mark, and how far from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The engine's mark; empty at the start.
    pub mark: Arc<str>,
    /// Rows or bytes after it, as the engine counts.
    pub offset: u64,
}

/// Some rows of a result, column by column.
#[derive(Clone, Debug)]
pub struct Page {
    /// The columns in the order of the SQL.
    pub columns: Vec<Typed>,
    /// How many rows.
    pub rows: usize,
    /// Where each of these rows begins.
    pub starts: Vec<Position>,
    /// Where the rows after these begin, if there may be any.
    pub next: Option<Position>,
}

/// One column of a result.
#[derive(Clone, Debug)]
pub struct Typed {
    /// What its values mean.
    pub kind: Kind,
    /// Its values.
    pub values: Column,
}

/// What the values of a result's column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A 64-bit integer.
    Bigint,
    /// A double.
    Double,
    /// True or false.
    Boolean,
    /// An instant in UTC.
    Timestamp,
    /// Days since 1970-01-01, as integers.
    Date,
    /// Text.
    Varchar,
    /// Bytes.
    Varbinary,
    /// The text of one JSON value, as strings; arrays and maps come so.
    Json,
    /// The digits of an exact number, as strings.
    Decimal,
}

impl Kind {
    /// Its name in SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Bigint => "bigint",
            Kind::Double => "double",
            Kind::Boolean => "boolean",
            Kind::Timestamp => "timestamp",
            Kind::Date => "date",
            Kind::Varchar => "varchar",
            Kind::Varbinary => "varbinary",
            Kind::Json => "json",
            Kind::Decimal => "decimal",
        }
    }
}

/// Why an engine does not do what it was asked. The texts are for callers: nothing internal is in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// There is no such query (any more).
    #[error("there is no such query")]
    NotFound,
    /// The query has not ended yet.
    #[error("the query has not finished yet")]
    NotFinished,
    /// The query failed.
    #[error("{0}")]
    Failed(String),
    /// The query was stopped at the scan limit.
    #[error("{0}")]
    ScanLimit(String),
    /// The query was cancelled.
    #[error("the query was cancelled")]
    Cancelled,
    /// Too many queries at once.
    #[error("too many queries are running")]
    Throttled,
    /// The query took longer than is allowed.
    #[error("the query was stopped after {} s", .0.as_secs())]
    Timeout(Duration),
    /// One row of the result is larger than what is read.
    #[error("a row of the result is too large to read")]
    TooLarge,
    /// The engine lacks what the query uses.
    #[error("{0}")]
    Unsupported(String),
    /// The position is none of this result.
    #[error("the cursor points to no place in this result")]
    BadPosition,
    /// The table's files cannot be read; the log says which.
    #[error("the table could not be read: a file of it is missing or damaged")]
    Unreadable,
    /// A fault; the text is for the log only.
    #[error("internal error: {0}")]
    Internal(String),
}
