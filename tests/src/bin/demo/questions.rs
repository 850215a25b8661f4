//! Three questions, chosen from the schema, each with the answer that it must get.

use std::collections::BTreeMap;

use fidelog_codec::{
    Limits,
    batch::Batch,
    encoding::{Encoding, TimestampPattern, Value},
};
use serde_json::Value as Json;

use crate::{
    Result, compare,
    report::{self, thousands},
    server::Server,
};

const BLOCK: &str = "application/vnd.fidelog.block";
const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// Most groups that a column may make to be worth counting by.
const FEW: usize = 50;

/// The records of a whole result, and what their payloads weighed.
pub struct Answer {
    pub records: Vec<Vec<u8>>,
    pub payloads: usize,
}

/// A count by the first text column with few values.
pub fn group(server: &Server, batch: &Batch) -> Result<()> {
    let Some((column, counts)) = groups(batch) else {
        return count(server, batch.rows());
    };
    let sql = format!(
        "SELECT \"{column}\" AS value, count(*) AS n FROM logs GROUP BY \"{column}\" ORDER BY n DESC"
    );
    report::title("How many of each?");
    println!("  {sql}");
    let mut got = BTreeMap::new();
    for (i, page) in server.query(&sql, JSON)?.iter().enumerate() {
        let body: Json = serde_json::from_slice(&page.body)?;
        let rows = body.get("rows").and_then(Json::as_array).ok_or("a JSON result has rows")?;
        for (j, row) in rows.iter().enumerate() {
            if i == 0 && j < 5 {
                println!("    {row}");
            }
            let value = row.get(0).and_then(Json::as_str).map(str::to_owned);
            got.insert(value, row.get(1).and_then(Json::as_u64).unwrap_or(0));
        }
    }
    if got != counts {
        return Err(format!("{sql}\n  expected {counts:?}\n  got      {got:?}").into());
    }
    println!("    {} groups, as counted in the input", got.len());
    Ok(())
}

fn count(server: &Server, rows: usize) -> Result<()> {
    let sql = "SELECT count(*) AS n FROM logs";
    report::title("How many?");
    println!("  {sql}");
    let body: Vec<u8> = server.query(sql, NDJSON)?.into_iter().flat_map(|page| page.body).collect();
    report::lines(&body, 5);
    let answer: Json = serde_json::from_slice(&body)?;
    if answer.get("n").and_then(Json::as_u64) != u64::try_from(rows).ok() {
        return Err(format!("{sql}: {rows} expected, got {answer}").into());
    }
    Ok(())
}

/// How often each value of the first text column with 2 to [`FEW`] values occurs.
fn groups(batch: &Batch) -> Option<(&str, BTreeMap<Option<String>, u64>)> {
    batch.schema().fields().iter().enumerate().filter(|(_, f)| f.encoding == Encoding::Text).find_map(
        |(i, field)| {
            let mut counts = BTreeMap::new();
            for row in 0..batch.rows() {
                let value = match batch.value(i, row)? {
                    Value::Bytes(text) => Some(std::str::from_utf8(text).ok()?.to_owned()),
                    _ => None,
                };
                *counts.entry(value).or_insert(0) += 1;
                if counts.len() > FEW {
                    return None;
                }
            }
            (counts.keys().flatten().count() > 1).then_some((field.column.as_str(), counts))
        },
    )
}

/// The records of one id (its commonest) within a time range, as they were sent.
pub fn one_id(server: &Server, batch: &Batch, records: &[&[u8]]) -> Result<()> {
    let Some((field, id)) = commonest(batch) else {
        println!("\n(No id or text column to look one value up by.)");
        return Ok(());
    };
    let column = &batch.schema().fields().get(field).ok_or("a field of the schema")?.column;
    let mut rows: Vec<usize> =
        (0..batch.rows()).filter(|&row| batch.value(field, row) == Some(Value::Bytes(&id.bytes))).collect();
    let mut sql = format!("SELECT * FROM logs WHERE \"{column}\" = '{}'", id.text.replace('\'', "''"));

    if let Some((time, from, to)) = range(batch, &rows) {
        let name = &batch.schema().fields().get(time).ok_or("a field of the schema")?.column;
        sql += &format!(" AND \"{name}\" >= '{}' AND \"{name}\" < '{}'", iso(from)?, iso(to)?);
        rows.retain(|&row| matches!(batch.value(time, row), Some(Value::Timestamp(us, _)) if (from..to).contains(&us)));
    }
    report::title("What did one of them send, and when?");
    println!("  {sql}");
    let answer = blocks(server, &sql)?;
    report::lines(&answer.records.join(&b'\n'), 3);
    let expected: Vec<&[u8]> = rows.iter().filter_map(|&row| records.get(row).copied()).collect();
    compare::same_multiset(&expected, &answer.records).map_err(|e| format!("{sql}: {e}"))?;
    println!("    {} records, byte-identical", thousands(answer.records.len()));
    Ok(())
}

/// An id as bytes and as it is spelled.
struct Id {
    bytes: Vec<u8>,
    text: String,
}

/// The first column of ids (else of text) and its commonest value.
fn commonest(batch: &Batch) -> Option<(usize, Id)> {
    let fields = batch.schema().fields();
    let is_id = |e: &Encoding| matches!(e, Encoding::Hex { .. } | Encoding::Uuid { .. });
    let field = fields.iter().position(|f| is_id(&f.encoding));
    let field = field.or_else(|| fields.iter().position(|f| f.encoding == Encoding::Text))?;
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for row in 0..batch.rows() {
        if let Some(Value::Bytes(bytes)) = batch.value(field, row) {
            *counts.entry(bytes).or_insert(0) += 1;
        }
    }
    let (bytes, _) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    let encoding = &fields.get(field)?.encoding;
    let mut spelled = Vec::new();
    if *encoding == Encoding::Text {
        spelled.extend_from_slice(bytes);
    } else {
        encoding.render(Value::Bytes(bytes), batch.schema().style(), &mut spelled);
        spelled.retain(|c| *c != b'"');
    }
    Some((field, Id { bytes: bytes.to_vec(), text: String::from_utf8(spelled).ok()? }))
}

/// The event-time field, and the earlier half of these rows' times: `[from, to)` in microseconds.
fn range(batch: &Batch, rows: &[usize]) -> Option<(usize, i64, i64)> {
    let field = batch.schema().event_time()?;
    let time = |&row: &usize| match batch.value(field, row) {
        Some(Value::Timestamp(us, _)) => Some(us),
        _ => None,
    };
    let mut times: Vec<i64> = rows.iter().filter_map(time).collect();
    times.sort_unstable();
    let from = *times.first()?;
    let to = (*times.get(times.len() / 2)?).max(from.checked_add(1)?);
    Some((field, from, to))
}

fn iso(micros: i64) -> Result<String> {
    let pattern = TimestampPattern::of(b"\"2000-01-01T00:00:00.000000Z\"").ok_or("a timestamp pattern")?;
    let mut text = Vec::new();
    fidelog_codec::encoding::timestamp::render(micros, 0, &pattern, &mut text);
    text.retain(|c| *c != b'"');
    Ok(String::from_utf8(text)?)
}

/// All records.
pub fn everything(server: &Server) -> Result<Answer> {
    report::title("And everything, as blocks");
    println!("  SELECT * FROM logs");
    let answer = blocks(server, "SELECT * FROM logs")?;
    println!(
        "    {} records in {} bytes of payload",
        thousands(answer.records.len()),
        thousands(answer.payloads)
    );
    Ok(answer)
}

/// A query's exact records, decoded from blocks page by page.
fn blocks(server: &Server, sql: &str) -> Result<Answer> {
    let mut answer = Answer { records: Vec::new(), payloads: 0 };
    for page in server.query(sql, BLOCK)? {
        if !page.is_exact {
            return Err(format!("{sql}: the answer is not marked as exact records").into());
        }
        answer.payloads += page.body.len();
        for record in fidelog_codec::decode(&page.body, &Limits::default())?.records() {
            answer.records.push(record?);
        }
    }
    Ok(answer)
}
