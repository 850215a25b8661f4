//! The stamp of a block on its way: who numbered its records, and the first one's number.
//!
//! An optional section of the container (kind 128) right after its version: *bytes*, the source's name; varint, the
//! index of the first record. Decoders that do not know it skip it, and check its checksum all the same.

use fidelog_codec::container::{MAGIC, VERSION};
use fidelog_table::SourceRange;

const KIND: u8 = 128;

/// Puts a stamp into a container.
pub fn put(container: &[u8], range: &SourceRange) -> Vec<u8> {
    let mut body = Vec::with_capacity(range.source.len() + 12);
    put_varint(&mut body, range.source.len() as u64);
    body.extend_from_slice(range.source.as_bytes());
    put_varint(&mut body, range.first);
    let mut section = vec![KIND];
    put_varint(&mut section, body.len() as u64);
    section.extend_from_slice(&body);
    let checksum = crc32fast::hash(&section);
    let (start, rest) = container.split_at_checked(MAGIC.len() + 1).unwrap_or((container, &[]));
    [start, &section, &checksum.to_le_bytes(), rest].concat()
}

/// The stamp of a container that was decoded, if it has one.
pub fn read(container: &[u8]) -> Result<Option<SourceRange>, String> {
    let Some(rest) = container.strip_prefix(&MAGIC).and_then(|rest| rest.strip_prefix(&[VERSION, KIND]))
    else {
        return Ok(None);
    };
    let stamp = || {
        let (length, rest) = take_varint(rest)?;
        let body = rest.get(..usize::try_from(length).ok()?)?;
        let (length, body) = take_varint(body)?;
        let (name, body) = body.split_at_checked(usize::try_from(length).ok()?)?;
        let (first, body) = take_varint(body)?;
        let source = std::str::from_utf8(name).ok()?.to_owned();
        body.is_empty().then_some(SourceRange { source, first })
    };
    stamp().map(Some).ok_or_else(|| "the block's stamp (section 128) is not one".into())
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A varint and what follows it.
pub(super) fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (i, &byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if i == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * i);
        if byte < 0x80 {
            return Some((value, bytes.get(i + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fidelog_codec::{Level, Limits, Schema};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_stamp_comes_back_and_the_block_is_the_same(source in ".{0,300}", first: u64) {
            let schema = Arc::new(Schema::infer([b"{\"a\":1}".as_slice()]).schema);
            let plain = fidelog_codec::encode(&schema, [b"{\"a\":1}".as_slice()], Level::Fast);
            let range = SourceRange { source, first };
            let stamped = put(&plain, &range);
            prop_assert_eq!(read(&stamped).unwrap(), Some(range));
            prop_assert_eq!(read(&plain).unwrap(), None);
            let limits = Limits::default();
            prop_assert_eq!(fidelog_codec::decode(&stamped, &limits), fidelog_codec::decode(&plain, &limits));
        }

        #[test]
        fn varints_come_back(value: u64, bytes: Vec<u8>) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            out.push(7);
            prop_assert_eq!(take_varint(&out), Some((value, [7].as_slice())));
            let _ = take_varint(&bytes);
        }
    }
}
