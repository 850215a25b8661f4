//! Makes Kinesis records of records.

use std::{borrow::Cow, sync::Arc};

use fidelog_codec::{Encoder, Level, Schema, container::Stamp};

use crate::{
    input::{Bounds, Records},
    kinesis::Entry,
    payload,
    reduce::reduced,
};

/// Records that a schema is inferred from, at most.
const INFER: usize = 10_000;

/// Records are taken for this many times a block's size before anybody knows how small they become.
const FIRST_GUESS: f64 = 0.15;

/// Blocks aim a little below their size, so as not to begin another billed unit.
const AIM: f64 = 0.96;

/// Most bytes of records in a block.
const MAX_BYTES: usize = 16 << 20;

/// Most records in a block.
const MAX_RECORDS: usize = 100_000;

/// How records travel.
#[derive(Clone, Debug)]
pub enum Form {
    /// In blocks of about so many bytes, numbered under the source's name.
    Blocks(String, usize),
    /// Each as it is.
    Plain,
}

/// What was made of some records.
#[derive(Debug)]
pub enum Made {
    /// Something to put, for so many records of so many bytes that would be billed so many units on their own.
    Entry { entry: Entry, records: u64, bytes: u64, plain_units: u64 },
    /// A record that the stream does not take.
    TooLarge { source: Option<String>, index: u64, record: Vec<u8> },
}

/// Makes Kinesis records.
pub struct Blocks {
    form: Form,
    schema: Option<Arc<Schema>>,
    encoder: Option<Encoder>,
    max_record: usize,
    /// Encoded bytes for a byte of records, as it was lately.
    ratio: f64,
}

impl Blocks {
    /// For a stream that takes records of so many bytes, key counted.
    pub fn new(form: Form, schema: Option<Arc<Schema>>, max_record: usize) -> Self {
        Blocks { form, schema, encoder: None, max_record, ratio: FIRST_GUESS }
    }

    /// How many records the next call of `make` should get.
    pub fn bounds(&self) -> Bounds {
        match self.form {
            Form::Plain => Bounds { records: 500, bytes: 1 << 20 },
            Form::Blocks(_, size) => {
                let bytes = (size as f64 * AIM / self.ratio) as usize;
                Bounds { records: MAX_RECORDS, bytes: bytes.clamp(size.min(MAX_BYTES), MAX_BYTES) }
            }
        }
    }

    /// Makes Kinesis records of all these records.
    pub fn make(&mut self, records: &Records, out: &mut dyn FnMut(Made)) {
        let left = match &self.schema {
            Some(schema) => reduced(schema, records),
            None => Cow::Borrowed(records),
        };
        let all: Vec<&[u8]> = left.iter().collect();
        match self.form.clone() {
            Form::Blocks(source, _) => self.block(&source, records.first, &all, out),
            Form::Plain => (records.first..).zip(&all).for_each(|(i, record)| self.plain(i, record, out)),
        }
    }

    fn block(&mut self, source: &str, first: u64, records: &[&[u8]], out: &mut dyn FnMut(Made)) {
        let bytes: usize = records.iter().map(|r| r.len()).sum();
        let stamp = Stamp { source: source.to_owned(), first };
        let data = stamp.put(&self.encode(records));
        // Spreads blocks over the shards, the same block always to the same one.
        let key = format!("{:08x}-{first}", crc32fast::hash(source.as_bytes()));
        if key.len() + data.len() <= self.max_record {
            if bytes > 0 {
                self.ratio = (self.ratio + data.len() as f64 / bytes as f64).clamp(0.001, 4.0) / 2.0;
            }
            out(made(key, data, records));
        } else if let [record] = records {
            out(Made::TooLarge { source: Some(stamp.source), index: first, record: record.to_vec() });
        } else {
            let (left, right) = records.split_at(records.len() / 2);
            self.block(source, first, left, out);
            self.block(source, first + left.len() as u64, right, out);
        }
    }

    fn plain(&mut self, index: u64, record: &[u8], out: &mut dyn FnMut(Made)) {
        let key = format!("{:016x}", rand::random::<u64>());
        let fits = |data: &[u8]| key.len() + data.len() <= self.max_record;
        if payload::is_plain(record) && fits(record) {
            out(made(key, record.to_vec(), &[record]));
            return;
        }
        // What would not come out as it is goes as a block of its own.
        let data = self.encode(&[record]);
        if key.len() + data.len() <= self.max_record {
            out(made(key, data, &[record]));
        } else {
            out(Made::TooLarge { source: None, index, record: record.to_vec() });
        }
    }

    fn encode(&mut self, records: &[&[u8]]) -> Vec<u8> {
        let schema = &mut self.schema;
        let encoder = self.encoder.get_or_insert_with(|| {
            let infer = || Arc::new(Schema::infer(records.iter().take(INFER).copied()).schema);
            Encoder::new(schema.get_or_insert_with(infer), Level::Default)
        });
        encoder.encode(records.iter().copied())
    }
}

fn made(key: String, data: Vec<u8>, records: &[&[u8]]) -> Made {
    let bytes = records.iter().map(|r| r.len() as u64).sum();
    let plain_units = records.iter().map(|r| super::put_units(r.len())).sum();
    Made::Entry { entry: Entry { key, data }, records: records.len() as u64, bytes, plain_units }
}

#[cfg(test)]
mod tests {
    use fidelog_codec::framing::Format;
    use proptest::prelude::*;

    use super::*;
    use crate::{payload::Piece, sample::Sampler};

    fn records(all: &[Vec<u8>], first: u64) -> Records {
        let mut records = Records::starting_at(first);
        all.iter().for_each(|r| records.push(r));
        records
    }

    type Numbered = (Option<u64>, Vec<u8>);

    /// The records of all that was made, those of blocks with their numbers; and what was too large.
    fn back(form: Form, max_record: usize, all: &[Vec<u8>]) -> (Vec<Numbered>, Vec<u64>) {
        let (mut found, mut too_large) = (Vec::new(), Vec::new());
        Blocks::new(form, None, max_record).make(&records(all, 100), &mut |made| match made {
            Made::TooLarge { index, record, .. } => {
                assert_eq!(record, all[(index - 100) as usize]);
                too_large.push(index);
            }
            Made::Entry { entry, .. } => {
                assert!(entry.key.len() + entry.data.len() <= max_record);
                for piece in payload::read(&entry.data, Format::Auto) {
                    match piece {
                        Piece::Records(records, source) => {
                            let number = |i| source.as_ref().map(|_| records.first + i);
                            found.extend((0..).zip(records.iter()).map(|(i, r)| (number(i), r.to_vec())));
                        }
                        Piece::Dead(dead) => panic!("{}", dead.reason),
                    }
                }
            }
        });
        (found, too_large)
    }

    fn any_record() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "\\{\"a\":[0-9]{1,4}\\}".prop_map(String::into_bytes),
            "\\[1\n?,[0-9]\\]".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(|tail| [b"FDL\0".as_slice(), &tail].concat()),
            prop::collection::vec(any::<u8>(), 900..2000),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_record_comes_out_once_or_is_named(all in prop::collection::vec(any_record(), 1..30)) {
            let (found, too_large) = back(Form::Blocks("s".into(), 25_000), 700, &all);
            let mut numbers: Vec<u64> = found.iter().map(|f| f.0.unwrap()).chain(too_large).collect();
            numbers.sort();
            prop_assert_eq!(numbers, (100..100 + all.len() as u64).collect::<Vec<_>>());
            for (number, record) in found {
                prop_assert_eq!(&record, &all[(number.unwrap() - 100) as usize]);
            }
            let (found, too_large) = back(Form::Plain, 700, &all);
            let fit: Vec<&Vec<u8>> =
                all.iter().zip(100..).filter(|(_, i)| !too_large.contains(i)).map(|(r, _)| r).collect();
            prop_assert_eq!(found.iter().map(|f| &f.1).collect::<Vec<_>>(), fit);
        }
    }

    #[test]
    fn blocks_use_their_units_well() {
        let mut blocks = Blocks::new(Form::Blocks("s".into(), 100_000), None, 1 << 20);
        let mut sampler = Sampler::new(1);
        let (mut sent, mut units) = (0u64, 0);
        for _ in 0..4 {
            let Bounds { records: most, bytes } = blocks.bounds();
            let mut next = Records::starting_at(sent);
            while next.bytes() < bytes && next.len() < most {
                let mut record = Vec::new();
                sampler.record_into(&mut record);
                next.push(&record);
            }
            sent += next.len() as u64;
            blocks.make(&next, &mut |made| {
                let Made::Entry { entry, .. } = made else { panic!("too large") };
                units += super::super::put_units(entry.data.len());
            });
        }
        // A million records for at most 1,000 units.
        assert!(sent / units >= 1_000, "{sent} records in {units} units");
    }
}
