//! A URL without its query, or without the values in it.

use alloc::vec::Vec;

use super::{
    Strip,
    spelling::{Unit, unit},
};

/// Where in a URL a character is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeQuery,
    /// In the query, where a parameter's name stands.
    Name,
    /// In the query, where its value stands.
    Value,
    Fragment,
}

/// Appends the content of a string without the part.
pub(super) fn strip(content: &[u8], part: Strip, out: &mut Vec<u8>) {
    let mut place = Place::BeforeQuery;
    let mut rest = content;
    while let Some((unit, length)) = unit(rest) {
        let (spelled, after) = rest.split_at(length.min(rest.len()));
        let (next, stays) = step(place, unit);
        let stays = match part {
            Strip::Params => stays,
            Strip::Query => matches!(next, Place::BeforeQuery | Place::Fragment),
        };
        if stays {
            out.extend_from_slice(spelled);
        }
        (place, rest) = (next, after);
    }
}

/// Where the next character is, and whether this one belongs to anything but a parameter's value.
fn step(place: Place, unit: Unit) -> (Place, bool) {
    match place {
        Place::Fragment => (Place::Fragment, true),
        _ if unit.is(b'#') => (Place::Fragment, true),
        Place::BeforeQuery if unit.is(b'?') => (Place::Name, true),
        Place::BeforeQuery => (Place::BeforeQuery, true),
        Place::Name if unit.is(b'=') => (Place::Value, true),
        _ if unit.is(b'&') => (Place::Name, true),
        Place::Name => (Place::Name, true),
        Place::Value => (Place::Value, false),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    fn stripped(content: &str, part: Strip) -> String {
        let mut out = Vec::new();
        strip(content.as_bytes(), part, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_query_ends_where_the_fragment_begins() {
        for (url, query, params) in [
            ("", "", ""),
            ("/a/b", "/a/b", "/a/b"),
            (
                "https://u:p@h:1/a;s=1?b=1&c=2#d=3",
                "https://u:p@h:1/a;s=1#d=3",
                "https://u:p@h:1/a;s=1?b=&c=#d=3",
            ),
            ("?", "", "?"),
            ("/a?", "/a", "/a?"),
            ("/a?flag", "/a", "/a?flag"),
            ("/a?b=1=2?3&&=4&c", "/a", "/a?b=&&=&c"),
            ("/a#b?c=1", "/a#b?c=1", "/a#b?c=1"),
            ("/a?b=1#c?d=2#e", "/a#c?d=2#e", "/a?b=#c?d=2#e"),
            (r##"\/a\u003Fb\u003d1\u0026c=\"\u0023d"##, r"\/a\u0023d", r"\/a\u003Fb\u003d\u0026c=\u0023d"),
            (r"/a\\?b=é\u00e9😀\ud83d", r"/a\\", r"/a\\?b="),
            (r"/a?b=1\u002", "/a", "/a?b="),
            (r"/%3Fa=1", r"/%3Fa=1", r"/%3Fa=1"),
        ] {
            assert_eq!(stripped(url, Strip::Query), query, "{url}");
            assert_eq!(stripped(url, Strip::Params), params, "{url}");
        }
    }

    proptest! {
        /// As it would be said of text without escapes.
        #[test]
        fn cuts_as_declared(url in "[ab=&?#]{0,16}") {
            let (front, fragment) = match url.split_once('#') {
                Some((front, fragment)) => (front, alloc::format!("#{fragment}")),
                None => (url.as_str(), String::new()),
            };
            let (path, query) = front.split_once('?').unwrap_or((front, ""));
            prop_assert_eq!(stripped(&url, Strip::Query), alloc::format!("{path}{fragment}"));
            let names: Vec<String> = query.split('&').map(|pair| match pair.split_once('=') {
                Some((name, _)) => alloc::format!("{name}="),
                None => pair.into(),
            }).collect();
            let mark = if front.contains('?') { "?" } else { "" };
            prop_assert_eq!(stripped(&url, Strip::Params), alloc::format!("{path}{mark}{}{fragment}", names.join("&")));
        }

        #[test]
        fn twice_is_once(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'?'), Just(b'#'), Just(b'\\')], 0..24)) {
            let mut by_part = Vec::new();
            for part in [Strip::Params, Strip::Query] {
                let (mut once, mut twice) = (Vec::new(), Vec::new());
                strip(&bytes, part, &mut once);
                strip(&once, part, &mut twice);
                prop_assert_eq!(&once, &twice);
                by_part.push(once);
            }
            let mut both = Vec::new();
            strip(&by_part[0], Strip::Query, &mut both);
            prop_assert_eq!(&both, &by_part[1]);
        }
    }
}
