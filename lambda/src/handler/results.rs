//! One page of a query's results, in the form that the caller wants.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Handler;
use crate::{
    accept::{Form, form},
    block,
    engine::{Page, Position},
    etag::ETag,
    exact::{Records, fields, find},
    gzip,
    problem::{Code, Problem},
    request::Request,
    response::{BLOCK, JSON, NDJSON, Response},
    rows::Rows,
    sql::Output,
    ticket::{Cursor, Ticket},
};
use fidelog_codec::Schema;

/// Rows of a page unless the caller says otherwise, and at most.
pub const DEFAULT_LIMIT: usize = 10_000;
/// Rows of a page at most.
pub const MAX_LIMIT: usize = 100_000;

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
        let seal = |at: &Position, rows: usize| {
            let cursor = Cursor { at: at.clone(), rows: before + rows as u64 };
            cursor.seal(&self.signer, &request.caller, id)
        };
        // The longest that `next` may be.
        let ends = page.starts.iter().chain(&page.next).max_by_key(|at| at.mark.len());
        let next = ends.map(|at| seal(at, page.rows));
        let longest = head(wanted.form, id, page.rows, outputs.is_none(), next.as_deref(), page.rows);
        let room = gzip::marked(ETag::of(&[]).on(longest)).room();
        let room = match wanted.form {
            Form::Json | Form::JsonBlock => room.saturating_sub(ending(next.as_deref()).len()),
            Form::Ndjson | Form::Block => room,
        };
        let mut single = Vec::new();
        let mut body = match &outputs {
            None if wanted.form == Form::Json => rows_body(
                &fields(&page, schema)?,
                &all_fields(schema),
                schema,
                (wanted.form, room),
                &mut single,
            ),
            None => {
                let records = Records::of(&page, &schemas, ticket.version)?;
                let body = if wanted.form == Form::Ndjson {
                    let mut writer = records.writer();
                    lines(records.len(), room, |row, out| Ok(writer.record_into(row, out)?))
                } else {
                    shrink(records.len(), (wanted.form, room), |rows| Ok(records.payload(rows, schema)?))
                }?;
                if body.is_stuck(&page) {
                    records.writer().record_into(0, &mut single)?;
                }
                Ok(body)
            }
            Some(outputs) => rows_body(&page, outputs, schema, (wanted.form, room), &mut single),
        }?;
        let past = body.rows.max(usize::from(body.is_stuck(&page)));
        let next = page.starts.get(past).or(page.next.as_ref());
        let next = next.map(|at| seal(at, past));
        if body.is_stuck(&page) {
            let link = match page.starts.first() {
                Some(start) => self.engine.link(start, single).await?,
                None => None,
            };
            return Err(too_large(room).around(link, next));
        }
        if matches!(wanted.form, Form::Json | Form::JsonBlock) {
            body.bytes.extend_from_slice(ending(next.as_deref()).as_bytes());
        }
        let head = head(wanted.form, id, body.rows, outputs.is_none(), next.as_deref(), body.multiline);
        Ok(Response { body: body.bytes, ..head })
    }
}

/// A page without its body.
fn head(form: Form, id: &str, rows: usize, exact: bool, next: Option<&str>, multiline: usize) -> Response {
    let media_type = match form {
        Form::Block => BLOCK,
        Form::Ndjson => NDJSON,
        Form::Json | Form::JsonBlock => JSON,
    };
    let mut head = Response::new(200, media_type, Vec::new())
        .with("Fidelog-Query-Id", id)
        .with("Fidelog-Rows", rows)
        .with("Fidelog-Exact", exact);
    if let Some(next) = next {
        head = head.with("Fidelog-Next", next);
    }
    if multiline > 0 {
        head = head.with("Fidelog-Multiline", multiline);
    }
    head
}

/// How a JSON page ends.
fn ending(next: Option<&str>) -> String {
    format!(",\"next\":{}}}", json!(next))
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
    (form, room): (Form, usize),
    single: &mut Vec<u8>,
) -> Result<Body, Problem> {
    let rows = Rows::new(page, outputs, schema);
    let mut body = match form {
        Form::Ndjson => lines(rows.len(), room, |row, out| {
            rows.object_into(row, out);
            Ok(())
        }),
        Form::Json => Ok(table(&rows, room)),
        Form::Block | Form::JsonBlock => {
            shrink(rows.len(), (form, room), |count| Ok(block::payload(&rows, count)))
        }
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

fn too_large(room: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("one row is larger than a response may be ({room} bytes)"))
}

/// As many lines as fit.
fn lines(
    count: usize,
    room: usize,
    mut put: impl FnMut(usize, &mut Vec<u8>) -> Result<(), Problem>,
) -> Result<Body, Problem> {
    let mut body = Body { bytes: Vec::new(), rows: 0, multiline: 0 };
    while body.rows < count {
        let start = body.bytes.len();
        put(body.rows, &mut body.bytes)?;
        let is_multiline = body.bytes.get(start..).unwrap_or_default().contains(&b'\n');
        body.bytes.push(b'\n');
        if body.bytes.len() > room {
            body.bytes.truncate(start);
            break;
        }
        body.multiline += usize::from(is_multiline);
        body.rows += 1;
    }
    Ok(body)
}

/// `{"columns":…,"rows":[…]` with as many rows as fit; `next` and the brace are still to come.
fn table(rows: &Rows<'_>, room: usize) -> Body {
    let columns: Value = rows.columns_json();
    let mut bytes = format!("{{\"columns\":{columns},\"rows\":[").into_bytes();
    let mut count = 0;
    while count < rows.len() {
        let start = bytes.len();
        if count > 0 {
            bytes.push(b',');
        }
        rows.array_into(count, &mut bytes);
        // The bracket is still to come.
        if bytes.len() >= room {
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
    (form, room): (Form, usize),
    payload: impl Fn(usize) -> Result<Vec<u8>, Problem>,
) -> Result<Body, Problem> {
    let mut rows = count;
    loop {
        let payload = payload(rows)?;
        let bytes = match form {
            Form::JsonBlock => format!("{{\"block\":\"{}\"", STANDARD.encode(payload)).into_bytes(),
            _ => payload,
        };
        if bytes.len() <= room {
            return Ok(Body { bytes, rows, multiline: 0 });
        }
        if rows <= 1 {
            return Ok(Body { bytes: Vec::new(), rows: 0, multiline: 0 });
        }
        rows /= 2;
    }
}
