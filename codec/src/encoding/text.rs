//! A string's content.
//!
//! Takes a string each of whose characters is spelled as the schema's style spells it: `"`, `\` and control
//! characters escaped in the shortest way of RFC 8259, section 7, everything else as the style says. Leaves
//! optional escapes (`\u0041`), lone surrogates and invalid UTF-8 in the skeleton.

use alloc::vec::Vec;

use crate::schema::{NonAscii, Style};

/// The style's one spelling of a character, inside a string.
fn spell(c: char, style: &Style, out: &mut Spelling) {
    out.len = 0;
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '/' if style.escape_solidus => b'/',
        _ => 0,
    };
    if short != 0 {
        out.push(b'\\');
        out.push(short);
        return;
    }
    let html = style.escape_html && matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if (c as u32) < 0x20 || html || (!c.is_ascii() && style.non_ascii != NonAscii::Raw) {
        let mut units = [0u16; 2];
        for unit in c.encode_utf16(&mut units) {
            let digits = match style.non_ascii {
                NonAscii::Upper => b"0123456789ABCDEF",
                _ => b"0123456789abcdef",
            };
            out.push(b'\\');
            out.push(b'u');
            for shift in [12, 8, 4, 0] {
                out.push(digits[usize::from(*unit >> shift & 15)]);
            }
        }
    } else {
        let mut utf8 = [0u8; 4];
        for &b in c.encode_utf8(&mut utf8).as_bytes() {
            out.push(b);
        }
    }
}

/// Room for the longest spelling of one character: two `\uXXXX`.
#[derive(Default)]
struct Spelling {
    bytes: [u8; 12],
    len: usize,
}

impl Spelling {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
            self.len += 1;
        }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Classes of bytes that may not stand for themselves.
const SPECIAL: u8 = 1;
const SOLIDUS: u8 = 2;
const HTML: u8 = 4;
const BEYOND_ASCII: u8 = 8;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = 0;
    while c < 256 {
        classes[c] = match c as u8 {
            b'"' | b'\\' | 0..0x20 => SPECIAL,
            b'/' => SOLIDUS,
            b'<' | b'>' | b'&' => HTML,
            0x80.. => BEYOND_ASCII,
            _ => 0,
        };
        c += 1;
    }
    classes
};

/// The classes of bytes that do not stand for themselves in a style.
fn escaped_classes(style: &Style) -> u8 {
    let mut escaped = SPECIAL;
    if style.escape_solidus {
        escaped |= SOLIDUS;
    }
    if style.escape_html || style.non_ascii != NonAscii::Raw {
        escaped |= BEYOND_ASCII;
    }
    if style.escape_html {
        escaped |= HTML;
    }
    escaped
}

/// Whether content and spelling are the same bytes.
fn is_plain(content: &[u8], style: &Style) -> bool {
    let classes = content.iter().fold(0, |all, &b| all | CLASSES[usize::from(b)]);
    classes == 0
        || (classes & escaped_classes(style) == 0
            && (classes & BEYOND_ASCII == 0 || core::str::from_utf8(content).is_ok()))
}

fn unit(raw: &[u8]) -> Option<u32> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |n, &c| Some(n << 4 | char::from(c).to_digit(16)?))
}

/// The character whose spelling starts `raw`.
fn character(raw: &[u8]) -> Option<char> {
    match raw {
        [b'\\', b'u', ..] => {
            let high = unit(raw)?;
            if !(0xd800..0xdc00).contains(&high) {
                return char::from_u32(high);
            }
            let low = unit(raw.get(6..)?).filter(|low| (0xdc00..0xe000).contains(low))?;
            char::from_u32(0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00))
        }
        [b'\\', c, ..] => Some(match c {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'"' | b'\\' | b'/' => char::from(*c),
            _ => return None,
        }),
        [c, ..] if c.is_ascii() => Some(char::from(*c)),
        _ => {
            let head = raw.get(..4).unwrap_or(raw);
            let valid = match core::str::from_utf8(head) {
                Ok(s) => s,
                Err(e) => core::str::from_utf8(head.get(..e.valid_up_to())?).ok()?,
            };
            valid.chars().next()
        }
    }
}

/// Parses a quoted string into its content.
pub fn parse<'a>(raw: &'a [u8], style: &Style, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let spelled = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if is_plain(spelled, style) {
        return Some(spelled);
    }
    scratch.clear();
    unescape(spelled, style, scratch)?;
    Some(scratch)
}

/// Appends the content of a string that is spelled so (without its quotation marks); `None` where the style spells it
/// in another way, and then what was appended is of no use.
pub(crate) fn unescape(spelled: &[u8], style: &Style, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = spelled;
    let mut spelling = Spelling::default();
    // Beyond ASCII, each character is looked at: the content must be UTF-8.
    let stop = escaped_classes(style) | BEYOND_ASCII;
    loop {
        let n = rest.iter().position(|&b| CLASSES[usize::from(b)] & stop != 0);
        let (plain, next) = rest.split_at_checked(n.unwrap_or(rest.len()))?;
        out.extend_from_slice(plain);
        match next {
            [] => return Some(()),
            [b'\\', c @ (b'"' | b'\\'), tail @ ..] => {
                out.push(*c);
                rest = tail;
            }
            _ => {
                let c = character(next)?;
                spell(c, style, &mut spelling);
                rest = next.strip_prefix(spelling.as_slice())?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}

/// Appends the style's spelling of a string's content, without quotation marks; `false` if it is not UTF-8.
///
/// The spelling of two texts one after the other is that of their concatenation.
pub(crate) fn escape(content: &[u8], style: &Style, out: &mut Vec<u8>) -> bool {
    let Ok(text) = core::str::from_utf8(content) else { return false };
    let escaped = escaped_classes(style);
    let mut spelling = Spelling::default();
    let mut rest = text;
    loop {
        let n = rest.bytes().position(|b| CLASSES[usize::from(b)] & escaped != 0).unwrap_or(rest.len());
        let Some((plain, next)) = rest.split_at_checked(n) else { return false };
        out.extend_from_slice(plain.as_bytes());
        let mut chars = next.chars();
        let Some(c) = chars.next() else { return true };
        spell(c, style, &mut spelling);
        out.extend_from_slice(spelling.as_slice());
        rest = chars.as_str();
    }
}

/// Appends the quoted string; `false` if the content is not UTF-8.
pub fn render(value: &[u8], style: &Style, out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    let is_plain = is_plain(value, style);
    if is_plain {
        out.extend_from_slice(value);
    }
    let done = is_plain || escape(value, style, out);
    out.push(b'"');
    done
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    fn styles() -> impl Strategy<Value = Style> {
        (0usize..3, any::<bool>(), any::<bool>()).prop_map(|(non_ascii, escape_solidus, escape_html)| Style {
            non_ascii: [NonAscii::Raw, NonAscii::Lower, NonAscii::Upper][non_ascii],
            escape_solidus,
            escape_html,
            ..Style::default()
        })
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text: String, style in styles()) {
            let (mut raw, mut scratch) = (Vec::new(), Vec::new());
            prop_assert!(render(text.as_bytes(), &style, &mut raw));
            prop_assert_eq!(parse(&raw, &style, &mut scratch), Some(text.as_bytes()));
        }

        #[test]
        fn law_on_generated_spellings(
            raw in r#""([ -~]|\\["\\/bfnrtx]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00|é|가|\x7f|\x01){0,12}""#,
            style in styles(),
        ) {
            let mut scratch = Vec::new();
            if let Some(v) = parse(raw.as_bytes(), &style, &mut scratch) {
                let mut out = Vec::new();
                prop_assert!(render(v, &style, &mut out));
                prop_assert_eq!(out, raw.as_bytes());
            }
        }

        #[test]
        fn law_on_bytes(content: Vec<u8>, style in styles()) {
            let raw = [b"\"", &content[..], b"\""].concat();
            let mut scratch = Vec::new();
            if let Some(v) = parse(&raw, &style, &mut scratch) {
                let mut out = Vec::new();
                prop_assert!(render(v, &style, &mut out));
                prop_assert_eq!(out, raw);
            }
        }
    }

    #[test]
    fn optional_escapes_are_misfits() {
        let style = Style::default();
        let mut scratch = Vec::new();
        for raw in
            [r#""\/""#, r#""\u0041""#, r#""\ud800""#, r#""\u00e9""#, "\"\u{1}\"", r#""\x""#, "\"a\"b\"", "\""]
        {
            assert_eq!(parse(raw.as_bytes(), &style, &mut scratch), None, "{raw}");
        }
        assert_eq!(parse(b"\"\\u0000\\n\"", &style, &mut scratch), Some(&b"\0\n"[..]));
        let go = Style { escape_html: true, ..style };
        assert_eq!(parse(br#""\u003ca\u0026""#, &go, &mut scratch), Some(&b"<a&"[..]));
    }
}
