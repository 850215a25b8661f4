//! What a query id carries, and what a cursor carries.

use serde::{Deserialize, Serialize};

use crate::{
    engine::Position,
    problem::{Code, Problem},
    sql::Output,
    token::{Kind, Signer},
};

/// The longest query id: a gateway takes 10,240 bytes of request line and headers.
const MAX_ID: usize = 6_000;

/// All that the results of a query need to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    /// The engine's id.
    #[serde(rename = "e")]
    pub(crate) engine: String,
    /// The schema version that it was prepared under.
    #[serde(rename = "v")]
    pub(crate) version: u32,
    /// Its columns, as [`Output`]s; none for an exact query, which has the schema's.
    #[serde(rename = "c")]
    columns: Option<Vec<(String, Option<usize>)>>,
}

impl Ticket {
    pub(crate) fn new(engine: String, version: u32, exact: bool, columns: Vec<Output>) -> Self {
        let columns =
            (!exact).then(|| columns.into_iter().map(|output| (output.name, output.field)).collect());
        Ticket { engine, version, columns }
    }

    /// The columns, unless the query is exact.
    pub(crate) fn outputs(&self) -> Option<Vec<Output>> {
        let columns = self.columns.as_ref()?.iter();
        Some(columns.map(|(name, field)| Output { name: name.clone(), field: *field }).collect())
    }

    /// The query id.
    pub(crate) fn seal(&self, signer: &Signer, caller: &str) -> Result<String, Problem> {
        let payload = serde_json::to_vec(self).unwrap_or_default();
        let id = signer.sign(Kind::Query, caller, b"", &payload);
        if id.len() > MAX_ID {
            let detail = "the result's column names are too long together";
            return Err(Problem::new(Code::TooLarge, detail)
                .hint("give the columns shorter aliases, or select fewer"));
        }
        Ok(id)
    }

    /// Reads a query id; that of another caller is not found.
    pub(crate) fn open(signer: &Signer, caller: &str, id: &str) -> Result<Self, Problem> {
        let payload = signer.read(Kind::Query, caller, b"", id);
        let ticket = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
        ticket.ok_or_else(|| {
            Problem::new(Code::NotFound, "there is no such query").hint("start one with POST /v1/queries")
        })
    }
}

/// A place in the results of a query, and how many rows came before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    pub(crate) at: Position,
    pub(crate) rows: u64,
}

impl Cursor {
    /// As callers of query `id` get it.
    pub(crate) fn seal(&self, signer: &Signer, caller: &str, id: &str) -> String {
        let Cursor { at: Position { mark, offset }, rows } = self;
        let payload = [&offset.to_le_bytes()[..], &rows.to_le_bytes(), mark.as_bytes()].concat();
        signer.sign(Kind::Cursor, caller, id.as_bytes(), &payload)
    }

    /// Reads a cursor; one of another query or caller is none.
    pub(crate) fn open(signer: &Signer, caller: &str, id: &str, cursor: &str) -> Result<Self, Problem> {
        let cursor = signer.read(Kind::Cursor, caller, id.as_bytes(), cursor).and_then(|payload| {
            let (offset, rest) = payload.split_first_chunk::<8>()?;
            let (rows, mark) = rest.split_first_chunk::<8>()?;
            let at = Position {
                offset: u64::from_le_bytes(*offset),
                mark: std::str::from_utf8(mark).ok()?.into(),
            };
            Some(Cursor { at, rows: u64::from_le_bytes(*rows) })
        });
        cursor.ok_or_else(|| {
            let detail = "the cursor was not given out for this query and caller, or it was changed";
            Problem::new(Code::BadCursor, detail).hint("start again without a cursor")
        })
    }
}
