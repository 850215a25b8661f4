//! What is measured on: samples of the game-API log, the six shapes of real logs, a file of one's own.

use std::{ops::Range, path::PathBuf, sync::Arc};

use fidelog_codec::{
    Schema,
    framing::{self, Format},
};
use fidelog_tests::shapes;

use crate::Result;

// The producer as a library would bring the whole table along, minutes of building for one generator.
#[path = "../../../producer/src/sample/mod.rs"]
mod sample;

const SEED: u64 = 11;

/// Records that a schema is inferred from.
const INFER_RECORDS: usize = 10_000;

/// Records in one file, and the schema that fits them.
pub struct Data {
    pub name: String,
    pub bytes: Vec<u8>,
    pub records: Vec<Range<usize>>,
    pub schema: Arc<Schema>,
}

impl Data {
    fn new(name: String, bytes: Vec<u8>) -> Result<Self> {
        let start = bytes.as_ptr().addr();
        let (slices, _) = framing::records(&bytes, Format::Auto)?;
        let schema = Arc::new(Schema::infer(slices.iter().take(INFER_RECORDS).copied()).schema);
        let range = |slice: &&[u8]| {
            let at = slice.as_ptr().addr() - start;
            at..at + slice.len()
        };
        let records = slices.iter().map(range).collect();
        Ok(Data { name, bytes, records, schema })
    }

    /// The column that a query by time reads: the event time's, else the first.
    pub fn one(&self) -> Option<String> {
        let fields = self.schema.fields();
        let event_time = self.schema.event_time().and_then(|index| fields.get(index));
        event_time.or(fields.first()).map(|field| field.name().to_string())
    }

    /// The records' bytes.
    pub fn slices(&self) -> Vec<&[u8]> {
        self.records.iter().map(|range| &self.bytes[range.clone()]).collect()
    }
}

/// Where data comes from.
pub enum Source {
    Sample { bytes: usize },
    Shape { name: &'static str, bytes: usize },
    File(PathBuf),
}

/// All data of a run, one after the other.
pub fn sources(quick: bool, input: Option<PathBuf>) -> Vec<Source> {
    let mut sources: Vec<Source> = input.into_iter().map(Source::File).collect();
    let (sample, shape) = if quick { (3_000_000, 700_000) } else { (10_000_000, 10_000_000) };
    sources.push(Source::Sample { bytes: sample });
    sources.extend(shapes::NAMES.map(|name| Source::Shape { name, bytes: shape }));
    // What takes longest comes last.
    if !quick {
        sources.push(Source::Sample { bytes: 100_000_000 });
    }
    sources
}

impl Source {
    /// Makes or reads it.
    pub fn load(&self) -> Result<Data> {
        match self {
            Source::Sample { bytes } => {
                let records = sample::Sampler::new(sample::DEFAULT_SEED);
                Data::new("sample".into(), lines(records, *bytes))
            }
            Source::Shape { name, bytes } => {
                let records = shapes::records(name, SEED).ok_or("a shape's name expected")?;
                Data::new((*name).into(), lines(records, *bytes))
            }
            Source::File(path) => {
                let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
                Data::new(path.display().to_string(), bytes)
            }
        }
    }
}

/// Records as lines, up to about so many bytes.
fn lines(records: impl Iterator<Item = Vec<u8>>, bytes: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(bytes + 4096);
    for record in records {
        file.extend_from_slice(&record);
        file.push(b'\n');
        if file.len() >= bytes {
            break;
        }
    }
    file
}
