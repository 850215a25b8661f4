//! A decoded payload: its blocks' records, and the file they stood in.

use alloc::{string::String, vec::Vec};

use crate::{
    batch::Batch,
    error::{Error, Kind, Result, Stage},
    framing::Framing,
    schema::Field,
};

/// Records after which it is estimated how long all will be.
const SAMPLE: usize = 1_000;

/// A decoded payload: the records of all its blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub(super) batches: Vec<Batch>,
    pub(super) framing: Option<Framing>,
    /// What the records may be long, all together.
    pub(super) max_bytes: usize,
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
    pub(super) fn join(&self, framing: &Framing) -> Result<Vec<u8>> {
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

/// A small payload may stand for records without end: their size counts, too.
fn within(bytes: usize, max_bytes: usize) -> Result<()> {
    if bytes <= max_bytes {
        return Ok(());
    }
    Err(Error::new(Kind::Limit, Stage::Container, bytes, "records within the limits expected"))
}
