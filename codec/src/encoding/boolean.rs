//! `true` and `false`.
//!
//! Takes exactly these two spellings; leaves `True`, `1` and `"true"` in the skeleton. Costs one bit a row at most.

use alloc::vec::Vec;

/// Parses `true` or `false`.
pub fn parse(raw: &[u8]) -> Option<bool> {
    match raw {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// Appends the spelling.
pub fn render(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_and_misfits() {
        for raw in [&b"true"[..], b"false"] {
            let mut out = Vec::new();
            render(parse(raw).unwrap(), &mut out);
            assert_eq!(out, raw);
        }
        for raw in [&b""[..], b"True", b"1", b"\"true\"", b"true "] {
            assert_eq!(parse(raw), None);
        }
    }
}
