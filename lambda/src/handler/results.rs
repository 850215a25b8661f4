//! One page of a query's results, in the form that the caller wants.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Handler;
use crate::{
    accept::{Form, form},
    block,
    engine::Page,
    etag::ETag,
    exact::{Records, fields, find},
    problem::{Code, Problem},
    request::Request,
    response::{BLOCK, JSON, MAX_BODY, NDJSON, Response},
    rows::Rows,
    sql::Output,
    ticket::{Cursor, Ticket},
};
use fidelog_codec::Schema;

/// Rows of a page unless the caller says otherwise, and at most.
pub const DEFAULT_LIMIT: usize = 10_000;
/// Rows of a page at most.
pub const MAX_LIMIT: usize = 100_000;

/// What a JSON document has around its rows or block: a cursor and punctuation.
const AROUND: usize = 4_096;

/// What the caller wants of the results.
pub(super) struct Wanted {
    form: Form,
    limit: usize,
}

/// A page's body, and how many of the engine's rows are in it.
struct Body {
    bytes: Vec<u8>,
    rows: usize,
    /// Records that hold a newline.
    multiline: usize,
}

impl Body {
    /// Whether not even the first row fits.
    const fn is_stuck(&self, page: &Page) -> bool {
        self.rows == 0 && page.rows > 0
    }
}

impl Handler {
    pub(super) async fn results(&self, request: &Request, id: &str) -> Result<Response, Problem> {
        let ticket = Ticket::open(&self.signer, &request.caller, id)?;
        let wanted = self.wanted(request)?;
        // A page of a result never changes: its name says what it holds.
        let cursor = request.parameter("cursor")?.unwrap_or_default();
        let (form, limit) = (format!("{:?}", wanted.form), wanted.limit.to_string());
        let tag = ETag::of(&[env!("CARGO_PKG_VERSION"), id, &cursor, &form, &limit]);
        if tag.is_known_to(request) {
            return Ok(tag.on(Response { status: 304, ..Response::default() }));
        }
        Ok(tag.on(self.page(request, id, &ticket, &wanted).await?))
    }

    pub(super) fn wanted(&self, request: &Request) -> Result<Wanted, Problem> {
        let limit = match request.parameter("limit")? {
            None => DEFAULT_LIMIT,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => limit,
                _ => {
                    let detail = format!("limit is a number from 1 to {MAX_LIMIT}");
                    return Err(Problem::new(Code::BadRequest, detail));
                }
            },
        };
        Ok(Wanted { form: form(request.header("accept"))?, limit })
    }

    pub(super) async fn page(
        &self,
        request: &Request,
        id: &str,
        ticket: &Ticket,
        wanted: &Wanted,
    ) -> Result<Response, Problem> {
        let Cursor { at, rows: before } = match request.parameter("cursor")? {
            None => Cursor::default(),
            Some(cursor) => Cursor::open(&self.signer, &request.caller, id, &cursor)?,
        };
        let left = usize::try_from(self.options.max_rows.saturating_sub(before)).unwrap_or(usize::MAX);
        let page = self.engine.page(&ticket.engine, &at, wanted.limit.min(left.max(1))).await?;
        if left == 0 && page.rows > 0 {
            return Err(too_many(self.options.max_rows));
        }
        let schemas = self.engine.schemas().await?;
        let schema = find(&schemas, ticket.version)?;
        let outputs = ticket.outputs();
        let mut single = Vec::new();
        let mut body = match &outputs {
            None if wanted.form == Form::Json => {
                rows_body(&fields(&page, schema)?, &all_fields(schema), schema, wanted.form, &mut single)
            }
            None => {
                let records = Records::of(&page, &schemas, ticket.version)?;
                let body = if wanted.form == Form::Ndjson {
                    let mut writer = records.writer();
                    lines(records.len(), |row, out| Ok(writer.record_into(row, out)?))
                } else {
                    shrink(records.len(), wanted.form, |rows| Ok(records.payload(rows, schema)?))
                }?;
                if body.is_stuck(&page) {
                    records.writer().record_into(0, &mut single)?;
                }
                Ok(body)
            }
            Some(outputs) => rows_body(&page, outputs, schema, wanted.form, &mut single),
        }?;
        let past = body.rows.max(usize::from(body.is_stuck(&page)));
        let next = page.starts.get(past).or(page.next.as_ref());
        let next = next.map(|next| {
            let cursor = Cursor { at: next.clone(), rows: before + past as u64 };
            cursor.seal(&self.signer, &request.caller, id)
        });
        if body.is_stuck(&page) {
            let link = match page.starts.first() {
                Some(start) => self.engine.link(start, single).await?,
                None => None,
            };
            return Err(too_large().around(link, next));
        }
        let media_type = match wanted.form {
            Form::Block => BLOCK,
            Form::Ndjson => NDJSON,
            Form::Json | Form::JsonBlock => JSON,
        };
        if media_type == JSON {
            body.bytes.extend_from_slice(format!(",\"next\":{}}}", json!(next)).as_bytes());
        }
        let mut response = Response::new(200, media_type, body.bytes)
            .with("Fidelog-Query-Id", id)
            .with("Fidelog-Rows", body.rows)
            .with("Fidelog-Exact", outputs.is_none());
        if let Some(next) = next {
            response = response.with("Fidelog-Next", next);
        }
        if body.multiline > 0 {
            response = response.with("Fidelog-Multiline", body.multiline);
        }
        Ok(response)
    }
}

fn all_fields(schema: &Schema) -> Vec<Output> {
    let fields = schema.fields().iter().enumerate();
    fields.map(|(i, field)| Output { name: field.name(), field: Some(i) }).collect()
}

/// A body of rows; if not even the first fits, that one goes to `single`.
fn rows_body(
    page: &Page,
    outputs: &[Output],
    schema: &Schema,
    form: Form,
    single: &mut Vec<u8>,
) -> Result<Body, Problem> {
    let rows = Rows::new(page, outputs, schema);
    let mut body = match form {
        Form::Ndjson => lines(rows.len(), |row, out| {
            rows.object_into(row, out);
            Ok(())
        }),
        Form::Json => Ok(table(&rows)),
        Form::Block | Form::JsonBlock => shrink(rows.len(), form, |count| Ok(block::payload(&rows, count))),
    }?;
    body.multiline = 0;
    if body.is_stuck(page) {
        rows.object_into(0, single);
    }
    Ok(body)
}

fn too_many(most: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("the query gives more than {most} rows, which is as many as it may"))
        .hint("the pages before are right, but not all: narrow the query, aggregate, or split it by time")
}

fn too_large() -> Problem {
    Problem::new(Code::TooLarge, format!("one row is larger than a response may be ({MAX_BODY} bytes)"))
}

/// As many lines as fit.
fn lines(
    count: usize,
    mut put: impl FnMut(usize, &mut Vec<u8>) -> Result<(), Problem>,
) -> Result<Body, Problem> {
    let mut body = Body { bytes: Vec::new(), rows: 0, multiline: 0 };
    while body.rows < count {
        let start = body.bytes.len();
        put(body.rows, &mut body.bytes)?;
        let is_multiline = body.bytes.get(start..).unwrap_or_default().contains(&b'\n');
        body.bytes.push(b'\n');
        if body.bytes.len() > MAX_BODY {
            body.bytes.truncate(start);
            break;
        }
        body.multiline += usize::from(is_multiline);
        body.rows += 1;
    }
    Ok(body)
}

/// `{"columns":…,"rows":[…]` with as many rows as fit; `next` and the brace are still to come.
fn table(rows: &Rows<'_>) -> Body {
    let columns: Value = rows.columns_json();
    let mut bytes = format!("{{\"columns\":{columns},\"rows\":[").into_bytes();
    let mut count = 0;
    while count < rows.len() {
        let start = bytes.len();
        if count > 0 {
            bytes.push(b',');
        }
        rows.array_into(count, &mut bytes);
        if bytes.len() > MAX_BODY - AROUND {
            bytes.truncate(start);
            break;
        }
        count += 1;
    }
    bytes.push(b']');
    Body { bytes, rows: count, multiline: 0 }
}

/// A payload of as many rows as fit: half as many while it is too large.
fn shrink(
    count: usize,
    form: Form,
    payload: impl Fn(usize) -> Result<Vec<u8>, Problem>,
) -> Result<Body, Problem> {
    let mut rows = count;
    loop {
        let payload = payload(rows)?;
        let bytes = match form {
            Form::JsonBlock => format!("{{\"block\":\"{}\"", STANDARD.encode(payload)).into_bytes(),
            _ => payload,
        };
        if bytes.len() <= MAX_BODY - AROUND {
            return Ok(Body { bytes, rows, multiline: 0 });
        }
        if rows <= 1 {
            return Ok(Body { bytes: Vec::new(), rows: 0, multiline: 0 });
        }
        rows /= 2;
    }
}
