use alloc::{borrow::ToOwned, format, string::String, vec, vec::Vec};
use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

fn paths(list: &[&[&str]]) -> Vec<Path> {
    list.iter().map(|path| path.iter().map(|&key| key.to_owned()).collect()).collect()
}

fn keep(list: &[&[&str]]) -> Reduction {
    Reduction::new(Some(paths(list)), vec![]).unwrap().unwrap()
}

fn query(path: &[&str]) -> Reduction {
    Reduction::new(None, vec![(paths(&[path]).remove(0), Strip::Query)]).unwrap().unwrap()
}

fn apply(reduction: &Reduction, record: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = b"before".to_vec();
    reduction.apply(record.as_ref(), &mut out);
    assert!(out.starts_with(b"before"));
    out.split_off(6)
}

fn text(reduction: &Reduction, record: &str) -> String {
    String::from_utf8(apply(reduction, record)).unwrap()
}

#[test]
fn white_space_goes_with_its_member() {
    let b = keep(&[&["b"]]);
    for (record, left) in [
        (r#"{"a": 1, "b": 2, "c": 3}"#, r#"{"b": 2}"#),
        (r#"{"b": 2, "c": 3}"#, r#"{"b": 2}"#),
        (" { \"a\" :1 ,\t\"b\" : 2\n,  \"c\":3 } \r", " { \"b\" : 2 } \r"),
        ("{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", "{\n  \"b\": 2\n}"),
        (r#"{"b": 1.0, "a": 0,   "b": 1e5, "a": [}"#, r#"{"b": 1.0, "a": 0,   "b": 1e5, "a": [}"#),
        (r#"{"b": 1.0, "a": 0,   "b": 1e5, "a": {}}"#, r#"{"b": 1.0,   "b": 1e5}"#),
        ("{ \"a\": 1 , \"c\": 2 } ", "{} "),
        (" { } ", " { } "),
        ("{}", "{}"),
    ] {
        assert_eq!(text(&b, record), left, "{record}");
    }
}

#[test]
fn objects_on_the_way_stay_if_something_in_them_does() {
    let deep = keep(&[&["a", "b", "c"], &["a", "d"]]);
    for (record, left) in [
        (r#"{"a": {"b": {"c": {"x": [1]}, "y": 0}, "z": 0}, "d": 1}"#, r#"{"a": {"b": {"c": {"x": [1]}}}}"#),
        (r#"{"a": {"x": 1, "d": 2}}"#, r#"{"a": {"d": 2}}"#),
        (r#"{"a": {"b": {"x": 1}}, "y": 2}"#, "{}"),
        (r#"{"a": {"b": 7, "d": null}}"#, r#"{"a": {"d": null}}"#),
        (r#"{"a": 5}"#, "{}"),
        (r#"{"a": {}}"#, "{}"),
        (r#"{"a": [{"d": 1}]}"#, "{}"),
        (r#"{"a": {"d": 1}, "a": 2, "a": {"e": 3}, "a" : {"d": 4} }"#, r#"{"a": {"d": 1}, "a" : {"d": 4} }"#),
    ] {
        assert_eq!(text(&deep, record), left, "{record}");
    }
}

#[test]
fn urls_are_cut_wherever_the_key_occurs() {
    let url = query(&["u", "url"]);
    for (record, left) in [
        (
            r#"{"u": {"url": "/a?b=1#c", "url": "?x", "x": "?y"}}"#,
            r#"{"u": {"url": "/a#c", "url": "", "x": "?y"}}"#,
        ),
        (r#"{"\u0075": {"u\u0072l" : "/a\u003fb"}}"#, r#"{"\u0075": {"u\u0072l" : "/a"}}"#),
        (
            r#"{"url": "?a", "u": {"url": ["?b"]}, "u": "?c", "u": {}}"#,
            r#"{"url": "?a", "u": {"url": ["?b"]}, "u": "?c", "u": {}}"#,
        ),
        (r#"{"u": {"url": null, "v": {"url": "?a"}}}"#, r#"{"u": {"url": null, "v": {"url": "?a"}}}"#),
    ] {
        assert_eq!(text(&url, record), left, "{record}");
    }
}

#[test]
fn what_is_no_object_stays() {
    let both = Reduction::new(Some(paths(&[&["a"]])), vec![(paths(&[&["a"]]).remove(0), Strip::Query)]);
    let both = both.unwrap().unwrap();
    for record in [
        "",
        "x",
        "[1]",
        "null",
        "\"?\"",
        r#"{"a":"?b""#,
        r#"{"b":1}{"#,
        r#"{"a":"?b",}"#,
        "\u{feff}{\"b\":1}",
    ] {
        assert_eq!(text(&both, record), record);
    }
    assert_eq!(apply(&both, b"{\"b\": \"\xff\", \"a\" : \"\xfe?\xff\"}"), b"{\"a\" : \"\xfe\"}");
}

#[test]
fn what_cannot_be_is_refused() {
    let long: Vec<&str> = vec!["k"; MAX_KEYS + 1];
    let lists: [(&[&[&str]], &str); 6] = [
        (&[], "names nothing"),
        (&[&[]], "keys"),
        (&[&long], "keys"),
        (&[&["a"], &["b"], &["a", "c"]], "keeps already"),
        (&[&["a"], &["a"]], "keeps already"),
        (&[&["a", "\"", "b"]], "whole"),
    ];
    for (list, why) in lists {
        let error = Reduction::new(Some(paths(list)), vec![]).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(Reduction::new(None, vec![]), Ok(None));
    let many = |n: usize| Reduction::new(Some((0..n).map(|key| vec![format!("{key}")]).collect()), vec![]);
    assert!(many(MAX_FIELDS).is_ok() && many(MAX_FIELDS + 1).unwrap_err().contains("at most"));
}

#[test]
fn it_says_what_it_leaves_out() {
    let at = |path: &str| vec![path.to_owned()];
    let all = Reduction::new(
        Some(paths(&[&["at"], &["user", "id"]])),
        vec![(at("at"), Strip::Query), (at("b"), Strip::Params), (at("c"), Strip::Params)],
    );
    let said = format!("{}", all.unwrap().unwrap());
    assert_eq!(
        said,
        "only at, user.id are kept; the query of at is cut; the parameters' values of b, c are cut"
    );
}

/// The declaration, said of values.
fn reduced(value: &Value, at: &mut Path, keep: Option<&[Path]>, strip: &[(Path, Strip)]) -> Option<Value> {
    let stays = keep.is_none_or(|keep| keep.iter().any(|kept| at.starts_with(kept)));
    match value {
        Value::Object(members) => {
            let mut left = Map::new();
            for (key, member) in members {
                at.push(key.clone());
                left.extend(reduced(member, at, keep, strip).map(|member| (key.clone(), member)));
                at.pop();
            }
            (stays || !left.is_empty()).then_some(Value::Object(left))
        }
        Value::String(url) if stays => match strip.iter().find(|(path, _)| path == at) {
            None => Some(value.clone()),
            Some((_, part)) => Some(Value::String(without(url, *part))),
        },
        other => stays.then(|| other.clone()),
    }
}

/// A URL without a part, by its three pieces.
fn without(url: &str, part: Strip) -> String {
    let (front, fragment) = url.split_once('#').map_or((url, None), |(front, end)| (front, Some(end)));
    let (path, query) = front.split_once('?').map_or((front, None), |(path, query)| (path, Some(query)));
    let mut left = path.to_owned();
    if let (Strip::Params, Some(query)) = (part, query) {
        let name = |pair: &str| pair.split_once('=').map_or(pair.to_owned(), |(name, _)| format!("{name}="));
        left += "?";
        left += &query.split('&').map(name).collect::<Vec<_>>().join("&");
    }
    fragment.map_or(left.clone(), |end| format!("{left}#{end}"))
}

/// Keys and URLs that meet often, and others.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        "[ab/=&?#é\"\\\\]{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[abc]|é\"", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[abc]|é\"", any_value(), 0..5)
        .prop_map(|m| Value::Object(m.into_iter().collect()))
}

type Declared = (Option<Vec<Path>>, Vec<(Path, Strip)>);

fn any_declared() -> impl Strategy<Value = Declared> {
    let path = || prop::collection::vec("[abc]|é\"", 1..4);
    let part = prop_oneof![Just(Strip::Query), Just(Strip::Params)];
    let keep = prop::option::of(prop::collection::btree_set(path(), 1..4));
    (keep, prop::collection::btree_map(path(), part, 0..3)).prop_map(|(keep, strip)| {
        let keep = keep.map(|all: BTreeSet<Path>| {
            let outermost = |path: &&Path| !all.iter().any(|other| other != *path && path.starts_with(other));
            all.iter().filter(outermost).cloned().collect()
        });
        (keep, strip.into_iter().collect())
    })
}

/// The reduction, whose keys are spelled as in JSON.
fn compiled((keep, strip): &Declared) -> Option<Reduction> {
    let spelled = |path: &Path| path.iter().map(|key| key.replace('"', "\\\"")).collect::<Path>();
    let keep = keep.as_ref().map(|keep| keep.iter().map(spelled).collect());
    Reduction::new(keep, strip.iter().map(|(path, part)| (spelled(path), *part)).collect()).unwrap()
}

/// Spells a value with white space and with escapes where none are needed.
fn spell_oddly(value: &Value, dice: &mut impl Iterator<Item = u8>, out: &mut String) {
    let space = |dice: &mut dyn Iterator<Item = u8>, out: &mut String| {
        *out += ["", " ", "\n\t", "  "][usize::from(dice.next().unwrap_or(0) % 4)];
    };
    let string = |text: &str, dice: &mut dyn Iterator<Item = u8>, out: &mut String| {
        *out += "\"";
        for c in text.chars() {
            match c {
                _ if dice.next().unwrap_or(0).is_multiple_of(3) => *out += &format!("\\u{:04x}", c as u32),
                '"' | '\\' => *out += &format!("\\{c}"),
                c => out.push(c),
            }
        }
        *out += "\"";
    };
    match value {
        Value::Object(members) => {
            *out += "{";
            space(dice, out);
            for (i, (key, member)) in members.iter().enumerate() {
                if i > 0 {
                    *out += ",";
                    space(dice, out);
                }
                string(key, dice, out);
                space(dice, out);
                *out += ":";
                space(dice, out);
                spell_oddly(member, dice, out);
                space(dice, out);
            }
            *out += "}";
        }
        Value::String(text) => string(text, dice, out),
        other => *out += &format!("{other}"),
    }
}

/// Whether one can be had from the other by leaving bytes out.
fn is_part(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

proptest! {
    #[test]
    fn it_is_what_is_declared(record in any_object(), declared in any_declared(), dice: Vec<u8>) {
        let Some(reduction) = compiled(&declared) else { return Ok(()) };
        let expected = reduced(&record, &mut Vec::new(), declared.0.as_deref(), &declared.1);
        let expected = expected.unwrap_or_else(|| Value::Object(Map::new()));
        // Written in one way, to the byte; in any way, to the value.
        let left = text(&reduction, &format!("{record}"));
        prop_assert_eq!(&left, &format!("{expected}"));
        let mut odd = String::new();
        spell_oddly(&record, &mut dice.into_iter().cycle().take(10_000), &mut odd);
        let left = apply(&reduction, &odd);
        prop_assert_eq!(serde_json::from_slice::<Value>(&left).unwrap(), expected);
        prop_assert!(is_part(&left, odd.as_bytes()));
        prop_assert_eq!(apply(&reduction, &left), left);
    }

    #[test]
    fn twice_is_once_whatever_it_is(
        record in "([{}\\[\\]\",:?#= ]|\"a\":|\"b\":|\\\\|\\{\"a\":|1){0,30}",
        declared in any_declared(),
    ) {
        let Some(reduction) = compiled(&declared) else { return Ok(()) };
        let left = apply(&reduction, &record);
        prop_assert!(is_part(&left, record.as_bytes()));
        prop_assert_eq!(apply(&reduction, &left), left);
    }

    #[test]
    fn a_wider_one_loses_nothing_of_a_narrower_one(
        record in any_object(),
        before in any_declared(),
        after in any_declared(),
    ) {
        let (before, after) = (compiled(&before), compiled(&after));
        prop_assert_eq!(narrowing(before.as_ref(), before.as_ref()), None);
        prop_assert_eq!(narrowing(before.as_ref(), None), None);
        let left = |reduction: &Option<Reduction>, record: &str| match reduction {
            Some(reduction) => text(reduction, record),
            None => record.to_owned(),
        };
        if narrowing(before.as_ref(), after.as_ref()).is_none() {
            let record = format!("{record}");
            prop_assert_eq!(left(&before, &left(&after, &record)), left(&before, &record));
        }
    }
}

#[test]
fn a_narrower_one_is_told() {
    let of = |keep: Option<&[&[&str]]>, strip: &[(&str, Strip)]| {
        let strip = strip.iter().map(|(path, part)| (vec![(*path).to_owned()], *part)).collect();
        Reduction::new(keep.map(paths), strip).unwrap()
    };
    let a: &[&[&str]] = &[&["a"]];
    let deep: &[&[&str]] = &[&["a", "b"]];
    let more: &[&[&str]] = &[&["a"], &["u"]];
    for (before, after, why) in [
        (of(None, &[]), of(Some(a), &[]), Some("keeps only some")),
        (of(Some(a), &[]), of(Some(deep), &[]), Some("does not keep a")),
        (of(Some(deep), &[]), of(Some(a), &[]), None),
        (of(Some(more), &[]), of(Some(a), &[]), Some("does not keep u")),
        (of(Some(a), &[]), of(Some(more), &[("u", Strip::Query)]), None),
        (of(Some(a), &[]), of(Some(a), &[("a", Strip::Params)]), Some("cuts more of a")),
        (of(None, &[]), of(None, &[("a", Strip::Params)]), Some("cuts more of a")),
        (of(None, &[("a", Strip::Params)]), of(None, &[("a", Strip::Query)]), Some("cuts more of a")),
        (of(None, &[("a", Strip::Query)]), of(None, &[("a", Strip::Params)]), None),
        (of(None, &[("a", Strip::Query)]), of(None, &[]), None),
    ] {
        let told = narrowing(before.as_ref(), after.as_ref());
        match why {
            None => assert_eq!(told, None),
            Some(why) => assert!(told.as_ref().is_some_and(|told| told.contains(why)), "{told:?}"),
        }
    }
}
