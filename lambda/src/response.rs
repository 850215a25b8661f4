//! A response, whichever host it goes through.

use serde_json::Value;

use crate::problem::Problem;

/// Media type of problem details (RFC 9457).
pub(crate) const PROBLEM: &str = "application/problem+json";
pub(crate) const JSON: &str = "application/json";
pub(crate) const NDJSON: &str = "application/x-ndjson";
pub(crate) const BLOCK: &str = "application/vnd.fidelog.block";

/// AWS Lambda's limit for a synchronous response, which the local server keeps too: clients see one behaviour.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_RESPONSE: usize = 6_291_556;

/// What the gateway's JSON has around headers and body, `{"statusCode":200,"headers":{},"body":"","isBase64Encoded":true}`,
/// less the comma that no header has after the last one.
const ENVELOPE: usize = 63;

/// One response of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        // Answers are one caller's own, and a query's state changes.
        let headers =
            vec![("Content-Type", media_type.to_owned()), ("Cache-Control", "private, no-store".to_owned())];
        Response { status, headers, body }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Response::new(status, JSON, body.to_string().into_bytes())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// A header's value by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// How large a body may be beside these headers: in base64 and with the gateway's JSON around it, the response is
    /// within [`MAX_RESPONSE`].
    pub fn room(&self) -> usize {
        let escaped = |text: &str| text.len() + text.bytes().filter(|c| matches!(c, b'"' | b'\\')).count();
        // Quotation marks, a colon and a comma.
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + escaped(value) + 6).sum();
        MAX_RESPONSE.saturating_sub(ENVELOPE + headers) / 4 * 3
    }

    /// Whether the body is text (in UTF-8).
    pub fn is_text(&self) -> bool {
        self.header("content-type") != Some(BLOCK) && std::str::from_utf8(&self.body).is_ok()
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        let response =
            Response::new(problem.code.status(), PROBLEM, problem.to_json().to_string().into_bytes());
        let response = match problem.retry_after {
            Some(seconds) => response.with("Retry-After", seconds),
            None => response,
        };
        match problem.code {
            crate::problem::Code::Unauthorized => response.with("WWW-Authenticate", "Bearer"),
            _ => response,
        }
    }
}
