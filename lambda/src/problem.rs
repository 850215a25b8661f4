//! What went wrong, as callers are told it (RFC 9457).

use serde_json::{Value, json};

use crate::{
    engine::EngineError,
    sql::{SqlError, SqlErrorKind},
};

/// The kinds of problem. Programs tell them apart by `code`, people read `detail` and `hint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The text is no SQL.
    SqlSyntax,
    /// SQL that this API does not run.
    SqlRefused,
    /// A cursor that is not one of this query and caller.
    BadCursor,
    /// A malformed request.
    BadRequest,
    /// No media type that the caller accepts.
    NotAcceptable,
    /// No credentials, or wrong ones.
    Unauthorized,
    /// Credentials that do not reach so far.
    Forbidden,
    /// No such route, or no such query of this caller.
    NotFound,
    /// The route has other methods.
    MethodNotAllowed,
    /// The query has no results yet.
    NotFinished,
    /// The request, or one record of the answer, is over a limit.
    TooLarge,
    /// The engine could not run the query.
    QueryFailed,
    /// The query would have read more than is allowed.
    ScanLimit,
    /// The query was cancelled.
    Cancelled,
    /// Too many queries at once.
    Throttled,
    /// A fault on this side.
    Internal,
    /// A function that the engine here does not have.
    UnsupportedHere,
    /// The query took longer than is allowed.
    Timeout,
}

impl Code {
    /// The code as it is written.
    pub const fn name(self) -> &'static str {
        self.parts().0
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.parts().1
    }

    const fn parts(self) -> (&'static str, u16, &'static str) {
        match self {
            Code::SqlSyntax => ("sql_syntax", 400, "The SQL cannot be read"),
            Code::SqlRefused => ("sql_refused", 400, "The SQL is not allowed here"),
            Code::BadCursor => ("bad_cursor", 400, "The cursor is not one of this query"),
            Code::BadRequest => ("bad_request", 400, "The request is malformed"),
            Code::NotAcceptable => ("bad_request", 406, "No acceptable media type"),
            Code::Unauthorized => ("unauthorized", 401, "Credentials are missing or wrong"),
            Code::Forbidden => ("unauthorized", 403, "Not allowed"),
            Code::NotFound => ("not_found", 404, "Not found"),
            Code::MethodNotAllowed => ("bad_request", 405, "The route has other methods"),
            Code::NotFinished => ("not_finished", 409, "The query is still running"),
            Code::TooLarge => ("too_large", 413, "Too large"),
            Code::QueryFailed => ("query_failed", 422, "The query failed"),
            Code::ScanLimit => ("scan_limit", 422, "The query reads too much"),
            Code::Cancelled => ("cancelled", 422, "The query was cancelled"),
            Code::Throttled => ("throttled", 429, "Too many queries at once"),
            Code::Internal => ("internal", 500, "A fault on the server's side"),
            Code::UnsupportedHere => ("unsupported_here", 501, "This engine lacks what the query uses"),
            Code::Timeout => ("timeout", 504, "The query took too long"),
        }
    }
}

/// What went wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The kind.
    pub code: Code,
    /// What went wrong this time.
    pub detail: String,
    /// Line and column (from 1) of the caller's own SQL.
    pub position: Option<(u64, u64)>,
    /// What to do.
    pub hint: Option<String>,
    /// Seconds after which to ask again.
    pub retry_after: Option<u32>,
    /// How to get at a row that is too large for a response, and past it.
    pub around: Option<Box<Around>>,
}

/// How to get at a row that is too large for a response, and past it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// Where the row is.
    pub link: Option<String>,
    /// The cursor of what comes after it.
    pub next: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Problem { code, detail, position: None, hint: None, retry_after: None, around: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Says how to get at the row that is too large, and past it.
    pub(crate) fn around(mut self, link: Option<String>, next: Option<String>) -> Self {
        let by = if link.is_some() { "get it from the url" } else { "ask for a block, or for fewer columns" };
        let past = if next.is_some() { "; the cursor next goes on after it" } else { "" };
        self.around = Some(Box::new(Around { link, next }));
        self.hint(format!("{by}{past}"))
    }

    pub(crate) fn to_json(&self) -> Value {
        let (code, status, title) = self.code.parts();
        let mut json = json!({
            "type": format!("urn:fidelog:problem:{code}"), "title": title, "status": status, "code": code, "detail": self.detail,
        });
        if let Some((line, column)) = self.position {
            json["position"] = json!({"line": line, "column": column});
        }
        if let Some(hint) = &self.hint {
            json["hint"] = json!(hint);
        }
        if let Some(link) = self.around.as_ref().and_then(|around| around.link.as_ref()) {
            json["url"] = json!(link);
        }
        if let Some(next) = self.around.as_ref().and_then(|around| around.next.as_ref()) {
            json["next"] = json!(next);
        }
        json
    }
}

impl From<SqlError> for Problem {
    fn from(error: SqlError) -> Self {
        let code = match error.kind {
            SqlErrorKind::Syntax => Code::SqlSyntax,
            SqlErrorKind::Refused => Code::SqlRefused,
        };
        let hint = Some(error.hint).filter(|hint| !hint.is_empty());
        Problem { position: error.position, hint, ..Problem::new(code, error.detail) }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let problem = |code| Problem::new(code, error.to_string());
        match &error {
            EngineError::NotFound => {
                problem(Code::NotFound).hint("results are kept for a while only: run the query again")
            }
            EngineError::NotFinished => problem(Code::NotFinished).retry_after(1),
            EngineError::Failed(_) => problem(Code::QueryFailed),
            EngineError::ScanLimit(_) => problem(Code::ScanLimit).hint("narrow the time range"),
            EngineError::Cancelled => problem(Code::Cancelled).hint("run it again"),
            EngineError::Throttled => problem(Code::Throttled).hint("wait, then try again").retry_after(2),
            EngineError::Timeout(_) => problem(Code::Timeout).hint("narrow the time range or ask for less"),
            EngineError::TooLarge => problem(Code::TooLarge).hint("ask for fewer columns"),
            EngineError::Unsupported(_) => problem(Code::UnsupportedHere),
            EngineError::BadPosition => problem(Code::BadCursor).hint("start again without a cursor"),
            EngineError::Unreadable => {
                problem(Code::Internal).hint("the server's log says which file: restore it from a copy")
            }
            EngineError::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                Problem::new(Code::Internal, "the server could not do this; its log says why")
            }
        }
    }
}
