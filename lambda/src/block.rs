//! A page's rows become a payload of the codec.

use std::sync::Arc;

use fidelog_codec::{
    Level, Schema,
    column::Strings,
    encode,
    encoding::{Encoding, NumberPattern, TimestampPattern, timestamp},
    schema::{Field, MAX_FIELDS, Style, column_names},
};

use crate::{
    engine::{Kind, Typed},
    rows::Rows,
};

/// The first rows' objects as one payload, under a schema made for the result's columns.
pub(crate) fn payload(rows: &Rows<'_>, count: usize) -> Vec<u8> {
    let schema = Arc::new(schema_of(rows));
    let mut objects = Strings::default();
    let mut object = Vec::new();
    for row in 0..count {
        object.clear();
        rows.object_into(row, &mut object);
        objects.push(&object);
    }
    encode(&schema, objects.iter(), Level::Fast)
}

fn schema_of(rows: &Rows<'_>) -> Schema {
    let style = Style { item: ",".into(), key: ":".into(), ..Style::default() };
    // A path is spelled as between the object's quotation marks.
    let spelled = |key: &str| {
        let quoted = serde_json::Value::from(key).to_string();
        quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
    };
    let paths: Vec<[String; 1]> = rows.columns().map(|(_, _, key)| [spelled(key)]).collect();
    let names = column_names(paths.iter().map(<[String; 1]>::as_slice));
    let fields = rows.columns().zip(paths).zip(names).take(MAX_FIELDS);
    let fields = fields.map(|(((typed, field, _), path), column)| Field {
        path: path.into(),
        column,
        encoding: encoding(typed, field, rows),
    });
    // Without a schema the objects are their own skeletons: bigger, as exact.
    Schema::new(style.clone(), None, fields.collect()).unwrap_or_else(|_| Schema::empty(style))
}

fn encoding(typed: &Typed, field: Option<&Field>, rows: &Rows<'_>) -> Encoding {
    let rfc3339 = TimestampPattern::Calendar {
        separator: b'T',
        fraction: timestamp::Fraction::Trimmed,
        zone: timestamp::Zone::Utc,
    };
    match (typed.kind, field.map(|field| &field.encoding)) {
        (Kind::Bigint, _) => Encoding::Integer,
        (Kind::Double, Some(own @ Encoding::Number { .. })) => own.clone(),
        (Kind::Double, _) => Encoding::Number { pattern: NumberPattern::Fraction },
        (Kind::Boolean, _) => Encoding::Boolean,
        (Kind::Timestamp, _) => {
            Encoding::Timestamp { pattern: rows.time_pattern(typed, field).unwrap_or(rfc3339) }
        }
        (Kind::Varchar | Kind::Varbinary, Some(own @ (Encoding::Hex { .. } | Encoding::Uuid { .. }))) => {
            own.clone()
        }
        (Kind::Varbinary, _) => Encoding::Hex { case: fidelog_codec::encoding::Case::Lower, bytes: None },
        (Kind::Varchar, Some(Encoding::Json)) | (Kind::Json | Kind::Decimal, _) => Encoding::Json,
        (Kind::Varchar | Kind::Date, _) => Encoding::Text,
    }
}
