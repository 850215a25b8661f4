//! A payload or `.fdl` file: a sequence of blocks, and what it takes to give a packed file back byte for byte.
//!
//! Magic and version, then sections: a kind byte, the body's length (varint), the body, and the CRC-32 of all three. The end section
//! closes the container, so that no prefix of one passes for the whole.

use alloc::{sync::Arc, vec::Vec};
use core::str::FromStr;

use crate::{
    batch::Batch,
    decoder::Decoder,
    encoder::Encoder,
    error::{Error, Kind, Result, Stage},
    framing::{self, Format, Framing},
    schema::Schema,
    wire::{Reader, put_varint},
};

mod blocks;
mod decoded;
mod join;
mod stamp;

use self::blocks::Left;
pub use self::{decoded::Block, join::Joiner, stamp::Stamp};

/// What every container starts with.
pub const MAGIC: [u8; 3] = *b"FDL";

/// The format version written and read. 0 was a draft, of which nothing is left to read.
pub const VERSION: u8 = 1;

const END: u8 = 0;
const BLOCK: u8 = 1;
const FRAMING: u8 = 2;
/// Sections of this kind and above may be skipped by a decoder that does not know them.
const OPTIONAL: u8 = 0x80;
const STAMP: u8 = 0x80;

/// Most records in a block that is written, and most bytes of records, unless it is one record.
const BLOCK_RECORDS: usize = 1 << 20;
const BLOCK_BYTES: usize = 64 << 20;

/// Records that [`pack`] looks at to infer a schema.
const INFER_RECORDS: usize = 10_000;

/// How hard to try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Quick to write.
    Fast,
    /// The balance for most people.
    #[default]
    Default,
    /// As small as possible.
    Small,
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "fast" => Ok(Level::Fast),
            "default" => Ok(Level::Default),
            "small" => Ok(Level::Small),
            _ => Err(Error::new(
                Kind::Unsupported,
                Stage::Container,
                0,
                "level fast, default or small expected",
            )),
        }
    }
}

/// What a decoder accepts at most; checked before memory is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows in a container.
    pub max_rows: usize,
    /// Bytes of decoded columns in a container, and of its records.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_rows: 1 << 27, max_bytes: usize::try_from(1u64 << 32).unwrap_or(usize::MAX) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

#[cfg(target_arch = "wasm32")]
fn crc32(bytes: &[u8]) -> u32 {
    static CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}

fn put_section(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let start = out.len();
    out.push(kind);
    put_varint(out, body.len() as u64);
    out.extend_from_slice(body);
    // Kind and length too: a flipped bit must not turn a block into something to skip.
    let checksum = crc32(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
}

fn start() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(VERSION);
    out
}

/// A payload of some block bodies.
pub(crate) fn payload(bodies: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut out = start();
    bodies.into_iter().for_each(|body| put_section(&mut out, BLOCK, &body));
    put_section(&mut out, END, &[]);
    out
}

/// Records in as many parts as they are to have blocks.
pub(crate) fn cut<'r, 'a>(records: &'r [&'a [u8]]) -> impl Iterator<Item = &'r [&'a [u8]]> {
    let mut rest = records;
    core::iter::from_fn(move || {
        let mut bytes = 0usize;
        let fits = |record: &&&[u8]| {
            bytes += record.len();
            bytes <= BLOCK_BYTES
        };
        let n = rest.iter().take(BLOCK_RECORDS).take_while(fits).count().max(1);
        let (now, later) = rest.split_at_checked(n)?;
        rest = later;
        Some(now)
    })
}

/// Encodes records under a schema as one payload. For a stream of batches, keep an [`Encoder`].
pub fn encode<'a>(
    schema: &Arc<Schema>,
    records: impl IntoIterator<Item = &'a [u8]>,
    level: Level,
) -> Vec<u8> {
    Encoder::new(schema, level).encode(records)
}

/// Encodes a batch as one payload. For a stream of batches, keep an [`Encoder`].
pub fn encode_batch(batch: &Batch, level: Level) -> Vec<u8> {
    Encoder::new(batch.schema(), level).encode_batch(batch)
}

/// One section of a container: its kind, its body and the body's offset.
pub(crate) struct Section<'a> {
    kind: u8,
    pub(crate) body: &'a [u8],
    pub(crate) offset: usize,
}

/// Reads sections up to the end section, checking each and their order.
struct Sections<'a> {
    reader: Reader<'a>,
    /// Whether the framing was met: blocks stand before it.
    framed: bool,
    ended: bool,
}

impl<'a> Sections<'a> {
    fn new(container: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(container, 0, Stage::Container);
        let magic = reader.clone();
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(
                magic.fail(Kind::Malformed, "a Fidelog payload or .fdl file (it starts with FDL) expected")
            );
        }
        let version = reader.clone();
        if reader.byte()? != VERSION {
            return Err(
                version.fail(Kind::Unsupported, "format version 1 expected: a newer program may read this")
            );
        }
        Ok(Sections { reader, framed: false, ended: false })
    }

    fn next(&mut self) -> Result<Option<Section<'a>>> {
        if self.ended {
            return Ok(None);
        }
        let start = self.reader.clone();
        let kind = self.reader.byte()?;
        let len = self.reader.count(self.reader.left(), "a section inside the container expected");
        let len = len.map_err(|mut e| {
            if e.kind == Kind::Limit {
                e.kind = Kind::Truncated;
            }
            e
        })?;
        let offset = self.reader.offset();
        let body = self.reader.take(len)?;
        let checksum = self.reader.clone();
        let section = start.until(&checksum);
        if self.reader.take(4)? != crc32(section).to_le_bytes() {
            return Err(checksum.fail(Kind::Checksum, "the checksum of the section before expected"));
        }
        if kind == END {
            self.ended = true;
            if !body.is_empty() || !self.reader.is_done() {
                return Err(self
                    .reader
                    .fail(Kind::Malformed, "nothing in or after the end section expected"));
            }
            return Ok(None);
        }
        let fail = |kind, detail| Err(Error::new(kind, Stage::Container, offset, detail));
        match kind {
            BLOCK | FRAMING if self.framed => {
                return fail(Kind::Malformed, "one framing, after all blocks, expected");
            }
            BLOCK | FRAMING => self.framed = kind == FRAMING,
            OPTIONAL.. => {}
            _ => return fail(Kind::Unsupported, "a section that this decoder knows expected"),
        }
        Ok(Some(Section { kind, body, offset }))
    }
}

/// Decodes a payload whole.
pub fn decode(payload: &[u8], limits: &Limits) -> Result<Block> {
    Decoder::new(*limits).decode(payload)
}

/// A container's blocks, and its framing.
pub(crate) fn sections<'a>(
    payload: &'a [u8],
    budget: &mut usize,
) -> Result<(Vec<Section<'a>>, Option<Section<'a>>)> {
    let mut sections = Sections::new(payload)?;
    let (mut blocks, mut framing) = (Vec::new(), None);
    while let Some(section) = sections.next()? {
        match section.kind {
            BLOCK => {
                // Sections may be shorter than what is known of each.
                *budget = budget.checked_sub(size_of::<Section<'_>>()).ok_or_else(|| {
                    Error::new(
                        Kind::Limit,
                        Stage::Container,
                        section.offset,
                        "blocks within the limits expected",
                    )
                })?;
                blocks.push(section);
            }
            FRAMING => framing = Some(section),
            // Optional: none is known yet.
            _ => {}
        }
    }
    Ok((blocks, framing))
}

/// Decodes a payload; `measure` gets each block and the sizes of its header, its skeletons and its columns.
pub(crate) fn decode_measured(
    payload: &[u8],
    limits: &Limits,
    mut measure: impl FnMut(&Batch, Vec<usize>),
) -> Result<Block> {
    let mut left = Left { rows: limits.max_rows, bytes: limits.max_bytes };
    let (blocks, framing) = sections(payload, &mut left.bytes)?;
    let mut batches = Vec::new();
    for (batch, sizes) in blocks::decode(&blocks, &mut left)? {
        measure(&batch, sizes);
        batches.push(batch);
    }
    let framing = match framing {
        Some(section) => {
            let mut reader = Reader::new(section.body, section.offset, Stage::Framing);
            let framing = Framing::take(&mut reader, &mut left.bytes)?;
            if !reader.is_done() {
                return Err(reader.fail(Kind::Malformed, "the end of the framing expected"));
            }
            Some(framing)
        }
        None => None,
    };
    Ok(Block { batches, framing, max_bytes: limits.max_bytes })
}

/// Packs a file (a JSON array, lines, anything) under a schema inferred from it.
pub fn pack(file: &[u8], level: Level) -> Vec<u8> {
    let (records, framing) = match framing::records(file, Format::Auto) {
        Ok(split) => split,
        // Lines take every file; this arm is for the type only.
        Err(_) => (Vec::new(), Framing { prefix: file.to_vec(), ..Framing::default() }),
    };
    let schema = Arc::new(Schema::infer(records.iter().take(INFER_RECORDS).copied()).schema);
    let mut encoder = Encoder::new(&schema, level);
    let mut out = start();
    cut(&records).for_each(|records| put_section(&mut out, BLOCK, &encoder.body(records)));
    let mut body = Vec::new();
    framing.put(&mut body);
    put_section(&mut out, FRAMING, &body);
    put_section(&mut out, END, &[]);
    out
}

/// Gives a packed file back. A payload without framing comes out as lines.
pub fn unpack(container: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let block = decode(container, limits)?;
    match &block.framing {
        Some(framing) => block.join(framing),
        None => block.lines(),
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;

    fn cuts(records: &[&[u8]]) -> Vec<usize> {
        cut(records).map(<[_]>::len).collect()
    }

    #[test]
    fn records_are_cut_by_number_and_by_size() {
        let half = vec![b' '; BLOCK_BYTES / 2];
        let (whole, longer) = ([&half[..], &half].concat(), [&half[..], &half, b"!"].concat());
        assert_eq!(cuts(&[]), [0; 0]);
        assert_eq!(cuts(&vec![&b""[..]; BLOCK_RECORDS + 1]), [BLOCK_RECORDS, 1]);
        assert_eq!(cuts(&[&half, &half, &half]), [2, 1]);
        assert_eq!(cuts(&[&half, &whole, &whole, &longer, b"", &longer]), [1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn nothing_is_lost_between_blocks() {
        let records: Vec<&[u8]> = vec![b"[1]"; BLOCK_RECORDS + 3];
        let schema = Arc::new(Schema::infer([]).schema);
        let payload = encode(&schema, records.iter().copied(), Level::Fast);
        let block = decode(&payload, &Limits::default()).unwrap();
        assert_eq!(block.batches().iter().map(Batch::rows).collect::<Vec<_>>(), [BLOCK_RECORDS, 3]);
        assert_eq!(block.lines().unwrap(), b"[1]\n".repeat(records.len()));
    }
}
