//! Any value, kept as its raw JSON text.
//!
//! **Takes** every value that is UTF-8, white space inside included. It is how arrays, and fields of changing type,
//! become SQL's JSON text.
//!
//! **Leaves** invalid UTF-8.
//!
//! **Costs** the text's bytes in memory; in a block, templates and typed tokens as for [`text`](super::text); 18 ns to
//! parse 30 bytes, 6 ns to render them.

/// Takes the raw text.
pub fn parse(raw: &[u8]) -> Option<&[u8]> {
    core::str::from_utf8(raw).is_ok().then_some(raw)
}
