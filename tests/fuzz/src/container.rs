//! Containers taken apart and put together again with right checksums and lengths: damage gets past the container.

use fidelog_codec::container::{MAGIC, VERSION};
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The kind of the section that closes a container.
pub const END: u8 = 0;
/// The kind of a block's section.
pub const BLOCK: u8 = 1;
/// The kind of the framing's section.
pub const FRAMING: u8 = 2;

/// Bytes of the checksum after each section.
const CHECKSUM: usize = 4;

/// Most sections that are put together.
const MOST_SECTIONS: usize = 64;

/// How a run's bytes are stored, as the format numbers it.
const STORED: u8 = 0;
const DEFLATE: u8 = 1;

/// Largest header that is laid open.
const LARGEST_HEADER: usize = 1 << 20;

/// Appends an unsigned LEB128 integer.
pub fn put_varint(out: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Cuts an integer from the front; one that never ends is cut short.
fn take_varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

/// Cuts at most `n` bytes from the front.
fn take_most<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(n.min(bytes.len()));
    *bytes = rest;
    taken
}

/// A container of these sections and the end.
#[must_use]
pub fn join<'a>(sections: impl IntoIterator<Item = (u8, &'a [u8])>) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(VERSION);
    for (kind, body) in sections.into_iter().chain([(END, &[][..])]) {
        let start = out.len();
        out.push(kind);
        put_varint(&mut out, body.len());
        out.extend_from_slice(body);
        let checksum = crc32fast::hash(out.get(start..).unwrap_or_default());
        out.extend_from_slice(&checksum.to_le_bytes());
    }
    out
}

/// What looks like sections after magic and version, up to the end; a length beyond the bytes means all of them.
#[must_use]
pub fn split(container: &[u8]) -> Vec<(u8, &[u8])> {
    let mut rest = container.get(MAGIC.len() + 1..).unwrap_or_default();
    let mut sections = Vec::new();
    while let Some((&kind, after)) = rest.split_first() {
        rest = after;
        let Some(len) = take_varint(&mut rest) else { break };
        let body = take_most(&mut rest, len);
        take_most(&mut rest, CHECKSUM);
        if kind == END || sections.len() == MOST_SECTIONS {
            break;
        }
        sections.push((kind, body));
    }
    sections
}

/// The container with right magic, version, lengths, checksums and end.
#[must_use]
pub fn repaired(container: &[u8]) -> Vec<u8> {
    join(split(container))
}

/// A block's body with its header laid open (stored): an input can change it byte by byte. `None` where the header
/// is mixed, or the body is none.
#[must_use]
pub fn with_open_header(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body;
    let rows = take_varint(&mut rest)?;
    let (&coding, after) = rest.split_first()?;
    rest = after;
    let len = take_varint(&mut rest)?;
    let (&kind, after) = rest.split_first()?;
    rest = after;
    let header = match kind {
        STORED => take_most(&mut rest, len).to_vec(),
        DEFLATE => {
            let packed = take_varint(&mut rest)?;
            decompress_to_vec_with_limit(take_most(&mut rest, packed), LARGEST_HEADER).ok()?
        }
        _ => return None,
    };
    let mut out = Vec::new();
    put_varint(&mut out, rows);
    out.push(coding);
    put_varint(&mut out, header.len());
    out.push(STORED);
    out.extend_from_slice(&header);
    out.extend_from_slice(rest);
    Some(out)
}

/// A block's body from parts whose lengths are right whatever they are: `open` is rows, coding, two bytes of the
/// header's length (little-endian), the header, and the rest.
#[must_use]
pub fn closed_header(open: &[u8]) -> Vec<u8> {
    let mut rest = open;
    let mut out = Vec::new();
    put_varint(&mut out, take_varint(&mut rest).unwrap_or(0));
    out.extend_from_slice(take_most(&mut rest, 1));
    let len = take_most(&mut rest, 2).iter().rev().fold(0, |len, &byte| len << 8 | usize::from(byte));
    let header = take_most(&mut rest, len);
    put_varint(&mut out, header.len());
    out.push(STORED);
    out.extend_from_slice(header);
    out.extend_from_slice(rest);
    out
}

/// The inverse of [`closed_header`] for a body whose header is stored.
#[must_use]
pub fn opened_header(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body;
    let mut out = Vec::new();
    put_varint(&mut out, take_varint(&mut rest)?);
    out.extend_from_slice(take_most(&mut rest, 1));
    let len = take_varint(&mut rest)?;
    take_most(&mut rest, 1);
    out.extend_from_slice(&u16::try_from(len).ok()?.to_le_bytes());
    out.extend_from_slice(rest);
    Some(out)
}
