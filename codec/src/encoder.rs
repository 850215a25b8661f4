//! Encodes batches of one stream of records: what is found out about the first batch is kept for the later ones.

use alloc::{sync::Arc, vec::Vec};

use crate::{
    batch::Batch,
    block::{self, plan::Plan},
    container::{self, Level},
    infer,
    schema::Schema,
};

/// Batches smaller than this are not worth a search.
const FEW: usize = 24;

/// Records that tell which undeclared members recur.
const LEARN: usize = 4_000;

/// More distinct skeletons than this, and one in so many rows: they hold values that had better be columns.
const MANY_SKELETONS: usize = 8;
const ROWS_A_SKELETON: usize = 100;

/// Encodes records under one schema, batch after batch.
///
/// The first batch is searched for the order of the columns and for what says most of each one; later batches reuse
/// that plan, so that a stream of blocks pays for the search once. Every block still decodes on its own.
///
/// Memory: a few times a batch's bytes, freed after each; the plan itself is small.
#[derive(Clone, Debug)]
pub struct Encoder {
    schema: Arc<Schema>,
    level: Level,
    learned: Option<Arc<Schema>>,
    plan: Option<Kept>,
}

/// A plan, and what it was made for.
#[derive(Clone, Debug)]
struct Kept {
    plan: Plan,
    fields: usize,
    rows: usize,
}

impl Encoder {
    /// An encoder that has seen nothing yet.
    pub fn new(schema: &Arc<Schema>, level: Level) -> Self {
        Encoder { schema: Arc::clone(schema), level, learned: None, plan: None }
    }

    /// Encodes records as one payload: of one block or, over 64 MiB or 2^20 records, of several.
    pub fn encode<'a>(&mut self, records: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let records: Vec<&[u8]> = records.into_iter().collect();
        if records.is_empty() {
            return container::payload([self.body(&[])]);
        }
        container::payload(container::cut(&records).map(|records| self.body(records)))
    }

    /// Encodes a batch as one payload.
    pub fn encode_batch(&mut self, batch: &Batch) -> Vec<u8> {
        let skeletons = batch.skeletons().dictionary.len();
        if skeletons <= MANY_SKELETONS || skeletons * ROWS_A_SKELETON <= batch.rows() {
            return container::payload([self.batch_body(batch)]);
        }
        // A batch whose records cannot be rendered is coded as it is.
        let records: Option<Vec<Vec<u8>>> = batch.records().collect::<Result<_, _>>().ok();
        match records {
            Some(records) => self.encode(records.iter().map(Vec::as_slice)),
            None => container::payload([self.batch_body(batch)]),
        }
    }

    /// The block body of some records.
    pub(crate) fn body(&mut self, records: &[&[u8]]) -> Vec<u8> {
        let learned = self.learned.get_or_insert_with(|| {
            let sample = records.get(..LEARN).unwrap_or(records);
            Arc::new(infer::learn(&self.schema, sample))
        });
        let batch = Batch::split(learned, records.iter().copied()).with_declared(self.schema.fields().len());
        if records.len() < FEW {
            // Too few to learn from: the next batch may know better.
            self.learned = None;
        }
        self.batch_body(&batch)
    }

    fn batch_body(&mut self, batch: &Batch) -> Vec<u8> {
        let mut body = Vec::new();
        block::put(&mut body, batch, &self.plan_for(batch), self.level);
        body
    }

    /// The plan kept, or a new one where none fits or the one kept was made on a much smaller sample.
    fn plan_for(&mut self, batch: &Batch) -> Plan {
        let fields = batch.schema().fields().len();
        let rows = batch.rows().min(block::sample_rows(self.level));
        if let Some(kept) = self.plan.as_ref().filter(|kept| kept.fields == fields && kept.rows * 4 > rows) {
            return kept.plan.clone();
        }
        let plan = if rows < FEW {
            Plan::bare(batch.schema().fields().iter().map(|f| &f.encoding))
        } else {
            block::search(&batch.head(rows), self.level)
        };
        self.plan = Some(Kept { plan: plan.clone(), fields, rows });
        plan
    }
}
