//! Joins streams to the strings they were cut from.
//!
//! Everything is checked, and memory counts against the caller's budget before it is taken: the strings' declared
//! size, 16 bytes a token, a fixed size a slot, a template and a string, and the dictionaries of ids.

use alloc::{vec, vec::Vec};
use core::{mem::size_of, ops::Range};

use super::{
    kind::{END, Kind, MAX_KINDS},
    planes,
    render::{MAX_TOKEN, Piece, Pieces, Renderer},
    slots,
    values::{self, FEW, Mode},
};
use crate::{
    column::Strings,
    error::{Error, Kind as ErrorKind, Result, Stage},
    wire::Reader,
};

const fn reader(bytes: &[u8]) -> Reader<'_> {
    Reader::new(bytes, 0, Stage::Column)
}

pub(super) fn malformed(offset: usize, detail: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, Stage::Column, offset, detail)
}

fn charge(budget: &mut usize, count: usize, each: usize) -> Result<()> {
    let left = count.checked_mul(each).and_then(|bytes| budget.checked_sub(bytes));
    *budget = left
        .ok_or_else(|| Error::new(ErrorKind::Limit, Stage::Column, 0, "text within the limits expected"))?;
    Ok(())
}

/// What a slot takes at most: its key and number, its kind, its column.
const SLOT: usize = 4 * size_of::<u64>() + size_of::<u32>() + size_of::<Slot>();

/// A column of token values.
pub(super) struct Slot {
    kind: usize,
    count: usize,
    /// The place of the column's next value among all values.
    pub(super) next: usize,
}

/// A template's text, its tokens' slots, and how many strings use it.
struct Template {
    text: Range<usize>,
    slots: Range<usize>,
    uses: usize,
}

/// The strings that [`cut`](super::cut) made the streams from.
pub(crate) fn join(streams: &[&[u8]], budget: &mut usize) -> Result<Strings> {
    let stream = |i: usize| streams.get(i).copied().unwrap_or_default();
    let (text, names) = (stream(1), stream(2));
    let mut head = reader(stream(0));
    // 0 for flat text, else how many bytes tell slots apart.
    let reach = head.byte()?;
    let templated = reach > 0;
    let count = head.count(*budget, "a number of strings within the limits expected")?;
    let total = head.count((*budget).min(u32::MAX as usize), "text of a size within the limits expected")?;
    charge(budget, total.saturating_add(MAX_TOKEN), 1)?;
    charge(budget, count, 2 * size_of::<u32>())?;
    let kinds = take_kinds(&mut head)?;

    let (mut templates, mut order, mut own, mut columns) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if templated {
        let slots;
        (templates, own, slots) = take_templates(text, kinds.len(), reach, budget)?;
        order = take_names(names, count, &mut templates)?;
        columns.extend(slots.iter().map(|&kind| Slot { kind, count: 0, next: 0 }));
        for template in &templates {
            for &slot in own.get(template.slots.clone()).unwrap_or_default() {
                columns
                    .get_mut(slot as usize)
                    .into_iter()
                    .for_each(|slot| slot.count = slot.count.saturating_add(template.uses));
            }
        }
    } else if names.is_empty() {
        columns.extend((0..kinds.len()).map(|kind| Slot { kind, count: 0, next: 0 }));
        for piece in Pieces::new(text) {
            let Piece::Marker(kind) = piece? else { continue };
            columns.get_mut(kind).ok_or_else(|| malformed(0, "the marker of a kind expected"))?.count += 1;
        }
    } else {
        return Err(malformed(0, "no templates of flat text expected"));
    }

    let mut numbers = Numbers { shared: reader(stream(3)), own: streams.get(7..).unwrap_or_default() };
    let (values, used) = numbers.take(&kinds, &mut columns, &mut head, budget)?;
    let dictionaries =
        take_dictionaries(&kinds, &used, &mut head, [stream(4), stream(5), stream(6)], budget)?;
    if !head.is_done() {
        return Err(head.fail(ErrorKind::Malformed, "the end of the head expected"));
    }

    let mut renderer = Renderer::new(&kinds, &values, &dictionaries, columns, (count, total));
    if templated {
        for template in order.iter().filter_map(|&id| templates.get(id as usize)) {
            let slots = own.get(template.slots.clone()).unwrap_or_default();
            renderer.render(text.get(template.text.clone()).unwrap_or_default(), Some(slots))?;
            renderer.end()?;
        }
    } else {
        renderer.render(text, None)?;
    }
    renderer.finish()
}

fn take_kinds(head: &mut Reader<'_>) -> Result<Vec<Kind>> {
    let n = usize::from(head.byte()?);
    if n > MAX_KINDS {
        return Err(head.fail(ErrorKind::Malformed, "fewer kinds of tokens expected"));
    }
    (0..n).map(|_| Kind::take(head)).collect()
}

/// Finds the templates in the text, their tokens' slots, one after the other, and each slot's kind.
fn take_templates(
    text: &[u8],
    kinds: usize,
    reach: u8,
    budget: &mut usize,
) -> Result<(Vec<Template>, Vec<u32>, Vec<usize>)> {
    let (mut templates, mut keys) = (Vec::new(), Vec::new());
    let mut start = 0;
    let mut pieces = Pieces::new(text);
    while let Some(piece) = pieces.next() {
        match piece? {
            Piece::Literal(_) => {}
            Piece::Marker(kind) if kind < kinds => charge(budget, 1, SLOT)?,
            Piece::Marker(_) => return Err(malformed(pieces.at(), "the marker of a kind expected")),
            Piece::End => {
                charge(budget, 1, size_of::<Template>())?;
                let first = keys.len();
                slots::keys(text.get(start..pieces.at() - 1).unwrap_or_default(), reach, &mut keys)?;
                templates.push(Template { text: start..pieces.at() - 1, slots: first..keys.len(), uses: 0 });
                start = pieces.at();
            }
        }
    }
    if start != text.len() {
        return Err(malformed(text.len(), "the end of a template expected"));
    }
    let (slots, kinds) = slots::number(&keys);
    Ok((templates, slots, kinds))
}

/// Reads each string's template and counts the uses.
fn take_names(names: &[u8], count: usize, templates: &mut [Template]) -> Result<Vec<u32>> {
    let mut reader = reader(names);
    let mut order = Vec::with_capacity(count.min(names.len()));
    let mut known = 0;
    while order.len() < count {
        let id = match usize::try_from(reader.varint()?).unwrap_or(usize::MAX) {
            0 => {
                known += 1;
                known - 1
            }
            name => name - 1,
        };
        match templates.get_mut(id) {
            Some(template) if id < known => template.uses += 1,
            _ => return Err(reader.fail(ErrorKind::Malformed, "a template known or next expected")),
        }
        order.push(id as u32);
    }
    if known != templates.len() || !reader.is_done() {
        return Err(
            reader.fail(ErrorKind::Malformed, "one name a string and a use of every template expected")
        );
    }
    Ok(order)
}

/// The columns' bytes: those of busy columns stand alone.
struct Numbers<'a> {
    shared: Reader<'a>,
    own: &'a [&'a [u8]],
}

impl Numbers<'_> {
    /// Reads all values, slot by slot, and how many strings of each kind's dictionary they use. An indexed kind's
    /// values come out as indices.
    fn take(
        &mut self,
        kinds: &[Kind],
        slots: &mut [Slot],
        head: &mut Reader<'_>,
        budget: &mut usize,
    ) -> Result<(Vec<u64>, Vec<u64>)> {
        let mut values = Vec::new();
        let (mut last, mut used) = (vec![0u64; kinds.len()], vec![0u64; kinds.len()]);
        for slot in slots {
            let k = slot.kind;
            let (Some(kind), Some(last), Some(used)) = (kinds.get(k), last.get_mut(k), used.get_mut(k))
            else {
                return Err(head.fail(ErrorKind::Malformed, "the slot of a kind expected"));
            };
            charge(budget, slot.count, 2 * size_of::<u64>())?;
            slot.next = values.len();
            self.take_column(slot.count, *kind, *last, head, &mut values)?;
            let column = values.get_mut(slot.next..).unwrap_or_default();
            *last = column.last().copied().unwrap_or(*last);
            if kind.is_indexed() {
                for value in column {
                    *value = match *value {
                        0 => {
                            *used += 1;
                            *used - 1
                        }
                        back => used
                            .checked_sub(back)
                            .ok_or_else(|| head.fail(ErrorKind::Malformed, "an id used before expected"))?,
                    };
                }
            }
        }
        if !self.shared.is_done() || !self.own.is_empty() {
            return Err(self.shared.fail(ErrorKind::Malformed, "the end of the token values expected"));
        }
        Ok((values, used))
    }

    fn take_column(
        &mut self,
        count: usize,
        kind: Kind,
        last: u64,
        head: &mut Reader<'_>,
        values: &mut Vec<u64>,
    ) -> Result<()> {
        if count < FEW {
            return values::take(&mut self.shared, count, kind.preferred(), last, values);
        }
        let byte = head.byte()?;
        let mode = Mode::ALL.get(usize::from(byte & 3)).copied().filter(|_| byte < 8);
        let mode = mode
            .ok_or_else(|| head.fail(ErrorKind::Malformed, "how a column's values are written expected"))?;
        if byte & 4 == 0 {
            return values::take(&mut self.shared, count, mode, last, values);
        }
        let Some((own, rest)) = self.own.split_first() else {
            return Err(head.fail(ErrorKind::Truncated, "a stream of the column's own expected"));
        };
        self.own = rest;
        let mut own = reader(own);
        values::take(&mut own, count, mode, last, values)?;
        if own.is_done() {
            Ok(())
        } else {
            Err(own.fail(ErrorKind::Malformed, "the end of the column expected"))
        }
    }
}

/// Reads the strings that each indexed kind uses.
fn take_dictionaries(
    kinds: &[Kind],
    used: &[u64],
    head: &mut Reader<'_>,
    [random, other, words]: [&[u8]; 3],
    budget: &mut usize,
) -> Result<Vec<Strings>> {
    let (mut random, mut other, mut words) = (reader(random), reader(other), words);
    let mut dictionaries = Vec::with_capacity(kinds.len());
    for (kind, &used) in kinds.iter().zip(used) {
        let used = usize::try_from(used).unwrap_or(usize::MAX);
        let mut strings = Strings::default();
        if let Some(width) = kind.width() {
            charge(budget, used, 2 * width)?;
            strings.bytes = planes::take(width, used, head, &mut random, &mut other)?;
        } else if *kind == Kind::Word {
            charge(budget, used, size_of::<u32>())?;
            for _ in 0..used {
                let end = words.iter().position(|&c| c == END);
                let (word, rest) = end
                    .and_then(|end| words.split_at_checked(end))
                    .ok_or_else(|| malformed(0, "a word expected"))?;
                charge(budget, word.len(), 1)?;
                strings.push(word);
                words = rest.get(1..).unwrap_or_default();
            }
        }
        dictionaries.push(strings);
    }
    if random.is_done() && other.is_done() && words.is_empty() {
        return Ok(dictionaries);
    }
    Err(malformed(0, "the end of the dictionaries expected"))
}
