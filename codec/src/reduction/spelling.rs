//! What the spelling of a string's content means, as far as names are compared and delimiters are found.

use alloc::{borrow::Cow, vec::Vec};

/// The first character of a string's content: a byte, or the code unit that an escape stands for; and by how many bytes it
/// is spelled.
pub(super) fn unit(content: &[u8]) -> Option<(Unit, usize)> {
    match content {
        [] => None,
        [b'\\', b'u', digits @ ..] => match digits.first_chunk::<4>().and_then(hex) {
            Some(unit) => Some((Unit::Escaped(unit), 6)),
            None => Some((Unit::Byte(b'\\'), 1)),
        },
        [b'\\', c, ..] => {
            let meant = match c {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                c => *c,
            };
            Some((Unit::Byte(meant), 2))
        }
        [byte, ..] => Some((Unit::Byte(*byte), 1)),
    }
}

/// What one step through a string's content finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A byte of UTF-8.
    Byte(u8),
    /// A UTF-16 code unit.
    Escaped(u16),
}

impl Unit {
    /// Whether it is this ASCII character.
    pub(super) fn is(self, c: u8) -> bool {
        match self {
            Unit::Byte(byte) => byte == c,
            Unit::Escaped(unit) => unit == u16::from(c),
        }
    }
}

fn hex(digits: &[u8; 4]) -> Option<u16> {
    digits.iter().try_fold(0, |unit, &c| Some(unit << 4 | char::from(c).to_digit(16)? as u16))
}

/// A key without its escapes. Halves of surrogate pairs are spelled as other code points are, which no UTF-8 is.
pub(super) fn meaning(key: &[u8]) -> Cow<'_, [u8]> {
    if !key.contains(&b'\\') {
        return Cow::Borrowed(key);
    }
    let mut meant = Vec::with_capacity(key.len());
    let mut at = 0;
    while let Some((unit, length)) = unit(key.get(at..).unwrap_or_default()) {
        at += length;
        match unit {
            Unit::Byte(byte) => meant.push(byte),
            Unit::Escaped(high) => {
                let low = match self::unit(key.get(at..).unwrap_or_default()) {
                    Some((Unit::Escaped(low), length)) => Some((low, length)),
                    _ => None,
                };
                let pair = low.and_then(|(low, length)| {
                    let mut pair = char::decode_utf16([high, low]);
                    Some((pair.next()?.ok().filter(|c| c.len_utf16() == 2)?, length))
                });
                match pair {
                    Some((c, length)) => {
                        at += length;
                        meant.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    None => put(high, &mut meant),
                }
            }
        }
    }
    Cow::Owned(meant)
}

fn put(unit: u16, out: &mut Vec<u8>) {
    match char::from_u32(u32::from(unit)) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            let low = |shift: u16| 0x80 | (unit >> shift & 0x3f) as u8;
            out.extend_from_slice(&[0xe0 | (unit >> 12) as u8, low(6), low(0)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_mean_what_json_says(key in "([a-z?é\u{1f600}]|\\\\[\"\\\\/bfnrt]|\\\\u00[2-7][0-9a-fA-F]|\\\\ud83d\\\\ude00|\\\\u20ac){0,8}") {
            let meant: String = serde_json::from_str(&alloc::format!("\"{key}\"")).unwrap();
            prop_assert_eq!(&*meaning(key.as_bytes()), meant.as_bytes());
        }

        #[test]
        fn any_bytes_have_a_meaning(key: Vec<u8>) {
            meaning(&key);
        }
    }

    #[test]
    fn lone_halves_differ() {
        let keys: [&[u8]; 6] =
            [br"\ud83d", br"\ude00", br"\ud83dx", br"\ud83d\ud83d", br"\ud83d\u0061", br"\u12"];
        for (i, one) in keys.iter().enumerate() {
            for other in &keys[i + 1..] {
                assert_ne!(meaning(one), meaning(other));
            }
        }
        assert_eq!(&*meaning(br"\ud83d\u0061"), b"\xed\xa0\xbda");
    }
}
