//! A block's streams: each stored, compressed on its own, or, if small, together with the other small ones.

use alloc::{borrow::Cow, boxed::Box, vec, vec::Vec};

use miniz_oxide::{
    deflate::core::{
        CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output,
        create_comp_flags_from_zip_params,
    },
    inflate::{
        TINFLStatus,
        core::{decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
    },
};

use super::{
    log2::{BIT, entropy_of_bytes},
    mixing,
};
use crate::{
    error::{Kind, Result},
    wire::{Reader, put_varint},
};

/// How a stream's bytes are kept; the low two bits of its entry in the header.
const STORED: u64 = 0;
const DEFLATE: u64 = 1;
const GROUPED: u64 = 2;
const MIXED: u64 = 3;

/// DEFLATE cannot expand a byte to more than this (RFC 1951: 258 bytes from a length and distance of 2 bits).
const MAX_EXPANSION: usize = 1032;

/// Streams up to these sizes may be compressed together; which bound is best is tried.
const SMALL: [usize; 4] = [2_048, 768, 256, 96];

/// Codes up to this size are tried in all ways; of more than that, the costly ways gain next to nothing.
const TRY_ALL: usize = 32 << 10;

/// Longest stream that the mixing coder codes byte by byte.
pub(super) const MAX_MIXED: usize = 1 << 20;

/// What a stream holds, from which its best back end follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Repeats strings.
    Text,
    /// Small numbers: mostly their frequencies count.
    Codes,
    /// Random bytes, or bytes already compressed.
    Random,
}

/// How hard the back ends try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// One quick attempt, chosen by rule.
    Quick,
    /// The best of several.
    Thorough,
    /// The best of several, or the mixing coder.
    Mixing,
}

/// One stream before it is packed.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) content: Content,
    pub(super) bytes: Vec<u8>,
}

impl Stream {
    pub(super) const fn new(content: Content, bytes: Vec<u8>) -> Self {
        Stream { content, bytes }
    }
}

/// A stream packed on its own, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    Stored,
    Deflate(Vec<u8>),
    Mixed(Vec<u8>),
}

impl Packed {
    /// Bytes that it takes, if `raw` are its bytes unpacked.
    pub(super) fn size(&self, raw: usize) -> usize {
        match self {
            Packed::Stored => raw,
            Packed::Deflate(packed) | Packed::Mixed(packed) => packed.len() + 2,
        }
    }
}

fn deflate(bytes: &[u8], level: i32, strategy: CompressionStrategy) -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(level, -15, strategy as i32));
    let mut out = Vec::with_capacity(bytes.len() / 2 + 16);
    compress_to_output(&mut compressor, bytes, TDEFLFlush::Finish, |piece| {
        out.extend_from_slice(piece);
        true
    });
    out
}

/// Whether bytes look random to a coder without contexts.
fn is_random(bytes: &[u8]) -> bool {
    let sample = bytes.get(..8_192).unwrap_or(bytes);
    let bits = sample.len() as u64 * 8;
    sample.len() >= 512 && entropy_of_bytes(sample) + 700 * BIT > bits * BIT
}

pub(super) fn pack(bytes: &[u8], content: Content, effort: Effort) -> Packed {
    if bytes.len() < 8 || content == Content::Random && is_random(bytes) {
        return Packed::Stored;
    }
    let text = |level| deflate(bytes, level, CompressionStrategy::Default);
    let codes = || deflate(bytes, 6, CompressionStrategy::HuffmanOnly);
    let best = |ways: &[Vec<u8>]| ways.iter().min_by_key(|packed| packed.len()).cloned().unwrap_or_default();
    let packed = match effort {
        Effort::Quick if content == Content::Codes && !is_skewed(bytes) => codes(),
        Effort::Quick => text(if content == Content::Text { 6 } else { 1 }),
        _ if bytes.len() < 64 => text(9),
        _ if content == Content::Text || bytes.len() <= TRY_ALL => {
            best(&[text(9), codes(), deflate(bytes, 9, CompressionStrategy::Filtered)])
        }
        _ => best(&[text(6), codes()]),
    };
    if effort == Effort::Mixing && bytes.len() <= MAX_MIXED {
        let mixed = mixing::put_bytes(bytes);
        if mixed.len() < packed.len().min(bytes.len().saturating_sub(2)) {
            return Packed::Mixed(mixed);
        }
    }
    if packed.len() + 2 < bytes.len() { Packed::Deflate(packed) } else { Packed::Stored }
}

/// Whether one byte makes up half of all: then runs pay.
fn is_skewed(bytes: &[u8]) -> bool {
    let mut counts = [0u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    counts.iter().any(|&n| n as usize * 2 > bytes.len())
}

/// All of a block's streams, packed.
#[derive(Debug)]
pub(super) struct Packing {
    /// The small streams, together.
    pub(super) group: Vec<u8>,
    pub(super) group_packed: Packed,
    /// Each stream's entry for the header, and its bytes outside the group.
    pub(super) entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Packing {
    /// Bytes that the group takes.
    pub(super) fn group_size(&self) -> usize {
        self.group_packed.size(self.group.len())
    }
}

/// Packs streams in order.
pub(super) fn pack_all(streams: Vec<Stream>, effort: Effort) -> Packing {
    let [.., smallest] = SMALL;
    let alone = |s: &Stream| {
        // The group takes the smallest ones anyway.
        let is_alone = s.bytes.len() > smallest || s.content == Content::Random;
        if is_alone { pack(&s.bytes, s.content, effort) } else { Packed::Stored }
    };
    let alone: Vec<Packed> = streams.iter().map(alone).collect();
    let is_small = |s: &Stream, bound: usize| s.bytes.len() <= bound && s.content != Content::Random;
    let grouped = |bound: usize| {
        let (mut group, mut outside) = (Vec::new(), 0);
        for (stream, packed) in streams.iter().zip(&alone) {
            if is_small(stream, bound) {
                group.extend_from_slice(&stream.bytes);
            } else {
                outside += packed.size(stream.bytes.len());
            }
        }
        let packed = pack(&group, Content::Text, effort);
        (outside + packed.size(group.len()), bound, group, packed)
    };
    let bounds = if effort == Effort::Quick { &SMALL[1..2] } else { &SMALL[..] };
    let best = bounds.iter().map(|&bound| grouped(bound)).min_by_key(|(size, ..)| *size);
    let (_, bound, group, group_packed) = best.unwrap_or((0, 0, Vec::new(), Packed::Stored));
    let entries = streams.into_iter().zip(alone).map(|(stream, packed)| {
        let raw = (stream.bytes.len() as u64) << 2;
        let mut entry = Vec::new();
        if raw > 0 && is_small(&stream, bound) {
            put_varint(&mut entry, raw | GROUPED);
            return (entry, Vec::new());
        }
        let (kind, packed) = match packed {
            Packed::Stored => {
                put_varint(&mut entry, raw | STORED);
                return (entry, stream.bytes);
            }
            Packed::Deflate(packed) => (DEFLATE, packed),
            Packed::Mixed(packed) => (MIXED, packed),
        };
        put_varint(&mut entry, raw | kind);
        put_varint(&mut entry, packed.len() as u64);
        (entry, packed)
    });
    Packing { group, group_packed, entries: entries.collect() }
}

/// Decodes `len` bytes that the mixing coder wrote, which count against `budget`.
pub(crate) fn unmix<'a>(
    at: &Reader<'_>,
    packed: &[u8],
    len: usize,
    budget: &mut usize,
) -> Result<Cow<'a, [u8]>> {
    if len > MAX_MIXED {
        return Err(at.fail(Kind::Limit, "at most 1 MiB of mixed bytes expected"));
    }
    charge(at, len, budget)?;
    mixing::take_bytes(packed, len).map(Cow::Owned)
}

/// Inflates exactly `len` bytes, which count against `budget`.
pub(crate) fn inflate<'a>(
    at: &Reader<'_>,
    packed: &'a [u8],
    len: usize,
    budget: &mut usize,
) -> Result<Cow<'a, [u8]>> {
    if len > packed.len().saturating_mul(MAX_EXPANSION) {
        return Err(at.fail(Kind::Malformed, "a size that DEFLATE can reach expected"));
    }
    charge(at, len, budget)?;
    let mut bytes = vec![0; len];
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let ends = decompress(&mut Box::default(), packed, &mut bytes, 0, flags);
    if ends == (TINFLStatus::Done, packed.len(), len) {
        Ok(Cow::Owned(bytes))
    } else {
        Err(at.fail(Kind::Malformed, "a DEFLATE stream of the declared size, and nothing after it, expected"))
    }
}

/// Takes memory from the budget.
pub(crate) fn charge(at: &Reader<'_>, bytes: usize, budget: &mut usize) -> Result<()> {
    *budget =
        budget.checked_sub(bytes).ok_or_else(|| at.fail(Kind::Limit, "a size within the limits expected"))?;
    Ok(())
}

/// A stream's entry in the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    len: usize,
    kind: u64,
    /// Bytes outside the group.
    pub(super) outside: usize,
}

impl Entry {
    pub(super) fn take(header: &mut Reader<'_>) -> Result<Self> {
        let head = header.varint()?;
        let len = usize::try_from(head >> 2).unwrap_or(usize::MAX);
        let outside = match head & 3 {
            STORED => len,
            GROUPED => 0,
            _ => usize::try_from(header.varint()?).unwrap_or(usize::MAX),
        };
        Ok(Entry { len, kind: head & 3, outside })
    }
}

/// Reads a block's streams in order.
#[derive(Clone, Debug)]
pub(super) struct Streams<'a> {
    body: Reader<'a>,
    group: &'a [u8],
    at: usize,
}

impl<'a> Streams<'a> {
    pub(super) const fn new(body: Reader<'a>, group: &'a [u8]) -> Self {
        Streams { body, group, at: 0 }
    }

    /// The bytes of the next stream.
    pub(super) fn next(&mut self, entry: Entry, budget: &mut usize) -> Result<Cow<'a, [u8]>> {
        if entry.kind == GROUPED {
            let end = self.at.saturating_add(entry.len);
            let bytes = self.group.get(self.at..end);
            self.at = end;
            return bytes
                .map(Cow::Borrowed)
                .ok_or_else(|| self.body.fail(Kind::Malformed, "a stream inside the group expected"));
        }
        let at = self.body.clone();
        let bytes = self.body.take(entry.outside)?;
        match entry.kind {
            STORED => Ok(Cow::Borrowed(bytes)),
            DEFLATE => inflate(&at, bytes, entry.len, budget),
            _ => unmix(&at, bytes, entry.len, budget),
        }
    }

    /// Passes over the next stream.
    pub(super) fn skip(&mut self, entry: Entry) -> Result<()> {
        if entry.kind == GROUPED {
            self.at = self.at.saturating_add(entry.len);
        }
        self.body.take(entry.outside).map(|_| ())
    }

    /// The offset of the next stream outside the group.
    pub(super) const fn offset(&self) -> usize {
        self.body.offset()
    }

    /// How many bytes the streams read so far weigh, if the whole group weighs `group_size`.
    pub(super) fn weight(&self, group_size: usize) -> usize {
        self.body.offset() + self.at * group_size / self.group.len().max(1)
    }

    /// All streams must have been read.
    pub(super) fn finish(&self) -> Result<()> {
        if self.body.is_done() && self.at == self.group.len() {
            Ok(())
        } else {
            Err(self.body.fail(Kind::Malformed, "the end of the block expected"))
        }
    }
}
