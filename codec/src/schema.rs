//! The declared fields, their encodings and the JSON style: a versioned JSON document.
//!
//! ```json
//! {"fidelog_schema": 1, "version": 1, "style": {"item": ", ", "key": ": "}, "event_time": "indate",
//!  "fields": [{"path": ["game_id"], "column": "game_id", "encoding": "integer"},
//!             {"path": ["gamer_id"], "column": "gamer_id", "encoding": "hex", "case": "lower", "bytes": 32},
//!             {"path": ["inDate"], "column": "indate", "encoding": "timestamp",
//!              "pattern": "YYYY-MM-DDThh:mm:ss.fffZ"},
//!             {"path": ["payload", "\"", "temp"], "column": "payload_temp", "encoding": "number",
//!              "pattern": "shortest"}]}
//! ```
//!
//! A document may also say what is left out of records, by `"keep": [PATH, …]` and, in a text field, `"strip": "query"` or
//! `"params"`: see [`crate::reduction`].

use alloc::{boxed::Box, collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{Encoding, Value, embedded},
    error::{Error, Kind, Result, Stage},
    reduction::{Path, Reduction, Strip},
};

mod columns;
mod document;
mod rules;

pub use columns::column_names;
use document::Document;

/// The version of the document itself (not of the schema it holds).
const DOCUMENT_VERSION: u32 = 1;

/// Prefix of the table's own columns; a user's column never starts with it.
pub const RESERVED_PREFIX: &str = "fidelog_";

/// Most fields a schema may have.
pub const MAX_FIELDS: usize = 4096;

/// Most keys of a path.
pub const MAX_KEYS: usize = 64;

/// How the sender spells JSON: what the default skeleton and the text encoding assume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Between members: `", "` or `","`.
    pub item: String,
    /// Between a key and its value: `": "` or `":"`.
    pub key: String,
    /// How characters beyond ASCII are written.
    #[serde(default, skip_serializing_if = "is_default")]
    pub non_ascii: NonAscii,
    /// Whether `/` is written `\/`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub escape_solidus: bool,
    /// Whether `<`, `>` and `&` are written `\u003c`, `\u003e` and `\u0026`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub escape_html: bool,
    /// How JSON inside strings is spelled, if in another style: another program may have written it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<Box<Style>>,
}

impl Style {
    /// The style inside so many strings.
    pub fn within(&self, depth: usize) -> &Style {
        self.embedded.as_deref().filter(|_| depth > 0).unwrap_or(self)
    }
}

impl Default for Style {
    fn default() -> Self {
        Style {
            item: ", ".into(),
            key: ": ".into(),
            non_ascii: NonAscii::Raw,
            escape_solidus: false,
            escape_html: false,
            embedded: None,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How characters beyond ASCII are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NonAscii {
    /// As UTF-8.
    #[default]
    Raw,
    /// As `\u00e9`.
    Lower,
    /// As `\u00E9`.
    Upper,
}

/// One member of the record's JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The keys on the way to it, each spelled as between the record's quotation marks; a `"` goes into the JSON text
    /// in the string before it (see [`embedded`]).
    pub path: Vec<String>,
    /// Its column's name in SQL: lower-case letters, digits and `_`, unique in the schema.
    pub column: String,
    /// Its encoding.
    #[serde(flatten)]
    pub encoding: Encoding,
}

impl Field {
    /// The name people use: the path's keys joined with dots.
    pub fn name(&self) -> String {
        keys(&self.path).collect::<Vec<_>>().join(".")
    }

    /// How many strings the field stands inside: its values are escaped so many times.
    pub fn depth(&self) -> usize {
        embedded::depth(&self.path)
    }

    /// Appends a value's spelling as it stands in the record; `false` if the value is not one of the field's encoding.
    pub fn render(&self, value: Value<'_>, style: &Style, out: &mut Vec<u8>) -> bool {
        embedded::render(&self.encoding, &self.path, value, style, out)
    }
}

/// A path's keys, without the steps into strings.
fn keys(path: &[String]) -> impl Iterator<Item = &str> {
    path.iter().map(String::as_str).filter(|key| *key != embedded::STEP)
}

/// The declared fields, their encodings and the JSON style.
///
/// Versions of one schema only append fields; they share style and event time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Document")]
pub struct Schema {
    fidelog_schema: u32,
    version: u32,
    style: Style,
    event_time: Option<String>,
    fields: Vec<Field>,
    /// Shared, as blocks' schemas are copied often.
    reduction: Option<Arc<Reduction>>,
}

impl Schema {
    /// A schema of version 1; refuses what the document rules refuse.
    pub fn new(style: Style, event_time: Option<String>, fields: Vec<Field>) -> Result<Self> {
        let schema = Schema { event_time, fields, ..Schema::empty(style) };
        schema.check()?;
        Ok(schema)
    }

    /// A schema without fields: every record is all skeleton.
    pub fn empty(style: Style) -> Self {
        Schema {
            fidelog_schema: DOCUMENT_VERSION,
            version: 1,
            style,
            event_time: None,
            fields: Vec::new(),
            reduction: None,
        }
    }

    /// Reads a schema document.
    pub fn from_json(json: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(json)
            .map_err(|e| Error::with(Kind::Schema, Stage::Schema, offset_of(json, &e), format!("{e}")))?;
        let schema = document.into_schema()?;
        if schema.fidelog_schema != DOCUMENT_VERSION {
            let given = schema.fidelog_schema;
            return Err(invalid(format!("fidelog_schema is {given}, this program reads {DOCUMENT_VERSION}")));
        }
        schema.check()?;
        Ok(schema)
    }

    /// Writes the schema document, for people.
    pub fn to_json(&self) -> String {
        // Serialising strings, integers and vectors cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Writes the schema document, short.
    pub fn to_compact_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The schema's version; a later version has the same fields first.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The JSON style.
    pub const fn style(&self) -> &Style {
        &self.style
    }

    /// The fields in the order of the default skeleton.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The index of the event-time field.
    pub fn event_time(&self) -> Option<usize> {
        let name = self.event_time.as_deref()?;
        self.fields.iter().position(|f| f.column == name)
    }

    /// What is left out of records under this schema; whoever takes records in applies it.
    pub fn reduction(&self) -> Option<&Reduction> {
        self.reduction.as_deref()
    }

    /// This schema with a reduction: the paths of what stays (none: everything), and what is cut of the URLs in columns.
    pub fn reduced(self, keep: Option<Vec<Path>>, strip: &BTreeMap<String, Strip>) -> Result<Self> {
        let mut stripped = Vec::new();
        for (column, part) in strip {
            let field = self.fields.iter().find(|field| field.column == *column);
            let field = field.ok_or_else(|| invalid(format!("no field has the column {column}")))?;
            stripped.push((field.path.clone(), *part));
        }
        let reduction = Reduction::new(keep, stripped).map_err(invalid)?.map(Arc::new);
        let schema = Schema { reduction, ..self };
        schema.check()?;
        Ok(schema)
    }

    /// This schema with `fields` appended, as its next version.
    pub fn widened(&self, fields: Vec<Field>) -> Result<Self> {
        self.followed(fields, self.reduction.clone())
    }

    /// This schema with `fields` appended and what `other` leaves out, as its next version.
    pub fn widened_as(&self, fields: Vec<Field>, other: &Schema) -> Result<Self> {
        self.followed(fields, other.reduction.clone())
    }

    fn followed(&self, fields: Vec<Field>, reduction: Option<Arc<Reduction>>) -> Result<Self> {
        let mut next = Schema { version: self.version + 1, reduction, ..self.clone() };
        next.fields.extend(fields);
        next.check()?;
        Ok(next)
    }

    /// This schema with fields that nobody declared appended, for one block's use.
    pub(crate) fn learned(&self, fields: Vec<Field>) -> Result<Self> {
        // A block says nothing of what was left out before.
        let mut wider = Schema { reduction: None, ..self.clone() };
        wider.fields.extend(fields);
        wider.check()?;
        Ok(wider)
    }

    /// This schema with only its first `declared` fields.
    pub(crate) fn without_learned(&self, declared: usize) -> Self {
        let mut narrower = self.clone();
        narrower.fields.truncate(declared);
        narrower
    }

    /// This schema under a version number that a block's header gives.
    pub(crate) fn with_version(self, version: u32) -> Result<Self> {
        let schema = Schema { version, ..self };
        schema.check()?;
        Ok(schema)
    }
}

fn invalid(detail: String) -> Error {
    Error::with(Kind::Schema, Stage::Schema, 0, detail)
}

/// The byte offset of a serde_json error's line and column.
fn offset_of(json: &str, error: &serde_json::Error) -> usize {
    let line_start: usize =
        json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    line_start + error.column().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    #[test]
    fn columns_are_safe_and_unique() {
        let paths = [vec!["inDate".to_string()], vec!["Time".to_string()], vec!["time".to_string()]];
        let more =
            [vec!["a".to_string(), "b".to_string()], vec!["0".to_string()], vec!["fidelog_x".to_string()]];
        let inside = [["p", "\"", "t"].map(String::from).to_vec(), ["p", "t"].map(String::from).to_vec()];
        let all: Vec<&[String]> = paths.iter().chain(&more).chain(&inside).map(Vec::as_slice).collect();
        let names = ["indate", "time", "time_2", "a_b", "_0", "_fidelog_x", "p_t", "p_t_2"];
        assert_eq!(column_names(all), names);
    }

    #[test]
    fn impossible_documents_are_refused() {
        for (json, why) in [
            ("{", "EOF"),
            (r#"{"fidelog_schema":2,"version":1,"style":{"item":",","key":":"},"fields":[]}"#, "reads 1"),
            (r#"{"fidelog_schema":1,"version":1,"style":{"item":";","key":":"},"fields":[]}"#, "style.item"),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"event_time":"x","fields":[]}"#,
                "event_time",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},
                    "fields":[{"path":["a"],"column":"A","encoding":"text"}]}"#,
                "lower-case",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},
                    "fields":[{"path":["a"],"column":"a","encoding":"json"},
                              {"path":["a","b"],"column":"b","encoding":"text"}]}"#,
                "inside another",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},
                    "fields":[{"path":["a","\""],"column":"a","encoding":"json"}]}"#,
                "stands between",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"keep":[["b"]],
                    "fields":[{"path":["a"],"column":"a","encoding":"json"}]}"#,
                "a: it is not kept",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"keep":[],"fields":[]}"#,
                "keep names nothing",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},
                    "fields":[{"path":["a"],"column":"a","encoding":"json","strip":"query"}]}"#,
                "a URL is text",
            ),
            (
                r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},
                    "fields":[{"path":["a"],"column":"a","encoding":"text","strip":"hash"}]}"#,
                "hash",
            ),
        ] {
            let error = Schema::from_json(json).unwrap_err();
            assert!(error.detail.contains(why), "{json}: {error}");
        }
    }

    #[test]
    fn documents_come_back() {
        let json = r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": ","non_ascii":"upper"},"event_time":"t","fields":[{"path":["t"],"column":"t","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.fffZ"},{"path":["h"],"column":"h","encoding":"hex","case":"lower","bytes":32},{"path":["n"],"column":"n","encoding":"number","pattern":"shortest"}]}"#;
        let schema = Schema::from_json(json).unwrap();
        assert_eq!(schema.to_compact_json(), json);
        assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
        assert_eq!(schema.event_time(), Some(0));
    }

    #[test]
    fn reductions_come_back_and_belong_to_versions() {
        let json = r#"{"fidelog_schema":1,"version":1,"style":{"item":",","key":":"},"keep":[["a"],["u","v"]],"fields":[{"path":["a"],"column":"a","encoding":"text","strip":"params"}]}"#;
        let schema = Schema::from_json(json).unwrap();
        assert_eq!(schema.to_compact_json(), json);
        let column = ("a".to_string(), Strip::Params);
        let bare = Schema::new(schema.style.clone(), None, schema.fields.clone()).unwrap();
        assert!(bare.reduction().is_none());
        let keep = schema.reduction().and_then(Reduction::keep).map(<[Path]>::to_vec);
        assert_eq!(bare.clone().reduced(keep.clone(), &BTreeMap::from([column.clone()])).unwrap(), schema);
        assert!(bare.clone().reduced(None, &BTreeMap::from([("b".to_string(), column.1)])).is_err());

        let field = |path: &[&str]| Field {
            path: path.iter().map(ToString::to_string).collect(),
            column: "b".to_string(),
            encoding: Encoding::Text,
        };
        assert_eq!(schema.widened(vec![field(&["u", "v"])]).unwrap().reduction(), schema.reduction());
        assert!(schema.widened(vec![field(&["b"])]).is_err());
        let next = schema.widened_as(vec![field(&["b"])], &bare).unwrap();
        assert_eq!((next.version(), next.reduction()), (2, None));
        // What a block is made of has been reduced.
        assert_eq!(schema.learned(vec![field(&["b"])]).unwrap().reduction(), None);
    }
}
