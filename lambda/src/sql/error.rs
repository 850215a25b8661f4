//! Refusals, each with the place in the user's text where it can be known.

use sqlparser::{
    ast::Spanned,
    tokenizer::{Location, Span},
};

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlErrorKind {
    /// The text is no SQL.
    Syntax,
    /// The text is SQL, but not allowed here.
    Refused,
}

/// Why a query is not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}: {hint}")]
pub struct SqlError {
    /// What kind of refusal it is.
    pub kind: SqlErrorKind,
    /// Line and column (from 1) of the user's text.
    pub position: Option<(u64, u64)>,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

pub(super) type Result<T> = std::result::Result<T, SqlError>;

impl SqlError {
    pub(super) fn refused(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        SqlError { kind: SqlErrorKind::Refused, position: None, detail: detail.into(), hint: hint.into() }
    }

    pub(super) fn syntax(position: Location, detail: impl Into<String>) -> Self {
        SqlError {
            kind: SqlErrorKind::Syntax,
            position: Some((position.line.max(1), position.column.max(1))),
            detail: detail.into(),
            hint: "correct the SQL; queries are written as for Athena (Trino)".into(),
        }
    }

    /// Sets the position unless a narrower one is known.
    pub(super) fn at(mut self, span: Span) -> Self {
        if self.position.is_none() && span.start.line > 0 {
            self.position = Some((span.start.line, span.start.column));
        }
        self
    }

    /// Sets the position to a node's unless a narrower one is known.
    pub(super) fn within(self, node: &impl Spanned) -> Self {
        if self.position.is_some() { self } else { self.at(node.span()) }
    }
}
