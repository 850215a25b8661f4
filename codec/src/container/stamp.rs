//! The stamp of a payload on its way: who numbered its records, and the first one's number.
//!
//! An optional section right after the version. Decoders that do not know it skip it, and check its checksum all the
//! same.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{MAGIC, STAMP, Sections, put_section};
use crate::{
    error::{Kind, Result, Stage},
    wire::{Reader, put_bytes, put_varint},
};

/// Identifies a payload's records: the first is the source's record number `first`, the others follow on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The source's name.
    pub source: String,
    /// The index of the first record.
    pub first: u64,
}

impl Stamp {
    /// The payload with this stamp; it must have none.
    pub fn put(&self, payload: &[u8]) -> Vec<u8> {
        let (start, sections) = payload.split_at_checked(MAGIC.len() + 1).unwrap_or((payload, &[]));
        let mut body = Vec::with_capacity(self.source.len() + 12);
        put_bytes(&mut body, self.source.as_bytes());
        put_varint(&mut body, self.first);
        let mut out = Vec::with_capacity(payload.len() + body.len() + 8);
        out.extend_from_slice(start);
        put_section(&mut out, STAMP, &body);
        out.extend_from_slice(sections);
        out
    }

    /// A payload's stamp, if it has one.
    pub fn read(payload: &[u8]) -> Result<Option<Self>> {
        let Some(section) = Sections::new(payload)?.next()?.filter(|section| section.kind == STAMP) else {
            return Ok(None);
        };
        let mut reader = Reader::new(section.body, section.offset, Stage::Container);
        let name = reader.clone();
        let source = core::str::from_utf8(reader.bytes()?);
        let source = source.map_err(|_| name.fail(Kind::Malformed, "a source's name in UTF-8 expected"))?;
        let first = reader.varint()?;
        match reader.is_done() {
            true => Ok(Some(Stamp { source: source.to_owned(), first })),
            false => Err(reader.fail(Kind::Malformed, "the end of the stamp expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{sync::Arc, vec};

    use proptest::prelude::*;

    use super::*;
    use crate::{Level, Limits, Schema, container::crc32, decode, encode};

    fn payload() -> Vec<u8> {
        let schema = Arc::new(Schema::infer([b"{\"a\":1}".as_slice()]).schema);
        encode(&schema, [b"{\"a\":1}".as_slice()], Level::Fast)
    }

    proptest! {
        #[test]
        fn a_stamp_comes_back_and_the_block_is_the_same(source in ".{0,300}", first: u64) {
            let (plain, stamp) = (payload(), Stamp { source, first });
            let stamped = stamp.put(&plain);
            prop_assert_eq!(Stamp::read(&stamped).unwrap(), Some(stamp));
            prop_assert_eq!(Stamp::read(&plain).unwrap(), None);
            prop_assert_eq!(decode(&stamped, &Limits::default()), decode(&plain, &Limits::default()));
        }

        #[test]
        fn hostile_stamps_are_errors(body: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
            let mut section = vec![STAMP];
            put_bytes(&mut section, &body);
            let checksum = crc32(&section);
            let (plain, start) = (payload(), MAGIC.len() + 1);
            let stamped = [&plain[..start], &section, &checksum.to_le_bytes(), &plain[start..]].concat();
            let _ = Stamp::read(&stamped);
            let mut flipped = Stamp { source: "app".into(), first: 7 }.put(&plain);
            let at = at.index(flipped.len() - plain.len());
            flipped[start + at] ^= 1 << bit;
            prop_assert!(!matches!(Stamp::read(&flipped), Ok(Some(_))));
        }
    }
}
