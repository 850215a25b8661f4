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
        // The parser of forms would put U+FFFD for what is no UTF-8, and the query would ask something else.
        if decoded(&self.query).is_err() {
            return Err(Problem::new(Code::BadRequest, "the query string is not UTF-8")
                .hint("percent-encode the bytes of its UTF-8 text"));
        }
        let mut values = form_urlencoded::parse(self.query.as_bytes()).filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.into_owned());
        match values.next() {
            Some(_) => Err(Problem::new(Code::BadRequest, format!("parameter {name} is given twice"))),
            None => Ok(first),
        }
    }
}

/// A query string without its percent-encoding.
fn decoded(query: &str) -> Result<String, std::string::FromUtf8Error> {
    let digit = |c: Option<&u8>| c.and_then(|c| char::from(*c).to_digit(16));
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, digit(tail.first()), digit(tail.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes)
}
