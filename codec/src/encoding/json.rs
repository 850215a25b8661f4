//! Any value, kept as its raw JSON text.
//!
//! Takes every value that is UTF-8 (white space inside included); leaves invalid UTF-8 in the skeleton. It is how
//! arrays, and fields of changing type, become SQL's JSON text.

/// Takes the raw text.
pub fn parse(raw: &[u8]) -> Option<&[u8]> {
    core::str::from_utf8(raw).is_ok().then_some(raw)
}
