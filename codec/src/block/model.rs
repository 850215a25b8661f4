//! What a ranked column remembers while its rows pass by: the candidate lists of its contexts, and the recency of all ids.

use alloc::{vec, vec::Vec};

use super::{
    context::{ABSENT, Atom, Context, MAX_CONTEXTS},
    recency::Recency,
};
use crate::mix::Candidates;

/// An earlier column, as far as contexts look at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    /// One id a row, or [`ABSENT`]; empty for a column of fewer than two distinct values, which tells nothing.
    pub(crate) ids: Vec<u32>,
    /// How many distinct values.
    pub(crate) distinct: usize,
}

/// An atom, as it is watched.
#[derive(Debug)]
struct Watched<'a> {
    atom: Atom,
    /// The earlier column's ids.
    ids: &'a [u32],
    /// For [`Atom::Previous`]: this column's last value for each value of the other.
    previous: Vec<u32>,
    /// The earlier column's value in the present row.
    other: u32,
    /// The atom's value in the present row.
    value: u32,
}

/// The lists of one context: lines of a check and up to `size` ids plus 1, the most recent first.
#[derive(Debug)]
struct Lists {
    first: usize,
    second: Option<usize>,
    width: usize,
    shift: u32,
    lines: Vec<u32>,
    /// The present row's line and check.
    at: usize,
    check: u32,
    /// Whether the line is the present key's.
    is_known: bool,
}

impl Lists {
    /// Finds a key's line. All contexts' lines are looked up before any is walked, so that cache misses overlap.
    #[inline]
    fn find(&mut self, key: u32) {
        self.at = (key >> self.shift) as usize * self.width;
        self.check = key | 1;
        self.is_known = self.lines.get(self.at) == Some(&self.check);
    }

    /// The candidates for the present row, if there is a list.
    #[inline]
    fn candidates(&self) -> &[u32] {
        if !self.is_known {
            return &[];
        }
        self.lines.get(self.at + 1..self.at + self.width).unwrap_or_default()
    }

    #[inline]
    fn update(&mut self, id: u32) {
        let Some([check, line @ ..]) = self.lines.get_mut(self.at..self.at + self.width) else { return };
        if !self.is_known {
            // Another key's list gives way.
            line.fill(0);
            *check = self.check;
            if let Some(first) = line.first_mut() {
                *first = id + 1;
            }
            return;
        }
        let mut carried = id + 1;
        for slot in line {
            core::mem::swap(slot, &mut carried);
            if carried == id + 1 || carried == 0 {
                break;
            }
        }
    }
}

/// The state of one ranked column.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    watched: Vec<Watched<'a>>,
    contexts: Vec<Lists>,
    has_lists: bool,
    is_single: bool,
    /// When each id was a candidate last, so that a later list does not offer it again.
    stamps: Vec<u32>,
    time: u32,
    last: u32,
    /// The contexts' keys for the present row.
    keys: [u32; MAX_CONTEXTS],
    used: Option<Used>,
}

/// All uses so far, where recency ranks are asked for.
#[derive(Debug)]
struct Used {
    recency: Recency,
    /// Each use's id: what a recency rank selects.
    ids: Vec<u32>,
}

impl<'a> Model<'a> {
    /// A fresh state for `rows` values; contexts look at `columns`. `ranks` says whether recency ranks will be asked for.
    pub(crate) fn new(contexts: &[Context], columns: &'a [Ids], rows: usize, ranks: bool) -> Self {
        let mut watched: Vec<Watched<'a>> = Vec::new();
        let mut watch = |atom: Atom| {
            watched.iter().position(|w| w.atom == atom).unwrap_or_else(|| {
                let column = atom.column().and_then(|c| columns.get(usize::from(c)));
                let ids = column.map(|c| c.ids.as_slice()).unwrap_or_default();
                let previous = match atom {
                    Atom::Previous(_) => vec![0; column.map_or(1, |c| c.distinct.max(1)) + 1],
                    _ => Vec::new(),
                };
                watched.push(Watched { atom, ids, previous, other: 0, value: 0 });
                watched.len() - 1
            })
        };
        let contexts: Vec<Lists> = contexts
            .iter()
            .take(MAX_CONTEXTS)
            .map(|context| {
                let first = watch(context.first);
                let second = context.second.map(&mut watch);
                let width = usize::from(context.size) + 1;
                let bits = context.table_bits(rows);
                let lines = if context.size == 0 { Vec::new() } else { vec![0; width << bits] };
                Lists { first, second, width, shift: 32 - bits, lines, at: 0, check: 0, is_known: false }
            })
            .collect();
        let lists = contexts.iter().filter(|c| c.width > 1).count();
        Model {
            watched,
            contexts,
            has_lists: lists > 0,
            is_single: lists == 1,
            stamps: Vec::new(),
            time: 0,
            last: 0,
            keys: [0; MAX_CONTEXTS],
            used: ranks.then(|| Used { recency: Recency::new(rows), ids: Vec::with_capacity(rows) }),
        }
    }

    /// Bytes that [`Model::new`] takes, and what grows with the rows.
    pub(crate) fn memory(contexts: &[Context], columns: &[Ids], rows: usize) -> usize {
        let lists =
            |c: &Context| if c.size == 0 { 0 } else { (usize::from(c.size) + 1) << c.table_bits(rows) };
        let previous = |a: Atom| match a {
            Atom::Previous(column) => columns.get(usize::from(column)).map_or(0, |c| c.distinct),
            _ => 0,
        };
        let words = contexts
            .iter()
            .map(|c| lists(c) + previous(c.first) + c.second.map_or(0, previous))
            .sum::<usize>();
        words.saturating_add(rows.saturating_mul(4)).saturating_mul(4)
    }

    /// Looks up what the contexts say of a row, before its value is known.
    #[inline]
    pub(crate) fn begin(&mut self, row: usize) {
        for watched in &mut self.watched {
            // A column that is the same in all rows has no ids here, and counts as that value.
            let other = |ids: &[u32]| ids.get(row).map_or(1, |id| id.wrapping_add(1));
            watched.value = match watched.atom {
                Atom::Always => 1,
                Atom::Last => self.last,
                Atom::Value(_) => other(watched.ids),
                Atom::Previous(_) => {
                    watched.other = other(watched.ids);
                    watched.previous.get(watched.other as usize).copied().unwrap_or(0)
                }
            };
        }
        for (lists, slot) in self.contexts.iter_mut().zip(&mut self.keys) {
            let value = |i: usize| self.watched.get(i).map_or(0, |w| w.value);
            let key = Context::key(value(lists.first), lists.second.map(value));
            lists.find(key);
            *slot = key;
        }
        self.time += 1;
    }

    /// Whether any context has lists.
    pub(crate) const fn has_lists(&self) -> bool {
        self.has_lists
    }

    /// The recency rank of an id used before.
    pub(crate) fn rank_of(&self, id: u32) -> u32 {
        self.used.as_ref().map_or(0, |used| used.recency.rank(id))
    }

    /// The id of a recency rank, if so many were used.
    pub(crate) fn id_of(&self, rank: u32) -> Option<u32> {
        let used = self.used.as_ref()?;
        used.ids.get(used.recency.select(rank)? as usize).copied()
    }

    /// The first candidate of all: the most likely one.
    #[inline]
    pub(crate) fn front(&self) -> Option<u32> {
        self.contexts
            .iter()
            .find_map(|lists| lists.candidates().first())
            .and_then(|first| first.checked_sub(1))
    }

    /// Which of the contexts with lists is the first whose list is not empty.
    #[inline]
    pub(crate) fn first(&self) -> usize {
        let mut index = 0;
        for lists in &self.contexts {
            if lists.width > 1 {
                if lists.is_known {
                    return index;
                }
                index += 1;
            }
        }
        index
    }

    /// Goes through the candidates, each once, until `stop` says so or `most` were seen; the one it stopped at.
    #[inline]
    pub(crate) fn visit(&mut self, most: u32, mut stop: impl FnMut(u32, u32) -> bool) -> Option<u32> {
        let mut position = 0;
        for lists in &self.contexts {
            for &candidate in lists.candidates() {
                if candidate == 0 {
                    break;
                }
                let id = candidate - 1;
                if !self.is_single
                    && let Some(stamp) = self.stamps.get_mut(id as usize)
                    && core::mem::replace(stamp, self.time) == self.time
                {
                    continue;
                }
                if stop(position, id) {
                    return Some(id);
                }
                position += 1;
                if position >= most {
                    return None;
                }
            }
        }
        None
    }

    /// Notes the present row's value.
    #[inline]
    pub(crate) fn update(&mut self, id: u32) {
        if id as usize == self.stamps.len() {
            self.stamps.push(0);
        }
        for lists in &mut self.contexts {
            if lists.width > 1 {
                lists.update(id);
            }
        }
        for watched in &mut self.watched {
            if let Some(previous) = watched.previous.get_mut(watched.other as usize) {
                *previous = id + 1;
            }
        }
        self.last = id + 1;
        if let Some(used) = &mut self.used {
            used.recency.touch(id);
            used.ids.push(id);
        }
    }
}

impl Candidates for Model<'_> {
    fn contexts(&self) -> &[u32] {
        self.keys.get(..self.contexts.len()).unwrap_or_default()
    }

    fn listed(&self) -> bool {
        self.has_lists
    }

    fn walk(&mut self, cap: u32, visit: impl FnMut(u32, u32) -> bool) {
        self.visit(cap, visit);
    }

    fn rank(&self, index: u32) -> u32 {
        self.rank_of(index)
    }

    fn select(&self, rank: u32) -> Option<u32> {
        self.id_of(rank)
    }

    fn known(&self) -> u32 {
        self.stamps.len() as u32
    }
}

/// How many distinct ids there are, if they are numbered in order of first use.
pub(crate) fn distinct(ids: &[u32]) -> usize {
    ids.iter().filter(|&&id| id != ABSENT).max().map_or(0, |&id| id as usize + 1)
}
