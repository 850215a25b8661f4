//! Gives a store's records back, exactly, as lines or as a packed file.

use std::{
    io::{self, Write},
    sync::Arc,
};

use fidelog_codec::{Encoder, Level, Schema, batch::Batch, container::Joiner};
use fidelog_table::Store;
use futures::TryStreamExt;

use crate::error::Result;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each one and a line feed.
    Lines,
    /// A packed file.
    Packed,
}

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From this event time on, in µs since 1970.
    pub from: Option<i64>,
    /// Before this one.
    pub to: Option<i64>,
}

/// What was exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Those that hold a line feed: as lines they cannot be told from several.
    pub multiline: u64,
}

/// Exports the records of a span of event time, in no particular order; without a span, all.
pub async fn export(
    store: &Store,
    span: Span,
    shape: Shape,
    out: &mut dyn Write,
) -> Result<io::Result<Exported>> {
    let mut done = Exported::default();
    let mut packer = Packer::default();
    let schemas = store.schemas().await?;
    let fail = |error| fidelog_table::Error::Codec { store: store.location().to_owned(), source: error };
    let mut rows = store.scan_between(span.from, span.to).await?;
    while let Some(rows) = rows.try_next().await? {
        for batch in schemas.batches(&rows).map_err(fail)? {
            let mut text = Vec::new();
            let mut renderer = batch.renderer();
            for row in 0..batch.rows() {
                let start = text.len();
                renderer.record_into(row, &mut text).map_err(fail)?;
                let record = text.get(start..).unwrap_or_default();
                done.records += 1;
                done.bytes += record.len() as u64;
                done.multiline += u64::from(record.contains(&b'\n'));
                text.push(b'\n');
            }
            let written = match shape {
                Shape::Lines => out.write_all(&text),
                Shape::Packed => packer.add(&batch, out),
            };
            if let Err(error) = written {
                return Ok(Err(error));
            }
        }
    }
    if shape == Shape::Packed
        && let Err(error) = packer.finish(out)
    {
        return Ok(Err(error));
    }
    Ok(Ok(done))
}

/// Makes one packed file of many batches.
#[derive(Default)]
struct Packer {
    encoder: Option<(Arc<Schema>, Encoder)>,
    joiner: Joiner,
}

impl Packer {
    fn add(&mut self, batch: &Batch, out: &mut dyn Write) -> io::Result<()> {
        let schema = batch.schema();
        if self.encoder.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, schema)) {
            self.encoder = Some((Arc::clone(schema), Encoder::new(schema, Level::Default)));
        }
        let Some((_, encoder)) = &mut self.encoder else { return Ok(()) };
        out.write_all(self.joiner.add(&encoder.encode_batch(batch)))
    }

    fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.joiner.end())
    }
}
