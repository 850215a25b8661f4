//! A batch into a block body.

use alloc::{vec, vec::Vec};

use super::{
    DEFLATE, MIXING,
    column::{self, Coding},
    header,
    model::Ids,
    parts::Sink,
    plan::{ColumnPlan, Plan},
    presence::{Holes, Presence},
    streams::{self, Content, Effort},
    values::{self, Coded, Values},
};
use crate::{
    batch::Batch, column::Column, container::Level, encoding::Encoding, mix::Text, stream, wire::put_varint,
};

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
