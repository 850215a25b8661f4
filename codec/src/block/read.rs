//! A block body back into a batch, or into some of its columns.

use alloc::{borrow::Cow, sync::Arc, vec, vec::Vec};

use super::{
    DEFLATE, MIXING, column, header,
    model::Ids,
    parts::Source,
    presence::{Holes, Presence},
    streams::{Streams, charge},
    walk::{self, Place},
};
use crate::{
    batch::{Batch, Skeletons},
    column::Column,
    encoding::Encoding,
    error::{Kind, Result, Stage},
    mix::Text,
    schema::{Field, Schema},
    skeleton, stream,
    wire::Reader,
};

/// Most memory that the mixing coder's model of text takes, beside the text.
const TEXT_MEMORY: usize = 12 << 20;

/// A block's parts, unpacked as far as every reader needs them.
struct Parts<'a> {
    rows: usize,
    mixing: bool,
    head: Cow<'a, [u8]>,
    head_offset: usize,
    group: Cow<'a, [u8]>,
    /// Bytes of the group as they are stored.
    group_size: usize,
    outside: Reader<'a>,
}

impl<'a> Parts<'a> {
    fn open(body: &'a [u8], base: usize, max_rows: usize, budget: &mut usize) -> Result<Self> {
        let mut reader = Reader::new(body, base, Stage::Block);
        let rows = reader.count(max_rows, "a row count within the limits expected")?;
        let mixing = match reader.byte()? {
            DEFLATE => false,
            MIXING => true,
            _ => {
                return Err(
                    reader.fail(Kind::Unsupported, "a way of coding that this decoder knows expected")
                );
            }
        };
        let head_offset = reader.offset();
        let head = stream::take(&mut reader, budget)?;
        let group_offset = reader.offset();
        let group = stream::take(&mut reader, budget)?;
        let group_size = reader.offset() - group_offset;
        Ok(Parts { rows, mixing, head, head_offset, group, group_size, outside: reader.rest(Stage::Stream) })
    }
}

/// A block whose schema and skeletons are read.
struct Started<'a, 'b> {
    source: Source<'a, 'b>,
    schema: Arc<Schema>,
    declared: usize,
    skeletons: Skeletons,
    /// What contexts may look at, by column.
    columns: Vec<Ids>,
}

impl<'a, 'b> Started<'a, 'b> {
    fn new(parts: &'b Parts<'a>, budget: &'b mut usize) -> Result<Self>
    where
        'b: 'a,
    {
        let mut head = Reader::new(&parts.head, parts.head_offset, Stage::Block);
        let (schema, declared) = header::take(&mut head, budget)?;
        let fields = schema.fields().len();
        charge(&head, fields.saturating_add(1).saturating_mul(64), budget)?;
        let mut text = None;
        if parts.mixing {
            let size = head.count(usize::MAX, "a size of text expected")?;
            charge(&head, TEXT_MEMORY, budget)?;
            text = Some(Text::new(size.min(TEXT_MEMORY)));
        }
        let streams = Streams::new(parts.outside.clone(), &parts.group);
        let mut source = Source { head, streams, budget, text };
        let mut columns = vec![Ids::default(); fields + 1];
        let all = Holes::everywhere();
        let (skeletons, ids) =
            column::take(&mut source, parts.mixing, 0, &Encoding::Json, parts.rows, &all, &columns)?;
        let skeletons = match skeletons {
            Column::Strings { dictionary, ids } => Skeletons { dictionary, ids },
            _ => Skeletons::default(),
        };
        if let Some(slot) = columns.first_mut() {
            *slot = ids;
        }
        skeleton::check(&skeletons.dictionary, fields)?;
        let memory = Presence::memory(&skeletons.dictionary, fields);
        charge(&source.head, memory, source.budget)?;
        Ok(Started { source, schema: Arc::new(schema), declared, skeletons, columns })
    }
}

/// Reads a block body; the batch, and the sizes of the header, the skeletons and each column, in the schema's order.
pub(crate) fn take(
    body: &[u8],
    base: usize,
    max_rows: usize,
    budget: &mut usize,
) -> Result<(Batch, Vec<usize>)> {
    let parts = Parts::open(body, base, max_rows, budget)?;
    let Started { mut source, schema, declared, skeletons, mut columns } = Started::new(&parts, budget)?;
    let fields = schema.fields().len();
    let presence = Presence::new(&skeletons.ids, &skeletons.dictionary, fields);
    let mut sizes = vec![0; fields + 2];
    let mut weight = source.streams.weight(parts.group_size);
    if let Some(size) = sizes.get_mut(1) {
        *size = weight - parts.outside.offset();
    }
    let mut decoded: Vec<Option<Column>> = vec![None; fields];
    for _ in 0..fields {
        let field = source.head.count(fields, "a field's index expected")?;
        let declared = schema.fields().get(field);
        let (Some(slot), Some(declared)) = (decoded.get_mut(field).filter(|slot| slot.is_none()), declared)
        else {
            return Err(source.head.fail(Kind::Malformed, "each field once expected"));
        };
        let holes = presence.of(field);
        let (encoding, rows) = (&declared.encoding, parts.rows);
        let (column, ids) =
            column::take(&mut source, parts.mixing, field + 1, encoding, rows, &holes, &columns)?;
        *slot = Some(column);
        if let Some(slot) = columns.get_mut(field + 1) {
            *slot = ids;
        }
        let now = source.streams.weight(parts.group_size);
        if let Some(size) = sizes.get_mut(field + 2) {
            *size = now - weight;
        }
        weight = now;
    }
    finish(&source)?;
    let all: usize = sizes.iter().sum();
    if let Some(header) = sizes.first_mut() {
        *header = body.len().saturating_sub(all);
    }
    let columns = decoded.into_iter().flatten().collect();
    Batch::from_checked(schema, declared, columns, skeletons).map(|batch| (batch, sizes))
}

/// Everything must have been read.
fn finish(source: &Source<'_, '_>) -> Result<()> {
    if source.head.is_done() {
        source.streams.finish()
    } else {
        Err(source.head.fail(Kind::Malformed, "the end of the header expected"))
    }
}

/// Reads the columns of some fields. Only their streams are unpacked, the skeletons', and the ids of columns that
/// their contexts look at; under the mixing coder, which has one model of all text, the text of earlier columns, too.
pub(crate) fn take_columns(
    body: &[u8],
    base: usize,
    max_rows: usize,
    budget: &mut usize,
    is_wanted: impl Fn(&Field) -> bool,
) -> Result<(usize, Vec<(Field, Column)>)> {
    let parts = Parts::open(body, base, max_rows, budget)?;
    let Started { mut source, schema, skeletons, mut columns, .. } = Started::new(&parts, budget)?;
    let fields = schema.fields().len();
    let presence = Presence::new(&skeletons.ids, &skeletons.dictionary, fields);
    let mut places: Vec<Place<'_, '_>> = Vec::with_capacity(fields);
    for _ in 0..fields {
        let field = source.head.count(fields, "a field's index expected")?;
        let Some(declared) = schema.fields().get(field) else { continue };
        if places.iter().any(|place| place.field == field) {
            return Err(source.head.fail(Kind::Malformed, "each field once expected"));
        }
        places.push(walk::pass(&mut source, parts.mixing, field, &declared.encoding, columns.len())?);
    }
    finish(&source)?;
    let wanted: Vec<bool> = schema.fields().iter().map(is_wanted).collect();
    let is_wanted = |field: usize| wanted.get(field) == Some(&true);
    let needs = walk::needs(&places, is_wanted, columns.len());
    let mut taken = Vec::new();
    for place in places {
        let field = place.field;
        let Some(declared) = schema.fields().get(field) else { continue };
        let holes = presence.of(field);
        (source.head, source.streams) = (place.head, place.streams);
        let ids = if is_wanted(field) || needs.text.contains(&field) {
            let (encoding, rows) = (&declared.encoding, parts.rows);
            let (column, ids) =
                column::take(&mut source, parts.mixing, field + 1, encoding, rows, &holes, &columns)?;
            if is_wanted(field) {
                taken.push((field, column));
            }
            ids
        } else if needs.ids.get(field + 1) == Some(&true) {
            column::take_ids_only(&mut source, parts.mixing, parts.rows, &holes, &columns)?
        } else {
            continue;
        };
        if let Some(slot) = columns.get_mut(field + 1) {
            *slot = ids;
        }
    }
    taken.sort_by_key(|(field, _)| *field);
    let named =
        taken.into_iter().filter_map(|(field, column)| Some((schema.fields().get(field)?.clone(), column)));
    Ok((parts.rows, named.collect()))
}
