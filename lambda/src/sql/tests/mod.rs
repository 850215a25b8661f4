//! The gate's verdicts, the rewrite's texts, and laws that hold for every input.

mod attacks;
mod bounds;
mod documentation;
mod laws;
mod names;
mod rewrite;
mod verdicts;

use fidelog_codec::Schema;

use super::{Param, Prepared, SqlError, Tables, prepare};

fn schema() -> Schema {
    Schema::from_json(
        r#"{"fidelog_schema": 1, "version": 1, "style": {"item": ", ", "key": ": "}, "event_time": "indate",
            "fields": [
                {"path": ["game_id"], "column": "game_id", "encoding": "integer"},
                {"path": ["gamer_id"], "column": "gamer_id", "encoding": "hex", "case": "lower", "bytes": 32},
                {"path": ["inDate"], "column": "indate", "encoding": "timestamp",
                 "pattern": "YYYY-MM-DDThh:mm:ss.fffZ"},
                {"path": ["url"], "column": "url", "encoding": "text"},
                {"path": ["method"], "column": "method", "encoding": "text"},
                {"path": ["tableAndColumn"], "column": "tableandcolumn", "encoding": "json"}]}"#,
    )
    .unwrap()
}

/// Names and encodings that are hard to tell apart.
fn awkward() -> Schema {
    Schema::from_json(
        r#"{"fidelog_schema": 1, "version": 1, "style": {"item": ",", "key": ":"},
            "fields": [
                {"path": ["Time"], "column": "time", "encoding": "text"},
                {"path": ["time"], "column": "time_2", "encoding": "text"},
                {"path": ["userIdentity", "arn"], "column": "useridentity_arn", "encoding": "text"},
                {"path": ["id"], "column": "id", "encoding": "uuid", "case": "lower"},
                {"path": ["other"], "column": "other", "encoding": "uuid", "case": "lower"},
                {"path": ["H"], "column": "h", "encoding": "hex", "case": "upper"},
                {"path": ["low"], "column": "low", "encoding": "hex", "case": "lower"},
                {"path": ["ts"], "column": "ts", "encoding": "timestamp", "pattern": "YYYY-MM-DDThh:mm:ss.fffffffffZ"}]}"#,
    )
    .unwrap()
}

fn try_on(schema: &Schema, sql: &str, params: &[Param]) -> Result<Prepared, SqlError> {
    prepare(sql, params, &Tables { name: "logs", schema, max_rows: None })
}

fn ready(sql: &str) -> Prepared {
    try_on(&schema(), sql, &[]).unwrap_or_else(|e| panic!("{sql}: {e}"))
}

/// The text for Athena, on the ordinary schema.
fn athena(sql: &str) -> String {
    ready(sql).sql
}

fn refusal(sql: &str) -> SqlError {
    match try_on(&schema(), sql, &[]) {
        Err(e) => e,
        Ok(prepared) => panic!("{sql} became {}", prepared.sql),
    }
}

fn names(prepared: &Prepared) -> Vec<&str> {
    prepared.columns.iter().map(|c| c.name.as_str()).collect()
}
