//! One run of bytes, compressed if that helps: its length, how it is stored, and the bytes.

use alloc::{borrow::Cow, vec::Vec};

use crate::{
    block::{Packed, inflate, unmix},
    error::{Kind, Result},
    wire::{Reader, put_bytes, put_varint},
};

/// How a stream's bytes are stored.
const STORED: u8 = 0;
const DEFLATE: u8 = 1;
const MIXED: u8 = 2;

/// Appends a stream; `packed` are the same bytes.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8], packed: &Packed) {
    put_varint(out, bytes.len() as u64);
    let (kind, packed) = match packed {
        Packed::Stored => {
            out.push(STORED);
            out.extend_from_slice(bytes);
            return;
        }
        Packed::Deflate(packed) => (DEFLATE, packed),
        Packed::Mixed(packed) => (MIXED, packed),
    };
    out.push(kind);
    put_bytes(out, packed);
}

/// Reads a stream; its size counts against `budget`.
pub(crate) fn take<'a>(reader: &mut Reader<'a>, budget: &mut usize) -> Result<Cow<'a, [u8]>> {
    let len = reader.count(*budget, "a stream of a size within the limits expected")?;
    match reader.byte()? {
        STORED => Ok(Cow::Borrowed(reader.take(len)?)),
        DEFLATE => {
            let at = reader.clone();
            let packed = reader.bytes()?;
            inflate(&at, packed, len, budget)
        }
        MIXED => {
            let at = reader.clone();
            unmix(&at, reader.bytes()?, len, budget)
        }
        _ => Err(reader.fail(Kind::Unsupported, "a stream that is stored, DEFLATE or mixed expected")),
    }
}
