//! The codec, as the producer streams with it and as `fidelog pack` uses it.

use fidelog_codec::{Encoder, Level, Limits, decode, pack, unpack};

use crate::{
    Result,
    data::Data,
    measure::{Format, Pieces},
};

/// A level's name.
pub const fn name(level: Level) -> &'static str {
    match level {
        Level::Fast => "fast",
        Level::Default => "default",
        Level::Small => "small",
    }
}

/// One encoder for a stream of batches, each a payload of its own; the schema is there already.
pub struct Streamed {
    pub level: Level,
    /// Records in a batch.
    pub batch: usize,
}

impl Format for Streamed {
    fn name(&self) -> String {
        format!("fidelog {}, batches of {}", name(self.level), crate::report::grouped(self.batch))
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn encode(&self, data: &Data) -> Result<Pieces> {
        let mut encoder = Encoder::new(&data.schema, self.level);
        Ok(data.slices().chunks(self.batch).map(|batch| encoder.encode(batch.iter().copied())).collect())
    }

    fn decode(&self, pieces: &Pieces, data: &Data) -> Result<Option<Vec<u8>>> {
        let mut lines = Vec::with_capacity(data.bytes.len() + 1);
        for piece in pieces {
            lines.extend_from_slice(&decode(piece, &Limits::default())?.lines()?);
        }
        Ok(Some(lines))
    }

    fn columns(&self, pieces: &Pieces) -> Result<Option<usize>> {
        columns(pieces)
    }
}

/// One container for the whole file; finding a schema is part of the work.
pub struct Packed {
    pub level: Level,
}

impl Format for Packed {
    fn name(&self) -> String {
        format!("fidelog {}, packed file", name(self.level))
    }

    fn is_slow(&self) -> bool {
        false
    }

    fn encode(&self, data: &Data) -> Result<Pieces> {
        Ok(vec![pack(&data.bytes, self.level)])
    }

    fn decode(&self, pieces: &Pieces, _: &Data) -> Result<Option<Vec<u8>>> {
        Ok(Some(unpack(pieces.first().ok_or("one piece expected")?, &Limits::default())?))
    }

    fn columns(&self, pieces: &Pieces) -> Result<Option<usize>> {
        columns(pieces)
    }
}

/// Decodes to columns and leaves it at that, as an engine or a data frame would.
fn columns(pieces: &Pieces) -> Result<Option<usize>> {
    let mut rows = 0;
    for piece in pieces {
        rows += std::hint::black_box(decode(piece, &Limits::default())?).rows();
    }
    Ok(Some(rows))
}
