//! Passes over a column's description without a look into its streams.

use alloc::{vec, vec::Vec};

use super::{
    column::{self, take_atom, take_contexts},
    dictionary,
    integers::Shape,
    parts::Source,
    ranks,
    streams::{Entry, Streams},
};
use crate::{
    encoding::Encoding,
    error::{Kind, Result},
    wire::Reader,
};

/// Where a column starts, and what it needs.
pub(super) struct Place<'a, 'b> {
    pub(super) field: usize,
    pub(super) head: Reader<'b>,
    pub(super) streams: Streams<'a>,
    /// Columns that its contexts look at.
    contexts: Vec<u16>,
    /// Whether the mixing coder's model of text learns from it.
    is_mixed_text: bool,
}

/// What the wanted columns need of the others.
pub(super) struct Needs {
    /// By column, whether its ids are needed.
    pub(super) ids: Vec<bool>,
    /// Fields whose text must be read.
    pub(super) text: Vec<usize>,
}

/// What is needed for some of the columns, which stand in the order of the block.
pub(super) fn needs(places: &[Place<'_, '_>], is_wanted: impl Fn(usize) -> bool, columns: usize) -> Needs {
    let mut needs = Needs { ids: vec![false; columns], text: Vec::new() };
    let mut text = false;
    // A column needs earlier ones alone.
    for place in places.iter().rev() {
        let wanted = is_wanted(place.field);
        text |= wanted && place.is_mixed_text;
        let is_text = text && place.is_mixed_text;
        if is_text && !wanted {
            needs.text.push(place.field);
        }
        if wanted || is_text || needs.ids.get(place.field + 1) == Some(&true) {
            for &column in &place.contexts {
                if let Some(need) = needs.ids.get_mut(usize::from(column)) {
                    *need = true;
                }
            }
        }
    }
    needs
}

/// Passes over the next column, that of a field.
pub(super) fn pass<'a, 'b>(
    source: &mut Source<'a, 'b>,
    mixing: bool,
    field: usize,
    encoding: &Encoding,
    columns: usize,
) -> Result<Place<'a, 'b>> {
    let (head, streams) = (source.head.clone(), source.streams.clone());
    let mut place = Place { field, head, streams, contexts: Vec::new(), is_mixed_text: false };
    let flags = column::take_flags(&mut source.head)?;
    if flags & column::PLAIN != 0 {
        if flags & column::NULLS != 0 {
            skip(source)?;
        }
        if mixing {
            for _ in 0..column::take_atom_count(&mut source.head)? {
                place.contexts.extend(take_atom(&mut source.head, columns)?.column());
            }
        }
    } else {
        if flags & column::NULLS != 0 {
            source.head.varint()?;
        }
        if source.head.varint()? > 1 {
            let contexts = take_contexts(&mut source.head, mixing, columns)?;
            let atoms = contexts.iter().flat_map(|c| [Some(c.first), c.second]);
            place.contexts.extend(atoms.flatten().filter_map(|atom| atom.column()));
            let streams = if mixing { 1 } else { ranks::streams(&contexts) + 1 };
            (0..streams).try_for_each(|_| skip(source))?;
        }
        if mixing {
            let text_context = source.head.count(columns, "an earlier column expected")?.checked_sub(1);
            place.contexts.extend(text_context.and_then(|c| u16::try_from(c).ok()));
        }
    }
    place.is_mixed_text = values(source, encoding)?;
    Ok(place)
}

fn skip(source: &mut Source<'_, '_>) -> Result<()> {
    let entry = Entry::take(&mut source.head)?;
    source.streams.skip(entry)
}

fn integers(source: &mut Source<'_, '_>) -> Result<()> {
    Shape::take_header(&mut source.head)?;
    skip(source)
}

/// Passes over a column's values; whether they are mixed text.
fn values(source: &mut Source<'_, '_>, encoding: &Encoding) -> Result<bool> {
    match encoding {
        Encoding::Integer => integers(source)?,
        Encoding::Boolean => skip(source)?,
        Encoding::Number { .. } => match source.head.byte()? {
            dictionary::BITS => skip(source)?,
            _ => integers(source)?,
        },
        Encoding::Timestamp { .. } => {
            let byte = source.head.byte()?;
            integers(source)?;
            if byte & 0x80 != 0 {
                integers(source)?;
            }
        }
        Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json => {
            return strings(source);
        }
    }
    Ok(false)
}

fn strings(source: &mut Source<'_, '_>) -> Result<bool> {
    let layout = source.head.byte()?;
    match layout {
        dictionary::ROWS | dictionary::PLANES => {
            source.head.varint()?;
            skip(source)?;
        }
        dictionary::LENGTHS => {
            skip(source)?;
            skip(source)?;
        }
        dictionary::TEXT | dictionary::MIXED => {
            let streams = dictionary::take_stream_count(source)?;
            for i in 0..streams {
                if layout == dictionary::MIXED && i == dictionary::TEXT_STREAM {
                    source.head.varint()?;
                    source.head.varint()?;
                }
                skip(source)?;
            }
        }
        _ => return Err(source.head.fail(Kind::Malformed, "a layout of strings expected")),
    }
    Ok(layout == dictionary::MIXED)
}
