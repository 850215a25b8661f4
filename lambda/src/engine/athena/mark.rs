//! A place in a result, as a cursor carries it: all that the next page needs, so that it costs one call.

use crate::engine::{EngineError, Kind, Result};

/// What a position's mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The beginning, before anything is known.
    Start,
    /// In the file of the result; the offset is a byte.
    File(File),
    /// A page of GetQueryResults by its token; the offset is a row of it.
    Token(String),
}

/// The file of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// `s3://…`
    pub(super) location: String,
    /// Which object that was.
    pub(super) etag: String,
    /// The columns.
    pub(super) kinds: Vec<Kind>,
}

const LETTERS: [(Kind, char); 9] = [
    (Kind::Bigint, 'i'),
    (Kind::Double, 'd'),
    (Kind::Boolean, 'b'),
    (Kind::Timestamp, 't'),
    (Kind::Date, 'a'),
    (Kind::Varchar, 'c'),
    (Kind::Varbinary, 'x'),
    (Kind::Json, 'j'),
    (Kind::Decimal, 'n'),
];

impl Mark {
    pub(super) fn write(&self) -> String {
        match self {
            Mark::Start => String::new(),
            Mark::Token(token) => format!("t{token}"),
            Mark::File(File { location, etag, kinds }) => {
                let letter = |kind: &Kind| LETTERS.iter().find(|(k, _)| k == kind).map(|(_, letter)| letter);
                let letters: String = kinds.iter().filter_map(letter).collect();
                format!("f{letters}\n{etag}\n{location}")
            }
        }
    }

    pub(super) fn read(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Mark::Start);
        }
        if let Some(token) = text.strip_prefix('t') {
            return Ok(Mark::Token(token.to_owned()));
        }
        let mut parts = text.strip_prefix('f').ok_or(EngineError::BadPosition)?.splitn(3, '\n');
        let mut part = || parts.next().ok_or(EngineError::BadPosition);
        let (letters, etag, location) = (part()?, part()?, part()?);
        let kind = |letter| LETTERS.iter().find(|(_, l)| *l == letter).map(|(kind, _)| *kind);
        let kinds = letters.chars().map(kind).collect::<Option<Vec<_>>>().ok_or(EngineError::BadPosition)?;
        Ok(Mark::File(File { location: location.to_owned(), etag: etag.to_owned(), kinds }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let kinds: Vec<Kind> = LETTERS.iter().map(|(kind, _)| *kind).collect();
        let file = File { location: "s3://b/p/q.csv".into(), etag: "\"1\"".into(), kinds };
        for mark in [Mark::Start, Mark::Token("a\nb".into()), Mark::File(file)] {
            assert_eq!(Mark::read(&mark.write()), Ok(mark));
        }
        for text in ["x", "f", "fq\n\n", "fi\n"] {
            assert_eq!(Mark::read(text), Err(EngineError::BadPosition), "{text:?}");
        }
    }
}
