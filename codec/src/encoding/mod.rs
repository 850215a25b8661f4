//! Bijections between a value's JSON spelling and a typed value.
//!
//! Each encoding has its own module with `parse` and `render` side by side and one law, tested on generated
//! spellings: `parse(raw) == Some(value)` implies `render(value) == raw`. What does not parse is a *misfit*:
//! it stays in the skeleton as it is. `null` fits every encoding.
//!
//! Each page says what the encoding takes, what it leaves to the skeleton, and what it costs: memory of a value in
//! a [`Column`](crate::column::Column), and the time that parsing and rendering one value took on one core of a
//! 3 GHz server (`cargo bench -p fidelog-bench --features run -- encodings` measures it again). What a value takes
//! in a block hangs on its neighbours: a value seen before costs a fraction of a bit to a few bits, whatever its
//! encoding; a new one costs what its page says.
//!
//! | encoding | JSON | value | column, bytes a value |
//! |---|---|---|---|
//! | [`integer`] | `4107` | `i64` | 8 |
//! | [`number`] | `21.5` | `f64`, in a pattern | 8 |
//! | [`boolean`] | `true` | `bool` | 1 |
//! | [`hex`] | `"0f1e2d"` | bytes | half the digits |
//! | [`uuid`] | `"123e4567-…"` | 16 bytes | 16 |
//! | [`timestamp`] | `"2031-05-17T21:04:08.250Z"`, `1937212348` | UTC µs, and ns | 8 |
//! | [`text`] | `"GET /"` | UTF-8 | the content |
//! | [`json`] | anything | its text | the text |

pub mod boolean;
pub mod embedded;
pub mod hex;
pub mod integer;
pub mod json;
pub mod number;
pub mod text;
pub mod timestamp;
pub mod uuid;

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub use self::{number::NumberPattern, timestamp::TimestampPattern};
use crate::schema::Style;

/// Whether letters of hex digits are written small or large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// `abcdef`
    #[default]
    Lower,
    /// `ABCDEF`
    Upper,
}

/// How a field's values are typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "encoding", rename_all = "lowercase")]
pub enum Encoding {
    /// A 64-bit integer in its one canonical spelling.
    Integer,
    /// A double whose spelling follows the pattern.
    Number {
        /// How the field spells numbers.
        pattern: NumberPattern,
    },
    /// `true` or `false`.
    Boolean,
    /// A string of hex digits, kept as bytes.
    Hex {
        /// Letters' case.
        #[serde(default)]
        case: Case,
        /// The number of bytes, if it is always the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<u32>,
    },
    /// A hyphenated UUID, kept as 16 bytes.
    Uuid {
        /// Letters' case.
        #[serde(default)]
        case: Case,
    },
    /// An instant, in microseconds, with the pattern it is spelled in.
    Timestamp {
        /// How the field spells instants.
        pattern: TimestampPattern,
    },
    /// A string's content.
    Text,
    /// Any value, kept as its raw JSON text.
    Json,
}

/// A typed value, borrowed where the bytes are the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// JSON null.
    Null,
    /// Encoding `integer`.
    Integer(i64),
    /// Encoding `number`.
    Number(f64),
    /// Encoding `boolean`.
    Boolean(bool),
    /// Encoding `timestamp`: microseconds since the epoch, and the nanoseconds (0–999) below.
    Timestamp(i64, u16),
    /// Encodings `hex` and `uuid` (raw bytes), `text` and `json` (UTF-8).
    Bytes(&'a [u8]),
}

impl Encoding {
    /// Parses a member's raw JSON spelling; `None` is a misfit. `scratch` lends its memory to the value.
    pub fn parse<'a>(&self, raw: &'a [u8], style: &Style, scratch: &'a mut Vec<u8>) -> Option<Value<'a>> {
        if raw == b"null" {
            return Some(Value::Null);
        }
        match self {
            Encoding::Integer => integer::parse(raw).map(Value::Integer),
            Encoding::Number { pattern } => number::parse(raw, *pattern).map(Value::Number),
            Encoding::Boolean => boolean::parse(raw).map(Value::Boolean),
            Encoding::Hex { case, bytes } => hex::parse(raw, *case, *bytes, scratch).map(Value::Bytes),
            Encoding::Uuid { case } => uuid::parse(raw, *case, scratch).map(Value::Bytes),
            Encoding::Timestamp { pattern } => {
                timestamp::parse(raw, pattern).map(|(us, ns)| Value::Timestamp(us, ns))
            }
            Encoding::Text => text::parse(raw, style, scratch).map(Value::Bytes),
            Encoding::Json => json::parse(raw).map(Value::Bytes),
        }
    }

    /// Appends a value's JSON spelling; `false` if the value is not one of this encoding.
    pub fn render(&self, value: Value<'_>, style: &Style, out: &mut Vec<u8>) -> bool {
        match (self, value) {
            (_, Value::Null) => out.extend_from_slice(b"null"),
            (Encoding::Integer, Value::Integer(v)) => integer::render(v, out),
            (Encoding::Number { pattern }, Value::Number(v)) => return number::render(v, *pattern, out),
            (Encoding::Boolean, Value::Boolean(v)) => boolean::render(v, out),
            (Encoding::Hex { case, bytes }, Value::Bytes(v)) => return hex::render(v, *case, *bytes, out),
            (Encoding::Uuid { case }, Value::Bytes(v)) => return uuid::render(v, *case, out),
            (Encoding::Timestamp { pattern }, Value::Timestamp(us, ns)) => {
                return timestamp::render(us, ns, pattern, out);
            }
            (Encoding::Text, Value::Bytes(v)) => return text::render(v, style, out),
            (Encoding::Json, Value::Bytes(v)) => out.extend_from_slice(v),
            _ => return false,
        }
        true
    }

    /// What is wrong with the encoding's own parameters, if anything.
    pub(crate) const fn check(&self) -> Result<(), &'static str> {
        match self {
            Encoding::Hex { bytes: Some(n), .. } if *n == 0 || *n > 1 << 20 => {
                Err("hex.bytes must be between 1 and 1048576")
            }
            _ => Ok(()),
        }
    }

    /// The encoding's name, as the schema document writes it.
    pub const fn name(&self) -> &'static str {
        match self {
            Encoding::Integer => "integer",
            Encoding::Number { .. } => "number",
            Encoding::Boolean => "boolean",
            Encoding::Hex { .. } => "hex",
            Encoding::Uuid { .. } => "uuid",
            Encoding::Timestamp { .. } => "timestamp",
            Encoding::Text => "text",
            Encoding::Json => "json",
        }
    }
}
