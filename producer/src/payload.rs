//! Payloads: what the data of a Kinesis record stands for.
//!
//! A block; JSON or lines of it; gzip of either (all members); or an aggregate of the Kinesis Producer Library with any
//! of these inside. Whatever else it is, is data: lines. Only what says that it is a block or gzip and cannot be decoded
//! is no record.

use std::io::Read;

use fidelog_codec::{
    Limits,
    container::{self, MAGIC, Stamp},
    framing::{self, Format},
};
use flate2::read::MultiGzDecoder;

use crate::input::Records;

mod aggregate;

/// Most bytes that one Kinesis record may stand for.
const MAX_BYTES: usize = 256 << 20;

/// Most records that a block in one Kinesis record may stand for.
const MAX_ROWS: usize = 1 << 24;

const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Some of what a Kinesis record stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Records, and the source that numbered them, if one did.
    Records(Records, Option<String>),
    /// What could not be decoded.
    Dead(Dead),
}

/// What could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Where it was in an aggregate.
    pub index: Option<usize>,
    /// What is wrong with it.
    pub reason: String,
    /// It.
    pub bytes: Vec<u8>,
}

/// Reads a Kinesis record's data; `format` says how text holds records.
pub fn read(data: &[u8], format: Format) -> Vec<Piece> {
    let Some(inner) = aggregate::split(data) else { return vec![one(data, format, None)] };
    inner.into_iter().enumerate().map(|(i, data)| one(data, format, Some(i))).collect()
}

/// Whether this very record comes out if it is put as it is.
pub fn is_plain(record: &[u8]) -> bool {
    match &read(record, Format::Auto)[..] {
        [Piece::Records(records, None)] => records.iter().eq([record]),
        _ => false,
    }
}

fn one(data: &[u8], format: Format, index: Option<usize>) -> Piece {
    let piece = if is_block(data) {
        block(data)
    } else if data.starts_with(&GZIP) {
        gunzip(data).and_then(|text| records(&text, format))
    } else {
        records(data, format)
    };
    piece.unwrap_or_else(|reason| Piece::Dead(Dead { index, reason, bytes: data.to_vec() }))
}

/// A version follows the magic, which no text would have there.
fn is_block(data: &[u8]) -> bool {
    data.strip_prefix(&MAGIC).and_then(<[u8]>::first).is_some_and(u8::is_ascii_control)
}

fn block(data: &[u8]) -> Result<Piece, String> {
    let limits = Limits { max_rows: MAX_ROWS, max_bytes: MAX_BYTES };
    let block = container::decode(data, &limits).map_err(|error| error.to_string())?;
    let stamp = Stamp::read(data).map_err(|error| error.to_string())?;
    let (source, first) = stamp.map_or((None, 0), |stamp| (Some(stamp.source), stamp.first));
    let mut records = Records::starting_at(first);
    let mut record = Vec::new();
    for batch in block.batches() {
        let mut renderer = batch.renderer();
        for row in 0..batch.rows() {
            record.clear();
            renderer.record_into(row, &mut record).map_err(|error| error.to_string())?;
            records.push(&record);
            if records.bytes() > MAX_BYTES {
                return Err(format!("a block of more than {MAX_BYTES} bytes of records"));
            }
        }
    }
    Ok(Piece::Records(records, source))
}

fn records(text: &[u8], format: Format) -> Result<Piece, String> {
    let (found, _) = framing::records(text, format).map_err(|error| error.to_string())?;
    let mut records = Records::default();
    found.into_iter().for_each(|record| records.push(record));
    Ok(Piece::Records(records, None))
}

fn gunzip(data: &[u8]) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(data).take(MAX_BYTES as u64 + 1).read_to_end(&mut text);
    read.map_err(|error| format!("gzip that cannot be decompressed: {error}"))?;
    if text.len() > MAX_BYTES {
        return Err(format!("gzip of more than {MAX_BYTES} bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use fidelog_codec::{Level, Schema};
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn texts(pieces: &[Piece]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Records(records, _) => all.extend(records.iter().map(<[u8]>::to_vec)),
                Piece::Dead(dead) => panic!("{}", dead.reason),
            }
        }
        all
    }

    fn stamped(records: &[&[u8]], source: &str, first: u64) -> Vec<u8> {
        let schema = Arc::new(Schema::infer(records.iter().copied()).schema);
        let block = fidelog_codec::encode(&schema, records.iter().copied(), Level::Fast);
        Stamp { source: source.into(), first }.put(&block)
    }

    #[test]
    fn every_kind_gives_its_records() {
        let lines: [&[u8]; 2] = [b"{\"a\":1}", b"{\"a\":2}"];
        let text = lines.join(&b'\n');
        let two_members = [gzip(b"{\"a\":1}\n"), gzip(b"{\"a\":2}\n")].concat();
        let block = stamped(&lines, "app", 7);
        for data in [&text, &gzip(&text), &two_members, &gzip(b"[{\"a\":1}, {\"a\":2}]"), &block] {
            assert_eq!(texts(&read(data, Format::Auto)), lines);
            let aggregate = aggregate::tests::aggregate(&[data, b"x"]);
            assert_eq!(texts(&read(&aggregate, Format::Auto)), [lines[0], lines[1], b"x"]);
        }
        let Some(Piece::Records(records, source)) = read(&block, Format::Auto).pop() else {
            panic!("no block")
        };
        assert_eq!((source.as_deref(), records.first), (Some("app"), 7));
        assert_eq!(texts(&read(b"[1]\n[2]", Format::Auto)), [b"[1]", b"[2]"]);
        assert_eq!(texts(&read(b"", Format::Auto)), Vec::<Vec<u8>>::new());
        assert_eq!(texts(&read(b"FDLine", Format::Auto)), [b"FDLine"]);
    }

    #[test]
    fn what_is_broken_is_dead_and_whole() {
        let mut block = stamped(&[b"{\"a\":1}"], "app", 0);
        if let Some(byte) = block.last_mut() {
            *byte ^= 1;
        }
        let mut cut = gzip(b"{\"a\":1}");
        cut.truncate(cut.len() - 3);
        for data in [block, cut, b"FDL\x09".to_vec()] {
            let pieces = read(&data, Format::Auto);
            assert!(matches!(&pieces[..], [Piece::Dead(dead)] if dead.bytes == data), "{pieces:?}");
        }
        let dead = read(b"no array", Format::Array);
        assert!(matches!(&dead[..], [Piece::Dead(_)]), "{dead:?}");
    }

    proptest! {
        #[test]
        fn hostile_data_is_records_or_dead(bytes: Vec<u8>, kind in 0usize..4) {
            let prefixes: [&[u8]; 4] = [b"", b"FDL\0", &GZIP, &aggregate::MAGIC];
            let data = [prefixes[kind], &bytes].concat();
            prop_assert!(!read(&data, Format::Auto).is_empty() || kind == 3);
        }

        #[test]
        fn plain_records_come_out_as_they_are(record: Vec<u8>) {
            if is_plain(&record) {
                prop_assert!(!record.contains(&b'\n'));
            }
        }
    }
}
