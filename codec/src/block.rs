//! A compressed, self-describing batch of columns.
//!
//! The way of a batch into a block, in the order of the modules:
//!
//! 1. `plan`: in which order the columns are coded, each plain or ranked, under which `context`s; found once by
//!    `search` on a sample and kept;
//! 2. `presence`: which rows have a hole for a field at all; `values`: a column as ids of distinct values, or plain;
//! 3. `ranks`: ids as positions in candidate lists, which a `model` keeps in `lists` by context;
//! 4. `dictionary`: distinct or plain values as streams (`integers`, `decimals`, the crate's text module);
//! 5. `streams`: each stream's back end; or, at level `small`, `mixing` in place of 3 and 5;
//! 6. `header`: the schema; `column`: each column's description.

mod column;
pub(crate) mod context;
mod decimals;
mod dictionary;
mod header;
mod integers;
mod lists;
mod log2;
mod mixing;
pub(crate) mod model;
mod parts;
pub(crate) mod plan;
mod presence;
mod ranks;
mod recency;
mod search;
mod streams;
#[cfg(test)]
mod tests;
mod values;

use alloc::{sync::Arc, vec, vec::Vec};

use self::{
    column::Coding,
    model::Ids,
    parts::{Sink, Source},
    plan::{ColumnPlan, Plan},
    presence::{Holes, Presence},
    streams::{Content, Effort, Streams, charge},
    values::{Coded, Values},
};
use crate::{
    batch::{Batch, Skeletons},
    column::Column,
    container::Level,
    encoding::Encoding,
    error::{Kind, Result, Stage},
    mix::Text,
    stream,
    wire::{Reader, put_varint},
};

pub(crate) use self::{
    search::{sample_rows, search},
    streams::{Packed, inflate, unmix},
};

/// How a block is coded.
const DEFLATE: u8 = 0;
const MIXING: u8 = 1;

/// Appends a batch's block body. The sizes of the header, the skeletons and each column, in the schema's order.
pub(crate) fn put(out: &mut Vec<u8>, batch: &Batch, plan: &Plan, level: Level) -> Vec<usize> {
    let coding = Coding { mixing: level == Level::Small, thorough: level != Level::Fast };
    let effort = match level {
        Level::Fast => Effort::Quick,
        Level::Default => Effort::Thorough,
        Level::Small => Effort::Mixing,
    };
    let mut sink = Sink::default();
    header::put(&mut sink.head, batch.schema(), batch.declared());
    if coding.mixing {
        let size = text_size(batch);
        put_varint(&mut sink.head, size as u64);
        sink.text = Some(Text::new(size));
    }
    let skeletons = batch.skeletons();
    let fields = batch.schema().fields().len();
    let mut columns = vec![Ids::default(); fields + 1];
    let (ids, null, dictionary) =
        values::renumber(&skeletons.dictionary, &skeletons.ids, &Holes::everywhere());
    let coded = Coded::Ranked { ids, null, values: Values::Strings(dictionary) };
    let skeleton_plan = ColumnPlan::Ranked { contexts: plan.skeletons.clone(), text_context: None };
    let everywhere = (batch.rows(), &Holes::everywhere());
    let earlier = column::put(&mut sink, coding, 0, coded, &skeleton_plan, everywhere, &columns);
    if let Some(slot) = columns.first_mut() {
        *slot = earlier;
    }
    let presence = Presence::new(&skeletons.ids, &skeletons.dictionary, fields);
    let mut marks = vec![sink.mark()];
    let mut marked = Vec::new();
    for &field in &plan.order {
        let (Some(column), Some(column_plan)) = (batch.columns().get(field), plan.columns.get(field)) else {
            continue;
        };
        put_varint(&mut sink.head, field as u64);
        let holes = presence.of(field);
        let coded = match column_plan {
            ColumnPlan::Plain { .. } => values::plain(column, &holes),
            ColumnPlan::Ranked { .. } => values::ranked(column, &holes),
        };
        let earlier =
            column::put(&mut sink, coding, field + 1, coded, column_plan, (batch.rows(), &holes), &columns);
        if let Some(slot) = columns.get_mut(field + 1) {
            *slot = earlier;
        }
        marks.push(sink.mark());
        marked.push(field);
    }
    let (head, packing, part_sizes) = sink.finish(&marks, effort);
    let start = out.len();
    put_varint(out, batch.rows() as u64);
    out.push(if coding.mixing { MIXING } else { DEFLATE });
    stream::put(out, &head, &streams::pack(&head, Content::Text, effort));
    stream::put(out, &packing.group, &packing.group_packed);
    packing.entries.iter().for_each(|(_, bytes)| out.extend_from_slice(bytes));
    // What the parts do not account for is the header's.
    let mut sizes = vec![0; fields + 2];
    let mut part_sizes = part_sizes.into_iter();
    let skeleton_size = part_sizes.next().unwrap_or(0);
    for (field, size) in marked.into_iter().zip(part_sizes) {
        if let Some(slot) = sizes.get_mut(field + 2) {
            *slot = size;
        }
    }
    let columns: usize = sizes.iter().sum();
    if let [header, skeletons, ..] = sizes.as_mut_slice() {
        *header = (out.len() - start).saturating_sub(skeleton_size + columns);
        *skeletons = skeleton_size;
    }
    sizes
}

/// Most memory that the mixing coder's model of text takes, beside the text.
const TEXT_MEMORY: usize = 12 << 20;

/// About how much text there is for the mixing coder: its model is made for so much.
fn text_size(batch: &Batch) -> usize {
    let texts = batch.columns().iter().zip(batch.schema().fields()).map(|(column, field)| {
        match (column, &field.encoding) {
            (Column::Strings { dictionary, .. }, Encoding::Text | Encoding::Json) => dictionary.bytes.len(),
            _ => 0,
        }
    });
    texts.sum::<usize>() + batch.skeletons().dictionary.bytes.len()
}

/// Reads a block body; the batch, and the sizes as [`put`] gives them.
pub(crate) fn take(
    body: &[u8],
    base: usize,
    max_rows: usize,
    budget: &mut usize,
) -> Result<(Batch, Vec<usize>)> {
    let mut reader = Reader::new(body, base, Stage::Block);
    let rows = reader.count(max_rows, "a row count within the limits expected")?;
    let mixing = match reader.byte()? {
        DEFLATE => false,
        MIXING => true,
        _ => return Err(reader.fail(Kind::Unsupported, "a way of coding that this decoder knows expected")),
    };
    let head_offset = reader.offset();
    let head = stream::take(&mut reader, budget)?;
    let group_offset = reader.offset();
    let group = stream::take(&mut reader, budget)?;
    let mut head = Reader::new(&head, head_offset, Stage::Block);
    let (schema, declared) = header::take(&mut head)?;
    let schema = Arc::new(schema);
    let fields = schema.fields().len();
    charge(&head, fields.saturating_add(1).saturating_mul(64), budget)?;
    let group_size = reader.offset() - group_offset;
    let text = if mixing {
        let size = head.count(usize::MAX, "a size of text expected")?;
        charge(&head, TEXT_MEMORY, budget)?;
        Some(Text::new(size.min(TEXT_MEMORY)))
    } else {
        None
    };
    let streams = Streams::new(reader.rest(Stage::Stream), &group);
    let mut source = Source { head, streams, budget, text };
    let mut columns = vec![Ids::default(); fields + 1];
    let mut sizes = vec![0; fields + 2];
    let mut mark = source.streams.weight(group_size);
    let everywhere = Holes::everywhere();
    let (skeletons, earlier) =
        column::take(&mut source, mixing, 0, &Encoding::Json, rows, &everywhere, &columns)?;
    let skeletons = match skeletons {
        Column::Strings { dictionary, ids } => Skeletons { dictionary, ids },
        _ => Skeletons::default(),
    };
    if let Some(slot) = columns.first_mut() {
        *slot = earlier;
    }
    let mut measure = |part: usize, source: &Source<'_, '_>| {
        let now = source.streams.weight(group_size);
        if let Some(size) = sizes.get_mut(part) {
            *size = now - mark;
        }
        mark = now;
    };
    measure(1, &source);
    let memory = Presence::memory(&skeletons.dictionary, fields);
    charge(&source.head, memory, source.budget)?;
    let presence = Presence::new(&skeletons.ids, &skeletons.dictionary, fields);
    let mut decoded: Vec<Option<Column>> = vec![None; fields];
    for _ in 0..fields {
        let field = source.head.count(fields, "a field's index expected")?;
        let declared = schema.fields().get(field);
        let (Some(slot), Some(declared)) = (decoded.get_mut(field).filter(|slot| slot.is_none()), declared)
        else {
            return Err(source.head.fail(Kind::Malformed, "each field once expected"));
        };
        let holes = presence.of(field);
        let (column, earlier) =
            column::take(&mut source, mixing, field + 1, &declared.encoding, rows, &holes, &columns)?;
        *slot = Some(column);
        if let Some(slot) = columns.get_mut(field + 1) {
            *slot = earlier;
        }
        measure(field + 2, &source);
    }
    if !source.head.is_done() {
        return Err(source.head.fail(Kind::Malformed, "the end of the header expected"));
    }
    source.streams.finish()?;
    let parts: usize = sizes.iter().sum();
    if let Some(header) = sizes.first_mut() {
        *header = body.len().saturating_sub(parts);
    }
    let columns = decoded.into_iter().flatten().collect();
    Batch::from_block(schema, declared, columns, skeletons).map(|batch| (batch, sizes))
}
