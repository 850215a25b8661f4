//! Values inside JSON text that stands in a string, as in `{"payload": "{\"temp\": 21.5}"}`.
//!
//! A path goes into a string by the step [`STEP`], at most [`MOST`] times: `["payload", "\"", "temp"]`. Takes strings
//! whose content is one JSON object and that are spelled as the schema's style spells them, so that escaping the
//! content again gives the same bytes; leaves all others in the skeleton. A value inside is parsed and rendered by
//! its own encoding, between unescaping and escaping. Since the spelling of two texts one after the other is that
//! of their concatenation, literals and values can be escaped one by one.

use alloc::{string::String, vec::Vec};

use super::{Encoding, Value, text};
use crate::schema::Style;

/// The step of a path that goes into a string's content: a quotation mark, which no key as spelled can be.
pub const STEP: &str = "\"";

/// Most times that a path may go into a string.
pub const MOST: usize = 2;

/// How many strings a path goes into.
#[inline]
pub fn depth(path: &[String]) -> usize {
    // A step has a key on either side: most paths need no look.
    if path.len() < 3 {
        return 0;
    }
    path.iter().filter(|key| *key == STEP).count()
}

/// What is wrong with a path's steps into strings, if anything.
pub(crate) fn check(path: &[String]) -> Result<(), &'static str> {
    let is_step = |key: Option<&String>| key.is_some_and(|key| key == STEP);
    if depth(path) > MOST {
        return Err("a path goes into a string in a string, not deeper");
    }
    if is_step(path.first()) || is_step(path.last()) {
        return Err("the step \"\\\"\" stands between the string's key and a key in its content");
    }
    if path.windows(2).any(|pair| pair.iter().all(|key| key == STEP)) {
        return Err("the content of a string is an object, not another string");
    }
    Ok(())
}

/// Appends a value's spelling as it stands inside so many strings.
pub(crate) fn render(
    encoding: &Encoding,
    path: &[String],
    value: Value<'_>,
    style: &Style,
    out: &mut Vec<u8>,
) -> bool {
    let (start, depth) = (out.len(), depth(path));
    let done = encoding.render(value, style.within(depth), out);
    match value {
        Value::Bytes(_) | Value::Timestamp(..) => done && escape_from(start, depth, style, out),
        // Digits and words need no escapes.
        _ => done,
    }
}

/// Escapes what was appended since `start`, so many times.
pub(crate) fn escape_from(start: usize, times: usize, style: &Style, out: &mut Vec<u8>) -> bool {
    (0..times).rev().all(|depth| {
        let inner = out.split_off(start.min(out.len()));
        text::escape(&inner, style.within(depth), out)
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_in_strings(raw in r#""([ -~]|\\["\\/nu]|é|\x01){0,8}"|-?[0-9]{1,4}|null|\[("\\""|[0-9]|,){0,4}\]"#) {
            let style = Style::default();
            let path = ["a", STEP, "b", STEP, "c"].map(ToString::to_string);
            for encoding in [Encoding::Integer, Encoding::Text, Encoding::Json] {
                let mut scratch = Vec::new();
                let Some(value) = encoding.parse(raw.as_bytes(), &style, &mut scratch) else { continue };
                let (mut once, mut twice) = (Vec::new(), Vec::new());
                prop_assert!(text::escape(raw.as_bytes(), &style, &mut once));
                prop_assert!(text::escape(&once, &style, &mut twice));
                for (keys, expected) in [(1, raw.as_bytes()), (3, &once), (5, &twice)] {
                    let mut out = b"x".to_vec();
                    prop_assert!(render(&encoding, &path[..keys], value, &style, &mut out));
                    prop_assert_eq!(&out[1..], expected);
                }
            }
        }
    }

    #[test]
    fn steps_stand_between_keys() {
        let check = |path: &[&str]| check(&path.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(check(&["a", "\"", "b", "\"", "c"]).is_ok());
        for path in
            [&["\"", "b"][..], &["a", "\""], &["a", "\"", "\"", "b"], &["a", "\"", "b", "\"", "c", "\"", "d"]]
        {
            assert!(check(path).is_err(), "{path:?}");
        }
    }
}
