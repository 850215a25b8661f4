//! One column of a block, written and read: its description in the header, and its streams.

use alloc::vec::Vec;

use super::{
    context::{ABSENT, Atom, Context, MAX_BITS, MAX_CONTEXTS, MAX_SIZE},
    dictionary::{self, Mixed},
    mixing,
    model::{Ids, Model},
    parts::{Sink, Source},
    plan::ColumnPlan,
    presence::Holes,
    ranks,
    streams::{Content, charge},
    values::{self, Coded, Values},
};
use crate::{
    column::Column,
    encoding::Encoding,
    error::{Kind, Result, Stage},
    wire::{Reader, put_varint},
};

// The flags that start a column's description.
pub(super) const PLAIN: u8 = 1;
pub(super) const NULLS: u8 = 2;

/// How a whole block is coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coding {
    /// Whether the mixing coder is used.
    pub(super) mixing: bool,
    /// Whether more than one way is tried.
    pub(super) thorough: bool,
}

/// Writes column number `number` (0: the skeletons); what later columns' contexts may look at.
pub(super) fn put(
    sink: &mut Sink,
    coding: Coding,
    number: usize,
    coded: Coded<'_>,
    plan: &ColumnPlan,
    (rows, holes): (usize, &Holes<'_>),
    columns: &[Ids],
) -> Ids {
    match (coded, plan) {
        (Coded::Ranked { ids, null, values }, plan) => {
            let (contexts, text_context) = match plan {
                ColumnPlan::Ranked { contexts, text_context } => (contexts.as_slice(), *text_context),
                ColumnPlan::Plain { .. } => (&[][..], None),
            };
            sink.head.push(if null.is_some() { NULLS } else { 0 });
            if let Some(id) = null {
                put_varint(&mut sink.head, u64::from(id));
            }
            let distinct = values.len() + usize::from(null.is_some());
            put_varint(&mut sink.head, distinct as u64);
            if distinct > 1 {
                let coded = ids.iter().filter(|&&id| id != ABSENT).count();
                let listed = contexts.iter().filter(|c| coding.mixing || c.size > 0);
                let contexts: Vec<Context> = listed.map(|c| c.fitted(coded)).collect();
                put_contexts(&mut sink.head, &contexts);
                if coding.mixing {
                    sink.stream(Content::Random, mixing::put_ranks(&contexts, columns, &ids));
                } else {
                    for codes in ranks::encode(&contexts, columns, &ids) {
                        sink.stream(Content::Codes, codes);
                    }
                }
            }
            if coding.mixing {
                let text_context = text_context.filter(|_| matches!(values, Values::Strings(_)));
                put_varint(&mut sink.head, text_context.map_or(0, |c| u64::from(c) + 1));
                let rows = first_rows(&ids, null);
                let mixed =
                    Mixed { column: number as u32, rows: &rows, contexts: &[], columns, text_context };
                dictionary::put(sink, &values, coding.thorough, false, Some(&mixed));
            } else {
                dictionary::put(sink, &values, coding.thorough, false, None);
            }
            Ids::new(ids, distinct)
        }
        (Coded::Plain { nulls, values }, plan) => {
            sink.head.push(PLAIN | if nulls.is_empty() { 0 } else { NULLS });
            if !nulls.is_empty() {
                sink.stream(Content::Codes, dictionary::bitmap(&nulls));
            }
            if coding.mixing {
                let contexts = match plan {
                    ColumnPlan::Plain { contexts } => contexts.as_slice(),
                    ColumnPlan::Ranked { .. } => &[],
                };
                sink.head.push(contexts.len() as u8);
                contexts.iter().for_each(|atom| put_varint(&mut sink.head, atom_code(*atom)));
                let rows = present_rows(rows, holes, &nulls);
                let mixed =
                    Mixed { column: number as u32, rows: &rows, contexts, columns, text_context: None };
                dictionary::put(sink, &values, coding.thorough, true, Some(&mixed));
            } else {
                dictionary::put(sink, &values, coding.thorough, true, None);
            }
            Ids::default()
        }
    }
}

/// Reads the flags that start a column's description.
pub(super) fn take_flags(head: &mut Reader<'_>) -> Result<u8> {
    let flags = head.byte()?;
    if flags & !(PLAIN | NULLS) != 0 {
        return Err(head.fail(Kind::Unsupported, "a plain or ranked column expected"));
    }
    Ok(flags)
}

/// Reads what later columns' contexts may look at, and leaves the values.
pub(super) fn take_ids_only(
    source: &mut Source<'_, '_>,
    mixing: bool,
    rows: usize,
    holes: &Holes<'_>,
    columns: &[Ids],
) -> Result<Ids> {
    let flags = take_flags(&mut source.head)?;
    if flags & PLAIN != 0 {
        return Ok(Ids::default());
    }
    charge(&source.head, rows.saturating_mul(16), source.budget)?;
    let (ids, _, distinct) = take_ids(source, mixing, flags & NULLS != 0, rows, holes, columns)?;
    Ok(Ids::new(ids, distinct))
}

/// Reads column number `number`.
pub(super) fn take(
    source: &mut Source<'_, '_>,
    mixing: bool,
    number: usize,
    encoding: &Encoding,
    rows: usize,
    holes: &Holes<'_>,
    columns: &[Ids],
) -> Result<(Column, Ids)> {
    let flags = take_flags(&mut source.head)?;
    // Every row takes memory, however well it is compressed.
    charge(&source.head, rows.saturating_mul(16), source.budget)?;
    if flags & PLAIN != 0 {
        if matches!(encoding, Encoding::Hex { .. } | Encoding::Uuid { .. } | Encoding::Text | Encoding::Json)
        {
            return Err(source.head.fail(Kind::Malformed, "a ranked column for strings expected"));
        }
        let with_hole = holes.count(rows);
        let nulls = if flags & NULLS == 0 {
            Vec::new()
        } else {
            let bits = source.stream()?;
            dictionary::flags(&bits, with_hole)
                .ok_or_else(|| source.head.fail(Kind::Malformed, "one bit a value expected"))?
        };
        let n = with_hole - nulls.iter().filter(|null| **null).count();
        let values = if mixing {
            let mut contexts = Vec::new();
            for _ in 0..take_atom_count(&mut source.head)? {
                contexts.push(take_atom(&mut source.head, columns.len())?);
            }
            charge(&source.head, MIXING_MEMORY, source.budget)?;
            let row_numbers = present_rows(rows, holes, &nulls);
            let mixed = Mixed {
                column: number as u32,
                rows: &row_numbers,
                contexts: &contexts,
                columns,
                text_context: None,
            };
            dictionary::take(source, encoding, n, true, Some(&mixed))?
        } else {
            dictionary::take(source, encoding, n, true, None)?
        };
        return Ok((values::from_plain(rows, holes, &nulls, values), Ids::default()));
    }
    let (ids, null, distinct) = take_ids(source, mixing, flags & NULLS != 0, rows, holes, columns)?;
    let n = distinct - usize::from(null.is_some());
    let values = if mixing {
        let text_context = source.head.count(columns.len(), "an earlier column expected")?.checked_sub(1);
        let text_context = text_context.and_then(|c| u16::try_from(c).ok());
        let first = first_rows(&ids, null);
        let mixed = Mixed { column: number as u32, rows: &first, contexts: &[], columns, text_context };
        dictionary::take(source, encoding, n, false, Some(&mixed))?
    } else {
        dictionary::take(source, encoding, n, false, None)?
    };
    let earlier = if distinct > 1 { Ids { ids: ids.clone(), distinct } } else { Ids::default() };
    Ok((values::from_ranked(ids, null, values), earlier))
}

/// Most memory that the mixing coder's models of one column's numbers take.
const MIXING_MEMORY: usize = 8 << 20;

/// Reads a ranked column's ids.
fn take_ids(
    source: &mut Source<'_, '_>,
    mixing: bool,
    has_null: bool,
    rows: usize,
    holes: &Holes<'_>,
    columns: &[Ids],
) -> Result<(Vec<u32>, Option<u32>, usize)> {
    let with_hole = holes.count(rows);
    let null =
        if has_null { Some(source.head.count(with_hole, "a null's id expected")? as u32) } else { None };
    let distinct = source.head.count(with_hole, "at most one distinct value a row expected")?;
    if null.is_some_and(|id| id as usize >= distinct) || (distinct == 0) != (with_hole == 0) {
        return Err(source.head.fail(Kind::Malformed, "an id for every value expected"));
    }
    if distinct <= 1 {
        let ids = (0..rows).map(|row| if holes.has(row) { 0 } else { ABSENT }).collect();
        return Ok((ids, null, distinct));
    }
    let contexts = take_contexts(&mut source.head, mixing, columns.len())?;
    let memory = Model::memory(&contexts, columns, with_hole);
    // The model is gone after the column.
    charge(&source.head, memory, source.budget)?;
    let coded = |row: usize| holes.has(row);
    let ids = if mixing {
        let tables = (contexts.len() * 2 + 4).saturating_mul(8 * with_hole.next_power_of_two().max(64));
        charge(&source.head, tables, source.budget)?;
        let bytes = source.stream()?;
        let ids = mixing::take_ranks(&bytes, &contexts, columns, distinct, (rows, with_hole), coded)?;
        *source.budget += tables;
        ids
    } else {
        let offset = source.streams.offset();
        let mut streams = Vec::new();
        for _ in 0..ranks::streams(&contexts) {
            streams.push(source.stream()?);
        }
        let escapes = source.stream()?;
        let mut codes: Vec<Reader<'_>> =
            streams.iter().map(|s| Reader::new(s, offset, Stage::Column)).collect();
        let mut escapes = Reader::new(&escapes, offset, Stage::Column);
        ranks::decode(&contexts, columns, &mut codes, &mut escapes, distinct, (rows, with_hole), coded)?
    };
    *source.budget += memory;
    Ok((ids, null, distinct))
}

/// The row in which each distinct value but null is first used.
fn first_rows(ids: &[u32], null: Option<u32>) -> Vec<u32> {
    let mut next = 0;
    let mut rows = Vec::new();
    for (row, &id) in ids.iter().enumerate() {
        if id == next {
            next += 1;
            if Some(id) != null {
                rows.push(row as u32);
            }
        }
    }
    rows
}

/// The rows that have a value.
fn present_rows(rows: usize, holes: &Holes<'_>, nulls: &[bool]) -> Vec<u32> {
    let mut flags = nulls.iter();
    (0..rows).filter(|&row| holes.has(row) && flags.next() != Some(&true)).map(|row| row as u32).collect()
}

const fn atom_code(atom: Atom) -> u64 {
    match atom {
        Atom::Always => 0,
        Atom::Last => 1,
        Atom::Value(column) => 2 + 2 * column as u64,
        Atom::Previous(column) => 3 + 2 * column as u64,
    }
}

/// Reads how many contexts a plain column has.
pub(super) fn take_atom_count(head: &mut Reader<'_>) -> Result<u8> {
    match head.byte()? {
        n @ ..=2 => Ok(n),
        _ => Err(head.fail(Kind::Malformed, "at most 2 contexts of plain numbers expected")),
    }
}

pub(super) fn take_atom(head: &mut Reader<'_>, columns: usize) -> Result<Atom> {
    take_second(head, columns, 0)?.ok_or_else(|| head.fail(Kind::Malformed, "an atom expected"))
}

/// An atom whose code stands `above` its own; none if it is less.
fn take_second(head: &mut Reader<'_>, columns: usize, above: usize) -> Result<Option<Atom>> {
    let most = columns.saturating_mul(2).saturating_add(1 + above);
    let code = head.count(most, "an atom that looks at an earlier column expected")?;
    let Some(code) = code.checked_sub(above) else { return Ok(None) };
    let column = u16::try_from(code.saturating_sub(2) / 2).unwrap_or(u16::MAX);
    Ok(Some(match code {
        0 => Atom::Always,
        1 => Atom::Last,
        code if code % 2 == 0 => Atom::Value(column),
        _ => Atom::Previous(column),
    }))
}

fn put_contexts(head: &mut Vec<u8>, contexts: &[Context]) {
    head.push(contexts.len() as u8);
    for context in contexts {
        put_varint(head, atom_code(context.first));
        put_varint(head, context.second.map_or(0, |second| atom_code(second) + 1));
        head.push(context.size);
        if context.size > 0 {
            head.push(context.bits);
        }
    }
}

pub(super) fn take_contexts(head: &mut Reader<'_>, mixing: bool, columns: usize) -> Result<Vec<Context>> {
    let n = usize::from(head.byte()?);
    if n > MAX_CONTEXTS {
        return Err(head.fail(Kind::Malformed, "at most 8 contexts expected"));
    }
    let mut contexts = Vec::with_capacity(n);
    for _ in 0..n {
        let first = take_atom(head, columns)?;
        let second = take_second(head, columns, 1)?;
        let size = head.byte()?;
        let bits = if size == 0 { 0 } else { head.byte()? };
        if size > MAX_SIZE {
            return Err(head.fail(Kind::Malformed, "lists of at most 63 candidates expected"));
        }
        if size > 0 && !(1..=MAX_BITS).contains(&bits) {
            return Err(head.fail(Kind::Malformed, "2 to 65,536 lists expected"));
        }
        if size == 0 && !mixing {
            return Err(head.fail(Kind::Malformed, "lists for every context expected"));
        }
        contexts.push(Context { first, second, size, bits });
    }
    Ok(contexts)
}
