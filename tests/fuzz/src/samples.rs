//! Schemas and records that reach every encoding, and records of no schema at all.

use std::sync::Arc;

use fidelog_codec::{
    Schema,
    batch::{Batch, Skeletons},
    encoding::Encoding,
};

const RICH: &str = include_str!("../../vectors/encodings.schema.json");

/// Every encoding that the rich schema lacks, in the other style.
const WIDE: &str = r#"{"fidelog_schema":1,"version":3,"style":{"item":", ","key":": "},"event_time":"t","fields":[
    {"path":["n"],"column":"n","encoding":"number","pattern":"fraction"},
    {"path":["x"],"column":"x","encoding":"number","pattern":"exponent"},
    {"path":["f"],"column":"f","encoding":"number","pattern":"fixed:17"},
    {"path":["i"],"column":"i","encoding":"integer"},
    {"path":["b"],"column":"b","encoding":"boolean"},
    {"path":["h"],"column":"h","encoding":"hex","case":"lower","bytes":2},
    {"path":["u"],"column":"u","encoding":"uuid","case":"upper"},
    {"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DD hh:mm:ss.fff"},
    {"path":["e"],"column":"e","encoding":"timestamp","pattern":"epoch_s"},
    {"path":["o","p","x"],"column":"o_p_x","encoding":"text"},
    {"path":["o","p","y"],"column":"o_p_y","encoding":"json"},
    {"path":["o","z"],"column":"o_z","encoding":"text"}]}"#;

fn schema(json: &str) -> Arc<Schema> {
    match Schema::from_json(json) {
        Ok(schema) => Arc::new(schema),
        Err(error) => panic!("{error}"),
    }
}

/// The schema of the `encodings` vectors.
///
/// # Panics
/// If the document is wrong.
#[must_use]
pub fn rich_schema() -> Arc<Schema> {
    schema(RICH)
}

/// What the rich schema lacks.
///
/// # Panics
/// If the document is wrong.
#[must_use]
pub fn wide_schema() -> Arc<Schema> {
    schema(WIDE)
}

/// A schema that leaves something out.
const LOSSY: &str = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"keep":[["s"],["o","y"],["o","x"]],
    "fields":[{"path":["s"],"column":"s","encoding":"text","strip":"query"},
              {"path":["o","x"],"column":"x","encoding":"text","strip":"params"}]}"#;

/// The schema documents.
#[must_use]
pub const fn documents() -> [&'static str; 4] {
    [RICH, WIDE, LOSSY, include_str!("../../vectors/game.schema.json")]
}

/// Records of several shapes: values that recur, misfits, escapes, and no JSON.
#[must_use]
pub fn records() -> Vec<Vec<u8>> {
    let record = |i: usize| match i % 9 {
        0 => format!("{{\"i\": {i}, \"s\": \"user {} saw /p/{}\", \"b\": true}}", i % 5, i * 7 % 13),
        1 => format!("{{\"i\":-{i},\"n\":{}.5,\"h\":\"{:04X}\",\"b\":false}}", i % 3, i * 977 % 65_536),
        2 => format!("{{\"t\": \"2022-01-06 06:09:{:02}.117\", \"e\": {}}}", i % 60, 1_641_449_000 + i),
        3 => format!("{{\"o\": {{\"x\": \"\\u00e9\\ud83d{i}\", \"y\": [1,{{\"a\":\"]\"}}]}}, \"o\": null}}"),
        4 => {
            format!("{{\"u\":\"{:08x}-e89b-12d3-a456-426614174000\",\"f\":{i}.25,\"n\":1E5}}", i * 2_654_435)
        }
        5 => format!("line {i} at 2022-01-06T06:09:{:02}Z: 10.0.0.{} said {:016x}", i % 60, i % 256, i * i),
        6 => "{}".to_owned(),
        7 => format!("{{\"e\":\"{{\\\"a\\\":{i},\\\"b\\\":\\\"x\\\"}}\",\"i\":99999999999999999999}}"),
        _ => String::new(),
    };
    let mut records: Vec<Vec<u8>> = (0..45).map(|i| record(i).into_bytes()).collect();
    records.push(b"\xff\xfe{\"i\": 1}\r".to_vec());
    records
}

/// Records in the schema's default skeleton: null everywhere, and a value of its encoding in every field.
#[must_use]
pub fn fitting(schema: &Schema) -> Vec<Vec<u8>> {
    let schema = Arc::new(schema.clone());
    let columns = Batch::split(&schema, [&b""[..]]).columns().to_vec();
    let skeletons = Skeletons { ids: vec![u32::MAX], ..Skeletons::default() };
    let batch = match Batch::from_parts(Arc::clone(&schema), columns, skeletons) {
        Ok(batch) => batch,
        Err(error) => panic!("{error}"),
    };
    let nulls = match batch.records().next() {
        Some(Ok(record)) => record,
        other => panic!("the default skeleton without values: {other:?}"),
    };
    let mut parts = String::from_utf8_lossy(&nulls).into_owned();
    for field in schema.fields() {
        parts = parts.replacen("null", value(&field.encoding), 1);
    }
    vec![parts.into_bytes(), nulls]
}

const fn value(encoding: &Encoding) -> &'static str {
    match encoding {
        Encoding::Integer => "-42",
        Encoding::Number { .. } => "1.5",
        Encoding::Boolean => "true",
        Encoding::Hex { .. } => "\"ab01\"",
        Encoding::Uuid { .. } => "\"123e4567-e89b-12d3-a456-426614174000\"",
        Encoding::Timestamp { .. } => "\"2022-01-06T06:09:45.117Z\"",
        Encoding::Text => "\"a \\u00e9\\n\"",
        Encoding::Json => "[1, {\"a\": 2}]",
        #[allow(
            unreachable_patterns,
            reason = "an encoding that is added later is tried with a misfit first"
        )]
        _ => "0",
    }
}
