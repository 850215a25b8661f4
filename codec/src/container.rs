//! A payload or `.fdl` file: a sequence of blocks, and what it takes to give a packed file back byte for byte.
//!
//! Magic and version, then sections: a kind byte, the body's length (varint), the body, and the CRC-32 of all three. The end section
//! closes the container, so that no prefix of one passes for the whole.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::str::FromStr;

use crate::{
    batch::Batch,
    block,
    decoder::Decoder,
    encoder::Encoder,
    error::{Error, Kind, Result, Stage},
    framing::{self, Format, Framing},
    schema::{Field, Schema},
    wire::{Reader, put_varint},
};

mod join;
mod stamp;

pub use self::{join::Joiner, stamp::Stamp};

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

/// Most records in a block that [`pack`] writes, and most bytes of records.
const PACK_RECORDS: usize = 1 << 20;
const PACK_BYTES: usize = 64 << 20;

/// Records after which [`unpack`] estimates how long the file will be.
const SAMPLE: usize = 1_000;

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

/// A decoded payload: the records of all its blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    batches: Vec<Batch>,
    framing: Option<Framing>,
    /// What the records may be long, all together.
    max_bytes: usize,
}

impl Block {
    /// The blocks' batches, in order.
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(Batch::rows).sum()
    }

    /// Appends the bytes of record `row`.
    pub fn record_into(&self, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let mut row = row;
        for batch in &self.batches {
            if row < batch.rows() {
                return batch.record_into(row, out);
            }
            row -= batch.rows();
        }
        Err(Error::new(Kind::Malformed, Stage::Container, row, "no such record"))
    }

    /// All records, each followed by a newline; an error if they are over the limit that the payload was decoded with.
    pub fn lines(&self) -> Result<Vec<u8>> {
        if self.rows() == 0 {
            return Ok(Vec::new());
        }
        self.join(&Framing { separator: b"\n".to_vec(), suffix: b"\n".to_vec(), ..Framing::default() })
    }

    /// All records with what stands before, between and after them.
    fn join(&self, framing: &Framing) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let (mut i, mut next) = (0, 0);
        for batch in &self.batches {
            let mut renderer = batch.renderer();
            let mut row = 0;
            while row < batch.rows() {
                file.extend_from_slice(framing.before(i, &mut next));
                let exception = framing.exceptions.get(next).map_or(usize::MAX, |(at, _)| at - i);
                let sample = if row < SAMPLE { SAMPLE - row } else { usize::MAX };
                let end = row + exception.min(sample).min(batch.rows() - row);
                renderer.join_into(row..end, &framing.separator, self.max_bytes, &mut file)?;
                (i, row) = (i + end - row, end);
                if row == SAMPLE {
                    // The rest is likely as long for each row, and a little more.
                    let expected = (file.len() / i).saturating_mul(batch.rows() - row);
                    let expected = expected.saturating_add(expected / 16);
                    file.reserve(expected.min(self.max_bytes.saturating_sub(file.len())));
                }
            }
        }
        if next != framing.exceptions.len() {
            return Err(Error::new(
                Kind::Malformed,
                Stage::Framing,
                next,
                "a record for each exception expected",
            ));
        }
        if i == 0 {
            file.extend_from_slice(&framing.prefix);
        }
        file.extend_from_slice(&framing.suffix);
        within(file.len(), self.max_bytes)?;
        Ok(file)
    }

    /// The names of the declared fields, in the schemas' order.
    pub fn field_names(&self) -> Vec<String> {
        let declared =
            |batch: &Batch| batch.schema().fields().iter().take(batch.declared()).map(Field::name).collect();
        let mut names: Vec<String> = Vec::new();
        for name in self.batches.iter().flat_map(|batch| -> Vec<String> { declared(batch) }) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The records in order; an error for what is over the limit that the payload was decoded with.
    pub fn records(&self) -> impl Iterator<Item = Result<Vec<u8>>> {
        let mut bytes = 0usize;
        self.batches.iter().flat_map(Batch::records).map(move |record| {
            let record = record?;
            bytes = bytes.saturating_add(record.len());
            within(bytes, self.max_bytes).map(|()| record)
        })
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

/// A payload of one block.
pub(crate) fn payload(body: &[u8]) -> Vec<u8> {
    let mut out = start();
    put_section(&mut out, BLOCK, body);
    put_section(&mut out, END, &[]);
    out
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

/// A container's blocks; what the framing holds is not looked at.
pub(crate) fn blocks(payload: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut sections = Sections::new(payload)?;
    let mut blocks = Vec::new();
    while let Some(section) = sections.next()? {
        if section.kind == BLOCK {
            blocks.push(section);
        }
    }
    Ok(blocks)
}

/// Decodes a payload; `measure` gets each block and the sizes of its header, its skeletons and its columns.
pub(crate) fn decode_measured(
    payload: &[u8],
    limits: &Limits,
    mut measure: impl FnMut(&Batch, Vec<usize>),
) -> Result<Block> {
    let mut sections = Sections::new(payload)?;
    let mut block = Block { batches: Vec::new(), framing: None, max_bytes: limits.max_bytes };
    let (mut rows, mut budget) = (limits.max_rows, limits.max_bytes);
    while let Some(section) = sections.next()? {
        match section.kind {
            BLOCK => {
                let (batch, sizes) = block::take(section.body, section.offset, rows, &mut budget)?;
                rows -= batch.rows();
                measure(&batch, sizes);
                block.batches.push(batch);
            }
            FRAMING => {
                let mut reader = Reader::new(section.body, section.offset, Stage::Framing);
                block.framing = Some(Framing::take(&mut reader, &mut budget)?);
                if !reader.is_done() {
                    return Err(reader.fail(Kind::Malformed, "the end of the framing expected"));
                }
            }
            // Optional: none is known yet.
            _ => {}
        }
    }
    Ok(block)
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
    let mut rest = records.as_slice();
    while !rest.is_empty() {
        let mut bytes = 0usize;
        let fits = |record: &&&[u8]| {
            bytes += record.len();
            bytes <= PACK_BYTES
        };
        let n = rest.iter().take(PACK_RECORDS).take_while(fits).count().max(1);
        let (now, later) = rest.split_at(n);
        put_section(&mut out, BLOCK, &encoder.body(now));
        rest = later;
    }
    let mut body = Vec::new();
    framing.put(&mut body);
    put_section(&mut out, FRAMING, &body);
    put_section(&mut out, END, &[]);
    out
}

/// A small payload may stand for records without end: their size counts, too.
fn within(bytes: usize, max_bytes: usize) -> Result<()> {
    if bytes <= max_bytes {
        return Ok(());
    }
    Err(Error::new(Kind::Limit, Stage::Container, bytes, "records within the limits expected"))
}

/// Gives a packed file back. A payload without framing comes out as lines.
pub fn unpack(container: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let block = decode(container, limits)?;
    match &block.framing {
        Some(framing) => block.join(framing),
        None => block.lines(),
    }
}
