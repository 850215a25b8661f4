//! One run of bytes, compressed if that helps: its length, how it is stored, and the bytes.

use alloc::{borrow::Cow, vec::Vec};

use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

use crate::{
    error::{Kind, Result},
    wire::{Reader, put_bytes, put_varint},
};

/// How a stream's bytes are stored.
const STORED: u8 = 0;
const DEFLATE: u8 = 1;

/// DEFLATE cannot expand a byte to more than this (RFC 1951: 258 bytes from a length and distance of 2 bits).
const MAX_EXPANSION: usize = 1032;

/// Appends a stream.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8], effort: u8) {
    put_varint(out, bytes.len() as u64);
    let packed = if bytes.len() > 8 { compress_to_vec(bytes, effort) } else { Vec::new() };
    if !packed.is_empty() && packed.len() < bytes.len() {
        out.push(DEFLATE);
        put_bytes(out, &packed);
    } else {
        out.push(STORED);
        out.extend_from_slice(bytes);
    }
}

/// Reads a stream; its size counts against `budget`.
pub(crate) fn take<'a>(reader: &mut Reader<'a>, budget: &mut usize) -> Result<Cow<'a, [u8]>> {
    let len = reader.count(*budget, "a stream of a size within the limits expected")?;
    *budget -= len;
    match reader.byte()? {
        STORED => Ok(Cow::Borrowed(reader.take(len)?)),
        DEFLATE => {
            let at = reader.clone();
            let packed = reader.bytes()?;
            if len > packed.len().saturating_mul(MAX_EXPANSION) {
                return Err(at.fail(Kind::Malformed, "a size that DEFLATE can reach expected"));
            }
            match decompress_to_vec_with_limit(packed, len) {
                Ok(bytes) if bytes.len() == len => Ok(Cow::Owned(bytes)),
                _ => Err(at.fail(Kind::Malformed, "a DEFLATE stream of the declared size expected")),
            }
        }
        _ => Err(reader.fail(Kind::Unsupported, "a stream that is stored or DEFLATE expected")),
    }
}
