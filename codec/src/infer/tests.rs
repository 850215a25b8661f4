use super::*;
use crate::schema::NonAscii;

fn infer(records: &[String]) -> Inference {
    Schema::infer(records.iter().map(String::as_bytes))
}

fn many(record: impl Fn(usize) -> String) -> Vec<String> {
    (0..100).map(record).collect()
}

/// The fields' names and encodings.
fn fields(inference: &Inference) -> Vec<(&str, &str)> {
    inference.fields.iter().map(|f| (f.name.as_str(), f.encoding)).collect()
}

#[test]
fn integers_that_count_time_are_instants() {
    let found = infer(&many(|i| {
        format!(
            r#"{{"ts": {}, "createdAt": {}, "size": {}, "exp": {}, "time": {i}}}"#,
            1_700_000_000_000 + i,
            1_700_000_000 + i,
            1_700_000_000 + i,
            if i == 7 { 0 } else { 1_800_000_000 },
        )
    }));
    let expected = [
        ("ts", "timestamp"),
        ("createdAt", "timestamp"),
        ("size", "integer"),
        ("exp", "integer"),
        ("time", "integer"),
    ];
    assert_eq!(fields(&found), expected);
    assert!(
        found.fields[0].why.contains("100 of 100 values are epoch_ms of this century"),
        "{:?}",
        found.fields
    );
    assert!(matches!(
        found.schema.fields()[1].encoding,
        Encoding::Timestamp { pattern: TimestampPattern::Epoch { unit: 1_000_000 } }
    ));
    assert_eq!(found.schema.event_time(), Some(0));
}

#[test]
fn keys_that_are_ids_are_no_fields() {
    let found = infer(&many(|i| {
        let id = i * 0x9e37_79b9;
        format!(
            r#"{{"id": {i}, "users": {{"a{id:012x}": {{"n": {i}}}, "b{id:012x}": {{"n": 1}}}}, "o": {{"x": 1}}}}"#
        )
    }));
    assert_eq!(fields(&found), [("id", "integer"), ("users", "json"), ("o.x", "integer")]);
    let users = &found.fields[1];
    assert_eq!((users.seen, users.fits), (100, 100));
    assert!(users.why.contains("200 distinct keys that look like ids"), "{users:?}");
}

#[test]
fn rare_keys_are_no_fields() {
    let found = infer(&many(|i| {
        let key = |n: usize| ["alpha", "beta", "gamma", "delta", "eps"][n % 5];
        let name = format!("{}_{}_{}_{}", key(i), key(i / 5), key(i / 25), key(i * 3));
        format!(r#"{{"id": {i}, "tags": {{"{name}_x": 1, "{name}_y": 2}}}}"#)
    }));
    assert_eq!(fields(&found), [("id", "integer"), ("tags", "json")]);
    assert!(found.fields[1].why.contains("each rare"), "{:?}", found.fields);
}

#[test]
fn json_in_strings_has_fields() {
    let found = infer(&many(|i| {
        let payload = match i % 10 {
            0 => "null".into(),
            1 => r#""offline""#.into(),
            _ => format!(r#""{{\n \"t\": {i}.5, \"ts\": {}, \"é\": {{\"s\": \"x\"}}}}""#, 1_700_000_000 + i),
        };
        format!(r#"{{"payload": {payload}, "note": "{{ no json {i}"}}"#)
    }));
    let expected =
        [("payload.t", "number"), ("payload.ts", "timestamp"), ("payload.é.s", "text"), ("note", "text")];
    assert_eq!(fields(&found), expected);
    let field = &found.schema.fields()[0];
    assert_eq!(
        (field.path.as_slice(), field.column.as_str()),
        (&["payload", "\"", "t"].map(String::from)[..], "payload_t")
    );
    assert!(found.fields[0].why.ends_with("in the JSON text of payload"), "{:?}", found.fields);
}

#[test]
fn json_in_strings_has_a_style_of_its_own() {
    let found = infer(&many(|i| {
        format!(r#"{{"a": "<é", "p": "{{\"n\":{i},\"q\":\"{{\\\"s\\\":\\\"\\\\u003c\\\\u00e9\\\"}}\"}}"}}"#)
    }));
    let style = found.schema.style();
    assert_eq!((style.item.as_str(), style.non_ascii, style.escape_html), (", ", NonAscii::Raw, false));
    let inner = style.embedded.as_deref().unwrap();
    assert_eq!((inner.item.as_str(), inner.non_ascii, inner.escape_html), (",", NonAscii::Lower, true));
    assert_eq!(fields(&found), [("a", "text"), ("p.n", "integer"), ("p.q.s", "text")]);
    let alike = infer(&many(|i| format!(r#"{{"a":1,"p":"{{\"n\":{i}}}"}}"#)));
    assert_eq!(alike.schema.style().embedded, None);
}

#[test]
fn strings_that_are_seldom_json_are_texts() {
    let found = infer(&many(|i| {
        let payload = if i % 2 == 0 { r#"{\"a\": 1}"# } else { "plain" };
        format!(r#"{{"payload": "{payload}", "ids": "{{\"k{i:08}\": 1}}"}}"#)
    }));
    assert_eq!(fields(&found), [("payload", "text"), ("ids", "text")]);
    assert_eq!((found.fields[0].seen, found.fields[0].fits), (100, 100));
    assert!(found.fields[1].why.contains("inside, 100 distinct keys"), "{:?}", found.fields);
}

#[test]
fn learned_fields_may_be_in_strings() {
    let records = many(|i| format!(r#"{{"a": {i}, "p": "{{\"q\": \"{{\\\"n\\\": {i}}}\"}}"}}"#));
    let records: Vec<&[u8]> = records.iter().map(String::as_bytes).collect();
    let schema = learn(&Schema::empty(Style::default()), &records);
    let names: Vec<String> = schema.fields().iter().map(Field::name).collect();
    assert_eq!(names, ["a", "p.q.n"]);
    // A declared field is left whole.
    let declared = Field { path: alloc::vec!["p".into()], column: "p".into(), encoding: Encoding::Text };
    let schema = learn(&Schema::new(Style::default(), None, alloc::vec![declared]).unwrap(), &records);
    let names: Vec<String> = schema.fields().iter().map(Field::name).collect();
    assert_eq!(names, ["p", "a"]);
}
