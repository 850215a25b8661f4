//! The schema in a block's header: paths, encodings and style in few bytes; column names only where they differ from the rule.

use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};

use super::streams::charge;
use crate::{
    encoding::{
        Case, Encoding, NumberPattern, TimestampPattern,
        timestamp::{Fraction, Zone},
    },
    error::{Kind, Result},
    schema::{Field, MAX_FIELDS, MAX_KEYS, NonAscii, Schema, Style, column_names},
    wire::{Reader, put_bytes, put_varint, unzigzag, zigzag},
};

/// Set in the style byte where the style of JSON inside strings follows.
const EMBEDDED: u8 = 0x40;

/// Added to an encoding's code where the column's name follows.
const NAMED: u8 = 0x80;

/// Appends a schema of which the first `declared` fields are the user's.
pub(super) fn put(out: &mut Vec<u8>, schema: &Schema, declared: usize) {
    put_varint(out, u64::from(schema.version()));
    let style = schema.style();
    let inner = style.embedded.as_deref();
    out.push(style_bits(style) | if inner.is_some() { EMBEDDED } else { 0 });
    out.extend(inner.map(style_bits));
    put_varint(out, schema.event_time().map_or(0, |i| i as u64 + 1));
    put_varint(out, schema.fields().len() as u64);
    put_varint(out, declared as u64);
    let names = column_names(schema.fields().iter().map(|f| f.path.as_slice()));
    let mut before: &[String] = &[];
    for (field, name) in schema.fields().iter().zip(names) {
        let common =
            before.iter().zip(&field.path).take_while(|(a, b)| a == b).count().min(field.path.len() - 1);
        put_varint(out, common as u64);
        put_varint(out, (field.path.len() - common) as u64);
        field.path.iter().skip(common).for_each(|key| put_bytes(out, key.as_bytes()));
        before = &field.path;
        let at = out.len();
        put_encoding(out, &field.encoding);
        if field.column != name {
            if let Some(code) = out.get_mut(at) {
                *code |= NAMED;
            }
            put_bytes(out, field.column.as_bytes());
        }
    }
}

fn style_bits(style: &Style) -> u8 {
    let non_ascii = match style.non_ascii {
        NonAscii::Raw => 0,
        NonAscii::Lower => 1,
        NonAscii::Upper => 2,
    };
    u8::from(style.item == ", ")
        | u8::from(style.key == ": ") << 1
        | non_ascii << 2
        | u8::from(style.escape_solidus) << 4
        | u8::from(style.escape_html) << 5
}

fn take_style(bits: u8, reader: &Reader<'_>) -> Result<Style> {
    let style = Style {
        item: if bits & 1 != 0 { ", " } else { "," }.to_string(),
        key: if bits & 2 != 0 { ": " } else { ":" }.to_string(),
        non_ascii: match bits >> 2 & 3 {
            0 => NonAscii::Raw,
            1 => NonAscii::Lower,
            2 => NonAscii::Upper,
            _ => return Err(reader.fail(Kind::Malformed, "a style of characters beyond ASCII expected")),
        },
        escape_solidus: bits & 16 != 0,
        escape_html: bits & 32 != 0,
        embedded: None,
    };
    if bits >> 6 != 0 {
        return Err(reader.fail(Kind::Unsupported, "a style that this decoder knows expected"));
    }
    Ok(style)
}

/// Reads a schema, and how many of its fields are declared.
pub(super) fn take(reader: &mut Reader<'_>, budget: &mut usize) -> Result<(Schema, usize)> {
    let version = u32::try_from(reader.varint()?)
        .map_err(|_| reader.fail(Kind::Malformed, "a schema version expected"))?;
    let bits = reader.byte()?;
    let mut style = take_style(bits & !EMBEDDED, reader)?;
    if bits & EMBEDDED != 0 {
        style.embedded = Some(Box::new(take_style(reader.byte()?, reader)?));
    }
    let event_time = reader.count(MAX_FIELDS, "an event time among the fields expected")?;
    let n = reader.count(MAX_FIELDS, "at most 4,096 fields expected")?;
    let declared = reader.count(n, "no more declared fields than fields expected")?;
    let mut fields: Vec<Field> = Vec::new();
    let mut named = Vec::new();
    for _ in 0..n {
        let common = reader
            .count(fields.last().map_or(0, |f| f.path.len()), "keys shared with the field before expected")?;
        let more = reader.count(MAX_KEYS - common.min(MAX_KEYS), "at most 64 keys expected")?;
        let shared = fields.last().and_then(|f| f.path.get(..common)).unwrap_or_default();
        let shared_size: usize = shared.iter().map(|key| key.len() + size_of::<String>()).sum();
        charge(reader, shared_size, budget)?;
        let mut path = shared.to_vec();
        for _ in 0..more {
            let key = core::str::from_utf8(reader.bytes()?);
            path.push(key.map_err(|_| reader.fail(Kind::Malformed, "a key in UTF-8 expected"))?.to_string());
        }
        let code = reader.byte()?;
        let encoding = take_encoding(code & !NAMED, reader)?;
        let column = if code & NAMED != 0 {
            named.push(fields.len());
            let name = core::str::from_utf8(reader.bytes()?);
            name.map_err(|_| reader.fail(Kind::Malformed, "a column's name expected"))?.to_string()
        } else {
            String::new()
        };
        fields.push(Field { path, column, encoding });
    }
    let names = column_names(fields.iter().map(|f| f.path.as_slice()));
    for (i, (field, name)) in fields.iter_mut().zip(names).enumerate() {
        if named.binary_search(&i).is_err() {
            field.column = name;
        }
    }
    let event_time = match event_time.checked_sub(1) {
        None => None,
        Some(i) => match fields.get(i) {
            Some(field) => Some(field.column.clone()),
            None => return Err(reader.fail(Kind::Malformed, "an event time among the fields expected")),
        },
    };
    let at = reader.offset();
    let schema = Schema::new(style, event_time, fields).and_then(|s| s.with_version(version));
    let schema = schema.map_err(|mut e| {
        e.offset = at;
        e
    })?;
    Ok((schema, declared))
}

const fn upper(case: Case) -> u8 {
    match case {
        Case::Lower => 0,
        Case::Upper => 1,
    }
}

fn put_encoding(out: &mut Vec<u8>, encoding: &Encoding) {
    match encoding {
        Encoding::Integer => out.push(0),
        Encoding::Boolean => out.push(1),
        Encoding::Text => out.push(2),
        Encoding::Json => out.push(3),
        Encoding::Uuid { case } => out.push(4 + upper(*case)),
        Encoding::Hex { case, bytes } => {
            out.push(6 + upper(*case));
            put_varint(out, u64::from(bytes.unwrap_or(0)));
        }
        Encoding::Number { pattern } => {
            let (code, decimals) = match pattern {
                NumberPattern::Shortest => (8, None),
                NumberPattern::Fraction => (9, None),
                NumberPattern::Exponent => (10, None),
                NumberPattern::Fixed(n) => (11, Some(*n)),
            };
            out.push(code);
            out.extend(decimals);
        }
        Encoding::Timestamp { pattern: TimestampPattern::Epoch { unit } } => out.push(match unit {
            1_000_000 => 12,
            1_000 => 13,
            _ => 14,
        }),
        Encoding::Timestamp { pattern: TimestampPattern::Calendar { separator, fraction, zone } } => {
            out.push(if *separator == b'T' { 15 } else { 16 });
            let digits = match fraction {
                Fraction::None => 0,
                Fraction::Fixed(n) => *n,
                Fraction::Trimmed => 10,
            };
            let (kind, minutes) = match zone {
                Zone::None => (0, None),
                Zone::Utc => (1, None),
                Zone::Offset { minutes, colon } => (2 + u8::from(*colon), Some(*minutes)),
            };
            out.push(digits << 2 | kind);
            if let Some(minutes) = minutes {
                put_varint(out, zigzag(i64::from(minutes)));
            }
        }
    }
}

fn take_encoding(code: u8, reader: &mut Reader<'_>) -> Result<Encoding> {
    let case = if code & 1 == 0 { Case::Lower } else { Case::Upper };
    let number = |pattern| Ok(Encoding::Number { pattern });
    let epoch = |unit| Ok(Encoding::Timestamp { pattern: TimestampPattern::Epoch { unit } });
    match code {
        0 => Ok(Encoding::Integer),
        1 => Ok(Encoding::Boolean),
        2 => Ok(Encoding::Text),
        3 => Ok(Encoding::Json),
        4 | 5 => Ok(Encoding::Uuid { case }),
        6 | 7 => {
            let bytes = u32::try_from(reader.varint()?)
                .map_err(|_| reader.fail(Kind::Malformed, "a width expected"))?;
            Ok(Encoding::Hex { case, bytes: Some(bytes).filter(|n| *n > 0) })
        }
        8 => number(NumberPattern::Shortest),
        9 => number(NumberPattern::Fraction),
        10 => number(NumberPattern::Exponent),
        11 => match reader.byte()? {
            n @ 1..=17 => number(NumberPattern::Fixed(n)),
            _ => Err(reader.fail(Kind::Malformed, "1 to 17 decimals expected")),
        },
        12 => epoch(1_000_000),
        13 => epoch(1_000),
        14 => epoch(1),
        15 | 16 => {
            let byte = reader.byte()?;
            let fraction = match byte >> 2 {
                0 => Fraction::None,
                n @ 1..=9 => Fraction::Fixed(n),
                10 => Fraction::Trimmed,
                _ => return Err(reader.fail(Kind::Malformed, "at most 9 fraction digits expected")),
            };
            let zone = match byte & 3 {
                0 => Zone::None,
                1 => Zone::Utc,
                kind => match i16::try_from(unzigzag(reader.varint()?)) {
                    Ok(minutes @ -1439..=1439) => Zone::Offset { minutes, colon: kind == 3 },
                    _ => return Err(reader.fail(Kind::Malformed, "an offset of less than a day expected")),
                },
            };
            let separator = if code == 15 { b'T' } else { b' ' };
            Ok(Encoding::Timestamp { pattern: TimestampPattern::Calendar { separator, fraction, zone } })
        }
        _ => Err(reader.fail(Kind::Unsupported, "an encoding that this decoder knows expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Stage;

    #[test]
    fn schemas_come_back() {
        let json = r#"{"fidelog_schema":1,"version":7,"style":{"item":",","key":": ","non_ascii":"upper","escape_solidus":true,"escape_html":true,"embedded":{"item":", ","key":":"}},"event_time":"when","fields":[
            {"path":["t"],"column":"when","encoding":"timestamp","pattern":"YYYY-MM-DDThh:mm:ss.f*-0930"},
            {"path":["u"],"column":"u","encoding":"timestamp","pattern":"YYYY-MM-DD hh:mm:ss.fff+09:00"},
            {"path":["v"],"column":"v","encoding":"timestamp","pattern":"epoch_ms"},
            {"path":["a","b"],"column":"a_b","encoding":"hex","case":"upper","bytes":32},
            {"path":["a","c","d"],"column":"x","encoding":"hex"},
            {"path":["a","c","e"],"column":"a_c_e","encoding":"uuid","case":"upper"},
            {"path":["n"],"column":"n","encoding":"number","pattern":"fixed:2"},
            {"path":["N"],"column":"n_2","encoding":"number","pattern":"exponent"},
            {"path":["i"],"column":"i","encoding":"integer"},{"path":["b"],"column":"b","encoding":"boolean"},
            {"path":["p","\"","a","\"","b"],"column":"p_a_b","encoding":"integer"},
            {"path":["p","\"","c"],"column":"p_c","encoding":"integer"},
            {"path":["s"],"column":"s","encoding":"text"},{"path":["j"],"column":"j","encoding":"json"}]}"#;
        let schema = Schema::from_json(json).unwrap();
        let mut out = Vec::new();
        put(&mut out, &schema, 3);
        let mut reader = Reader::new(&out, 0, Stage::Block);
        let mut budget = usize::MAX;
        assert_eq!(take(&mut reader, &mut budget).unwrap(), (schema, 3));
        assert!(reader.is_done());
        for n in 0..out.len() {
            assert!(take(&mut Reader::new(&out[..n], 0, Stage::Block), &mut budget).is_err());
        }
    }
}
