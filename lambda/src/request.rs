//! A request, whichever host it came through.

use crate::problem::{Code, Problem};

/// One request to the API.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST` and so on, in capitals.
    pub method: String,
    /// The path, still percent-encoded, without the query string.
    pub path: String,
    /// The query string, without the `?`.
    pub query: String,
    /// The headers; their names in any case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Who asks, as the host authenticated them. Query ids and cursors work for the caller that got them only.
    pub caller: String,
}

impl Request {
    /// A header's value by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A query parameter; one that is given twice is refused.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = form_urlencoded::parse(self.query.as_bytes()).filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.into_owned());
        match values.next() {
            Some(_) => Err(Problem::new(Code::BadRequest, format!("parameter {name} is given twice"))),
            None => Ok(first),
        }
    }
}
