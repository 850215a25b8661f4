use alloc::{format, string::String, vec};

use proptest::prelude::*;

use super::*;

fn schema() -> Schema {
    Schema::from_json(
        r#"{"fidelog_schema":1,"version":1,"style":{"item":", ","key":": "},"fields":[
            {"path":["id"],"column":"id","encoding":"integer"},
            {"path":["p","\"","t"],"column":"p_t","encoding":"number","pattern":"shortest"},
            {"path":["p","\"","o","s"],"column":"p_o_s","encoding":"text"},
            {"path":["p","\"","o","q","\"","n"],"column":"p_o_q_n","encoding":"integer"},
            {"path":["p","\"","o","q","\"","s"],"column":"p_o_q_s","encoding":"text"},
            {"path":["p","\"","j"],"column":"p_j","encoding":"json"},
            {"path":["p","x"],"column":"p_x","encoding":"text"}]}"#,
    )
    .unwrap()
}

type Parts = (Option<Vec<u8>>, Vec<(usize, Vec<u8>)>, Vec<u8>);

/// The record's skeleton (none is the default one), its fields' spellings, and the record put together again.
fn split(splitter: &mut Splitter<'_>, record: &[u8]) -> Parts {
    let schema = splitter.schema;
    let mut spelled = Vec::new();
    let mut inner = Vec::new();
    let skeleton = splitter.split(record, &mut Vec::new(), |field, value| {
        let declared = &schema.fields()[field];
        let (mut as_it_stands, mut own) = (Vec::new(), Vec::new());
        assert!(declared.render(value, schema.style(), &mut as_it_stands));
        assert!(declared.encoding.render(value, schema.style(), &mut own));
        spelled.push((field, as_it_stands));
        inner.push((field, own));
    });
    let hole = |field: usize, out: &mut Vec<u8>| {
        out.extend_from_slice(&spelled.iter().find(|(f, _)| *f == field)?.1);
        Some(())
    };
    let mut record = Vec::new();
    let skeleton = match skeleton {
        Skeleton::Default => {
            Template::new(schema).fill(hole, &mut record).unwrap();
            None
        }
        Skeleton::Stored { bytes, .. } => {
            fill(bytes, hole, &mut record).unwrap();
            Some(bytes.to_vec())
        }
    };
    (skeleton, inner, record)
}

/// Splits twice, so that the shape is known the second time.
fn check(record: &str) -> (Option<Vec<u8>>, Vec<(usize, String)>) {
    let schema = schema();
    let mut splitter = Splitter::new(&schema);
    let first = split(&mut splitter, record.as_bytes());
    assert_eq!(String::from_utf8_lossy(&first.2), record);
    assert_eq!(split(&mut splitter, record.as_bytes()), first);
    let found = first.1.into_iter().map(|(f, v)| (f, String::from_utf8(v).unwrap())).collect();
    (first.0, found)
}

fn text(content: &str) -> String {
    let mut out = Vec::new();
    assert!(crate::encoding::text::render(content.as_bytes(), &Style::default(), &mut out));
    String::from_utf8(out).unwrap()
}

#[test]
fn fields_in_strings_in_strings() {
    let deepest = text(r#"{"n": 7, "s": "\"é\n"}"#);
    let object = text(&format!(r#"{{"t": -1.5, "o": {{"s": "a\\b", "q": {deepest}}}, "j": ["x"]}}"#));
    let record = format!(r#"{{"id": 1, "p": {object}, "p": {{"x": "y"}}}}"#);
    let (skeleton, found) = check(&record);
    assert_eq!(skeleton, None, "the default skeleton");
    let expected = ["1", "-1.5", r#""a\\b""#, "7", r#""\"é\n""#, r#"["x"]"#, r#""y""#];
    assert_eq!(found, expected.map(String::from).into_iter().enumerate().collect::<Vec<_>>());
}

/// Another program wrote the strings' content.
fn other_style() -> Schema {
    let json = schema().to_json();
    let inner =
        r#""key": ": ", "embedded": {"item": ",", "key": ":", "non_ascii": "lower", "escape_html": true}"#;
    Schema::from_json(&json.replacen(r#""key": ": ""#, inner, 1)).unwrap()
}

#[test]
fn content_has_a_style_of_its_own() {
    let schema = other_style();
    let mut splitter = Splitter::new(&schema);
    let style = schema.style();
    let spell = |content: &str, depth: usize| {
        let mut out = Vec::new();
        assert!(crate::encoding::text::render(content.as_bytes(), style.within(depth), &mut out));
        String::from_utf8(out).unwrap()
    };
    let deepest = spell(&format!(r#"{{"n":7,"s":{}}}"#, spell("<é", 2)), 1);
    let object = spell(&format!(r#"{{"t":1,"o":{{"s":{},"q":{deepest}}},"j":[1, 2]}}"#, spell("é/", 1)), 0);
    let record = format!(r#"{{"id": 1, "p": {object}, "p": {{"x": {}}}}}"#, spell("<é", 0));
    assert!(
        record.contains(r"\\\\u003c\\\\u00e9") && record.contains(r"\\u00e9/") && record.contains("<é"),
        "{record}"
    );
    let (skeleton, found, back) = split(&mut splitter, record.as_bytes());
    assert_eq!(skeleton, None);
    assert_eq!(found.len(), 7);
    assert_eq!(String::from_utf8_lossy(&back), record);
}

#[test]
fn what_does_not_fit_stays() {
    let n = |record: &str| check(record).1.len();
    assert_eq!(n(r#"{"p": "{\"t\": 1}"}"#), 1);
    assert_eq!(n(r#"{"p": "{\n  \"t\" : 1 ,\t\"t\": 2}\n"}"#), 1, "white space; the first of two");
    assert_eq!(n(r#"{"p": "{\"t\": \"x\", \"j\": 1}"}"#), 1, "a misfit");
    assert_eq!(n(r#"{"p": "{\"t\": 1", "id": 2}"#), 1, "a broken object");
    assert_eq!(n(r#"{"p": "{\"t\": 1 x", "p": "{\"t\": 1}", "id": 2}"#), 2, "a broken object, then another");
    assert_eq!(n(r#"{"p": "{\"t\": 1}\u0020", "id": 2}"#), 1, "an escape of another style");
    assert_eq!(n(r#"{"p": "{\u0022t\": 1}", "id": 2}"#), 1, "another one");
    assert_eq!(
        n(r#"{"p": {"t": 1, "x": "{\"t\": 1}"}}"#),
        1,
        "no string where one is expected, and the reverse"
    );
    assert_eq!(n(r#"{"p": "{}", "id": 2}"#), 1);
    assert_eq!(n(r#"{"p": "{\"z\": 1}", "id": 2}"#), 1, "no field in it");
}

#[test]
fn shapes_with_strings_recur() {
    let schema = schema();
    let mut splitter = Splitter::new(&schema);
    let mut shapes = vec![];
    for record in [
        r#"{"p": "{\"t\": 1}", "id": 2}"#,
        r#"{"p": "{\"j\": 1}", "id": 2}"#,
        r#"{"p": "{\"t\": -12.5}", "id": 3}"#,
        r#"{"p": "{\"j\": [\"}\"]}", "id": 2}"#,
    ] {
        match splitter.split(record.as_bytes(), &mut Vec::new(), |_, _| {}) {
            Skeleton::Stored { shape, .. } => shapes.push(shape),
            Skeleton::Default => panic!(),
        }
    }
    assert_eq!(shapes, [Some(0), Some(1), Some(0), Some(1)]);
}

/// A value, in which strings may hold objects.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "-?[0-9]{1,3}(\\.[0-9])?",
        "null|\\[1, \"\\]\\}\"\\]|\\{\\}",
        "\"([a-z{}\\[,:é]|\\\\[n\"\\\\/]|\\\\u00e9){0,5}\"",
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let member = ("[tosqnjpx]", inner, " ?", " ?|\n");
        let members = prop::collection::vec(member, 0..4);
        (members, any::<bool>(), any::<bool>(), "[ }é]?").prop_map(|(members, is_text, is_other, after)| {
            let members: Vec<String> =
                members.into_iter().map(|(k, v, a, b)| format!("\"{k}\"{a}:{b}{v}")).collect();
            let object = format!("{{{}}}", members.join(", "));
            match (is_text, is_other) {
                (false, _) => object,
                (true, false) => text(&format!("{object}{after}")),
                (true, true) => text(&object).replacen("\\\"", "\\u0022", 1),
            }
        })
    })
}

proptest! {
    #[test]
    fn records_with_strings_come_back(values in prop::collection::vec((value(), value()), 1..6), cut in 0usize..400) {
        for (schema, (p, id)) in [schema(), other_style()].iter().cycle().zip(values.iter().flat_map(|v| [v, v])) {
            let mut splitter = Splitter::new(schema);
            let record = format!("{{\"p\": {p}, \"id\": {id}}}");
            for record in [record.as_bytes(), record.as_bytes().get(..cut).unwrap_or_default()] {
                for _ in 0..2 {
                    let (_, _, back) = split(&mut splitter, record);
                    prop_assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(record));
                }
            }
        }
    }
}

#[test]
fn damaged_skeletons_are_refused() {
    let is_fine = |skeleton: &[u8]| {
        let mut dictionary = crate::column::Strings::default();
        dictionary.push(skeleton);
        crate::skeleton::check(&dictionary, 2).is_ok()
    };
    // An empty literal, a hole, an empty literal, another field's hole, a literal.
    assert!(is_fine(&[0, 0, 0, 1, 1, b'}']));
    assert!(is_fine(&[1, b'x']));
    // Two holes for one field, one for no field, no end, and more than the end.
    for skeleton in [&[0, 0, 0, 0, 0][..], &[0, 2, 0], &[0, 0], &[2, b'x'], &[]] {
        assert!(!is_fine(skeleton), "{skeleton:?}");
    }
}
