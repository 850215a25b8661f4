//! What a ranked column remembers while its rows pass by: the candidate lists of its contexts, and all uses so far.

use alloc::{vec, vec::Vec};

use super::{
    context::{ABSENT, Atom, Context, FIRST, MAX_CONTEXTS, NO_SECOND, SECOND, finish},
    lists::Lists,
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

impl Ids {
    /// What is the same in all rows tells nothing.
    pub(crate) fn new(ids: Vec<u32>, distinct: usize) -> Self {
        if distinct > 1 { Ids { ids, distinct } } else { Ids::default() }
    }
}

/// How an atom's value comes about.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// It is known before the column is, and went into the fixed part of the keys.
    Fixed,
    Last,
    /// Number of a table of last values.
    Previous(usize),
}

/// This column's last value for each value of another one.
#[derive(Debug)]
struct Previous<'a> {
    column: u16,
    /// The other column's ids.
    others: &'a [u32],
    latest: Vec<u32>,
    /// The other column's value in the present row, and this one's last value there.
    at: usize,
    value: u32,
}

/// One context: how its key comes about, and its lists.
#[derive(Debug)]
struct Keyed {
    atoms: [Option<Atom>; 2],
    parts: [Part; 2],
    /// For the rows of the chunk: the whole key, or what of it does not hang on this column.
    fixed: Vec<u32>,
    is_whole: bool,
    lists: Lists,
}

/// Rows for which what is fixed of the keys is computed at once: the processor overlaps what hangs on nothing before.
const CHUNK: usize = 256;

impl Keyed {
    /// Computes what is fixed of the keys of the rows from `start` on.
    fn fill(&mut self, start: usize, columns: &[Ids]) {
        self.fixed.clear();
        self.fixed.resize(CHUNK, 0);
        for (atom, &factor) in self.atoms.iter().zip(&[FIRST, SECOND]) {
            let same = match *atom {
                None => NO_SECOND,
                Some(Atom::Always) => 1,
                Some(Atom::Last | Atom::Previous(_)) => 0,
                Some(Atom::Value(column)) => {
                    let ids = columns.get(usize::from(column)).and_then(|c| c.ids.get(start..));
                    match ids.unwrap_or_default() {
                        [] => 1,
                        ids => {
                            for (key, &id) in self.fixed.iter_mut().zip(ids) {
                                *key = key.wrapping_add(id.wrapping_add(1).wrapping_mul(factor));
                            }
                            0
                        }
                    }
                }
            };
            let same = same.wrapping_mul(factor);
            self.fixed.iter_mut().for_each(|key| *key = key.wrapping_add(same));
        }
        if self.is_whole {
            self.fixed.iter_mut().for_each(|key| *key = finish(*key));
            self.lists.touch(&self.fixed);
        }
    }
}

/// The state of one ranked column.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    columns: &'a [Ids],
    previous: Vec<Previous<'a>>,
    contexts: Vec<Keyed>,
    /// Where the chunk starts.
    start: usize,
    /// The contexts' keys for the present row.
    keys: [u32; MAX_CONTEXTS],
    /// The first context whose list is the present key's.
    first: usize,
    is_single: bool,
    has_lists: bool,
    /// When each id was a candidate last, so that a later list does not offer it again.
    stamps: Vec<u32>,
    time: u32,
    last: u32,
    used: Option<Used>,
}

/// How a value that is no candidate is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Far {
    /// Nobody asks.
    Unasked,
    /// By how many uses ago it was used: cheap.
    Distance,
    /// By how many others were used since, among so many uses: less to write.
    Recency(usize),
}

/// All uses so far, where values far away are asked for.
#[derive(Debug)]
struct Used {
    /// Each use's id.
    ids: Vec<u32>,
    /// Each id's last use, or the recency of all ids.
    last: Vec<u32>,
    recency: Option<Recency>,
}

impl<'a> Model<'a> {
    /// A fresh state; contexts look at `columns`.
    pub(crate) fn new(contexts: &[Context], columns: &'a [Ids], far: Far) -> Self {
        let mut previous: Vec<Previous<'a>> = Vec::new();
        let mut part = |atom: Option<Atom>| match atom {
            None | Some(Atom::Always | Atom::Value(_)) => Part::Fixed,
            Some(Atom::Last) => Part::Last,
            Some(Atom::Previous(column)) => {
                let known = previous.iter().position(|p| p.column == column);
                Part::Previous(known.unwrap_or_else(|| {
                    let other = columns.get(usize::from(column));
                    let others = other.map(|c| c.ids.as_slice()).unwrap_or_default();
                    let latest = vec![0; other.map_or(1, |c| c.distinct.max(1)) + 1];
                    previous.push(Previous { column, others, latest, at: 0, value: 0 });
                    previous.len() - 1
                }))
            }
        };
        let contexts: Vec<Keyed> = contexts
            .iter()
            .take(MAX_CONTEXTS)
            .map(|context| {
                let atoms = [Some(context.first), context.second];
                let parts = atoms.map(&mut part);
                let is_whole = matches!(parts, [Part::Fixed, Part::Fixed]);
                let lists = Lists::new(context.size, context.bits);
                Keyed { atoms, parts, fixed: Vec::with_capacity(CHUNK), is_whole, lists }
            })
            .collect();
        let lists = contexts.iter().filter(|c| c.lists.exist()).count();
        Model {
            columns,
            previous,
            contexts,
            start: usize::MAX,
            keys: [0; MAX_CONTEXTS],
            first: MAX_CONTEXTS,
            is_single: lists == 1,
            has_lists: lists > 0,
            stamps: Vec::new(),
            time: 0,
            last: 0,
            used: match far {
                Far::Unasked => None,
                Far::Distance => Some(Used { ids: Vec::new(), last: Vec::new(), recency: None }),
                Far::Recency(uses) => {
                    let recency = Some(Recency::new(uses));
                    Some(Used { ids: Vec::with_capacity(uses), last: Vec::new(), recency })
                }
            },
        }
    }

    /// Bytes that [`Model::new`] takes, and what grows with the rows.
    pub(crate) fn memory(contexts: &[Context], columns: &[Ids], rows: usize) -> usize {
        let previous = |atom: Option<Atom>| match atom {
            Some(Atom::Previous(column)) => columns.get(usize::from(column)).map_or(0, |c| c.distinct),
            _ => 0,
        };
        let context = |c: &Context| {
            Lists::memory(c.size, c.bits) + 4 * (previous(Some(c.first)) + previous(c.second) + CHUNK)
        };
        contexts.iter().map(context).sum::<usize>().saturating_add(rows.saturating_mul(16))
    }

    /// Looks up what the contexts say of a row, before its value is known. Rows come in order.
    #[inline]
    pub(crate) fn begin(&mut self, row: usize) {
        let (start, at) = (row & !(CHUNK - 1), row & (CHUNK - 1));
        if start != self.start {
            self.start = start;
            self.contexts.iter_mut().for_each(|c| c.fill(start, self.columns));
        }
        for previous in &mut self.previous {
            previous.at = previous.others.get(row).map_or(1, |id| id.wrapping_add(1)) as usize;
            previous.value = previous.latest.get(previous.at).copied().unwrap_or(0);
        }
        self.first = MAX_CONTEXTS;
        for (i, (keyed, slot)) in self.contexts.iter_mut().zip(&mut self.keys).enumerate() {
            let mut key = keyed.fixed.get(at).copied().unwrap_or(0);
            if !keyed.is_whole {
                for (part, &factor) in keyed.parts.iter().zip(&[FIRST, SECOND]) {
                    let value = match *part {
                        Part::Fixed => 0,
                        Part::Last => self.last,
                        Part::Previous(n) => self.previous.get(n).map_or(0, |p| p.value),
                    };
                    key = key.wrapping_add(value.wrapping_mul(factor));
                }
                key = finish(key);
            }
            if keyed.lists.find(key) {
                self.first = self.first.min(i);
            }
            *slot = key;
        }
    }

    /// Which is the first context whose list is the present key's; as many as there are where none is.
    #[inline]
    pub(crate) fn first(&self) -> usize {
        self.first.min(self.contexts.len())
    }

    /// The candidate at a position.
    #[inline]
    pub(crate) fn candidate(&mut self, position: u32) -> Option<u32> {
        let first = self.contexts.get(self.first)?.lists.candidates();
        match first.get(position as usize) {
            Some(id @ 1..) => Some(id - 1),
            _ => self.visit(position.saturating_add(1), |at, _| at == position),
        }
    }

    /// The position of a candidate among the first `most`.
    #[inline]
    pub(crate) fn position(&mut self, id: u32, most: u32) -> Option<u32> {
        let first = self.contexts.get(self.first)?.lists.candidates();
        let mut found = first.iter().position(|&candidate| candidate == id + 1).map(|at| at as u32);
        if found.is_none() && !self.is_single {
            self.visit(most, |at, candidate| {
                found = Some(at).filter(|_| candidate == id);
                found.is_some()
            });
        }
        found
    }

    /// Goes through the candidates, each once, until `stop` says so or `most` were seen; the one it stopped at.
    #[inline]
    pub(crate) fn visit(&mut self, most: u32, mut stop: impl FnMut(u32, u32) -> bool) -> Option<u32> {
        let mut position = 0;
        self.time += 1;
        for keyed in self.contexts.get(self.first..).unwrap_or_default() {
            for &candidate in keyed.lists.candidates() {
                let Some(id) = candidate.checked_sub(1) else { break };
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

    /// How far away an id is that was used before.
    pub(crate) fn far(&self, id: u32) -> u32 {
        let Some(used) = &self.used else { return 0 };
        if let Some(recency) = &used.recency {
            return recency.rank(id);
        }
        let last = used.last.get(id as usize).copied().unwrap_or(0);
        (used.ids.len() as u32).saturating_sub(last + 1)
    }

    /// The id that is so far away.
    pub(crate) fn at(&self, far: u32) -> Option<u32> {
        let used = self.used.as_ref()?;
        let place = match &used.recency {
            Some(recency) => recency.select(far)? as usize,
            None => used.ids.len().checked_sub(far as usize + 1)?,
        };
        used.ids.get(place).copied()
    }

    /// Notes the present row's value.
    #[inline]
    pub(crate) fn update(&mut self, id: u32) {
        if id as usize == self.stamps.len() {
            self.stamps.push(0);
        }
        for keyed in &mut self.contexts {
            keyed.lists.update(id + 1);
        }
        for previous in &mut self.previous {
            if let Some(latest) = previous.latest.get_mut(previous.at) {
                *latest = id + 1;
            }
        }
        self.last = id + 1;
        if let Some(used) = &mut self.used {
            let now = used.ids.len() as u32;
            used.ids.push(id);
            match (&mut used.recency, used.last.get_mut(id as usize)) {
                (Some(recency), _) => recency.touch(id),
                (None, Some(last)) => *last = now,
                (None, None) => used.last.push(now),
            }
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
        self.far(index)
    }

    fn select(&self, rank: u32) -> Option<u32> {
        self.at(rank)
    }

    fn known(&self) -> u32 {
        self.stamps.len() as u32
    }
}

/// How many distinct ids there are, if they are numbered in order of first use.
pub(crate) fn distinct(ids: &[u32]) -> usize {
    ids.iter().filter(|&&id| id != ABSENT).max().map_or(0, |&id| id as usize + 1)
}
