//! A batch's column as the block codes it: ids of distinct values, or the values themselves.

use alloc::{borrow::Cow, vec, vec::Vec};
use core::hash::Hash;

use hashbrown::HashMap;

use super::{context::ABSENT, presence::Holes};
use crate::column::{Column, NULL, Strings};

/// Values of one type, in some order, without nulls.
#[derive(Debug)]
pub(super) enum Values<'a> {
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Booleans(Vec<bool>),
    /// Microseconds, and nanoseconds below where any is not zero.
    Instants(Vec<i64>, Vec<u16>),
    Strings(Cow<'a, Strings>),
}

impl Values<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Values::Integers(values) | Values::Instants(values, _) => values.len(),
            Values::Numbers(values) => values.len(),
            Values::Booleans(values) => values.len(),
            Values::Strings(strings) => strings.len(),
        }
    }
}

/// A column, ready to be coded.
#[derive(Debug)]
pub(super) enum Coded<'a> {
    /// Distinct values in order of first use, and an id a row; null is a value like another.
    Ranked { ids: Vec<u32>, null: Option<u32>, values: Values<'a> },
    /// The values of the rows that have one; `nulls` has a flag for each hole if any is null.
    Plain { nulls: Vec<bool>, values: Values<'a> },
}

/// Numbers values in order of first use.
struct Numbering<K> {
    known: HashMap<K, u32, foldhash::fast::FixedState>,
    ids: Vec<u32>,
    null: Option<u32>,
    next: u32,
    last: Option<(K, u32)>,
}

impl<K: Hash + Eq + Copy> Numbering<K> {
    fn new(rows: usize) -> Self {
        let known = HashMap::with_hasher(foldhash::fast::FixedState::default());
        Numbering { known, ids: Vec::with_capacity(rows), null: None, next: 0, last: None }
    }

    /// Notes a row's value; whether it is a new one (never for null).
    fn push(&mut self, value: Option<K>) -> bool {
        let Some(value) = value else {
            let id = *self.null.get_or_insert(self.next);
            self.next = self.next.max(id + 1);
            self.ids.push(id);
            return false;
        };
        if let Some((_, id)) = self.last.filter(|(last, _)| *last == value) {
            self.ids.push(id);
            return false;
        }
        let id = *self.known.entry(value).or_insert(self.next);
        self.last = Some((value, id));
        self.ids.push(id);
        let is_new = id == self.next;
        self.next += u32::from(is_new);
        is_new
    }
}

/// Numbers a column's values; `get` gives a row's, or null. The rows of first use of what is not null.
fn number<K: Hash + Eq + Copy>(
    rows: usize,
    holes: &Holes<'_>,
    get: impl Fn(usize) -> Option<K>,
) -> (Vec<u32>, Option<u32>, Vec<usize>) {
    let mut numbering = Numbering::new(rows);
    let mut firsts = Vec::new();
    for row in 0..rows {
        if !holes.has(row) {
            numbering.ids.push(ABSENT);
        } else if numbering.push(get(row)) {
            firsts.push(row);
        }
    }
    (numbering.ids, numbering.null, firsts)
}

/// The values at some rows.
fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|&row| values.get(row).copied()).collect()
}

/// A column as ranked ids.
pub(super) fn ranked<'a>(column: &'a Column, holes: &Holes<'_>) -> Coded<'a> {
    let rows = column.len();
    let when = |valid: &[bool], row: usize| valid.get(row) == Some(&true);
    let (ids, null, values) = match column {
        Column::Integers { values, valid } => {
            let (ids, null, firsts) =
                number(rows, holes, |row| values.get(row).copied().filter(|_| when(valid, row)));
            (ids, null, Values::Integers(pick(values, &firsts)))
        }
        Column::Numbers { values, valid } => {
            let bits = |row: usize| values.get(row).map(|v| v.to_bits()).filter(|_| when(valid, row));
            let (ids, null, firsts) = number(rows, holes, bits);
            (ids, null, Values::Numbers(pick(values, &firsts)))
        }
        Column::Booleans { values, valid } => {
            let (ids, null, firsts) =
                number(rows, holes, |row| values.get(row).copied().filter(|_| when(valid, row)));
            (ids, null, Values::Booleans(pick(values, &firsts)))
        }
        Column::Timestamps { micros, nanos, valid } => {
            let instant = |row: usize| {
                let below = nanos.get(row).copied().unwrap_or(0);
                micros.get(row).map(|&us| (us, below)).filter(|_| when(valid, row))
            };
            let (ids, null, firsts) = number(rows, holes, instant);
            (ids, null, Values::Instants(pick(micros, &firsts), significant(pick(nanos, &firsts))))
        }
        Column::Strings { dictionary, ids } => {
            let (ids, null, strings) = renumber(dictionary, ids, holes);
            (ids, null, Values::Strings(strings))
        }
    };
    Coded::Ranked { ids, null, values }
}

/// Ids of a dictionary in order of first use, and the dictionary in that order, without what no hole uses.
pub(super) fn renumber<'a>(
    dictionary: &'a Strings,
    ids: &[u32],
    holes: &Holes<'_>,
) -> (Vec<u32>, Option<u32>, Cow<'a, Strings>) {
    let mut map = vec![ABSENT; dictionary.len()];
    let mut order = Vec::new();
    let mut null = None;
    let mut next = 0;
    let mut renumbered = Vec::with_capacity(ids.len());
    for (row, &id) in ids.iter().enumerate() {
        if !holes.has(row) {
            renumbered.push(ABSENT);
            continue;
        }
        let slot = match map.get_mut(id as usize) {
            Some(slot) if id != NULL => slot,
            _ => null.get_or_insert(ABSENT),
        };
        if *slot == ABSENT {
            *slot = next;
            next += 1;
            if id != NULL {
                order.push(id);
            }
        }
        renumbered.push(*slot);
    }
    let is_same =
        order.len() == dictionary.len() && order.iter().enumerate().all(|(i, &id)| id as usize == i);
    if is_same {
        return (renumbered, null, Cow::Borrowed(dictionary));
    }
    let mut strings = Strings::default();
    order.iter().filter_map(|&id| dictionary.get(id as usize)).for_each(|string| strings.push(string));
    (renumbered, null, Cow::Owned(strings))
}

/// A column as plain values.
pub(super) fn plain<'a>(column: &'a Column, holes: &Holes<'_>) -> Coded<'a> {
    let valid: &[bool] = match column {
        Column::Integers { valid, .. }
        | Column::Numbers { valid, .. }
        | Column::Booleans { valid, .. }
        | Column::Timestamps { valid, .. } => valid,
        Column::Strings { .. } => return ranked(column, holes),
    };
    let mut nulls: Vec<bool> =
        valid.iter().enumerate().filter(|(row, _)| holes.has(*row)).map(|(_, valid)| !valid).collect();
    if !nulls.contains(&true) {
        nulls.clear();
    }
    let present = |row: usize| holes.has(row) && valid.get(row) == Some(&true);
    let values = match column {
        Column::Integers { values, .. } => Values::Integers(only(values, present)),
        Column::Numbers { values, .. } => Values::Numbers(only(values, present)),
        Column::Booleans { values, .. } => Values::Booleans(only(values, present)),
        Column::Timestamps { micros, nanos, .. } => {
            Values::Instants(only(micros, present), significant(only(nanos, present)))
        }
        Column::Strings { .. } => Values::Integers(Vec::new()),
    };
    Coded::Plain { nulls, values }
}

fn only<T: Copy>(values: &[T], present: impl Fn(usize) -> bool) -> Vec<T> {
    values.iter().enumerate().filter(|(row, _)| present(*row)).map(|(_, value)| *value).collect()
}

/// Nanoseconds that are all zero are none.
fn significant(nanos: Vec<u16>) -> Vec<u16> {
    if nanos.iter().all(|&n| n == 0) { Vec::new() } else { nanos }
}

/// Ids and distinct values back to a column.
pub(super) fn from_ranked(ids: Vec<u32>, null: Option<u32>, values: Values<'_>) -> Column {
    // Distinct values are numbered without the null.
    let null = null.unwrap_or(ABSENT);
    let index = |id: u32| match id {
        ABSENT => None,
        id if id == null => None,
        id => Some((id - u32::from(id > null)) as usize),
    };
    fn spread<T: Copy + Default>(values: &[T], ids: &[u32], index: impl Fn(u32) -> Option<usize>) -> Vec<T> {
        ids.iter().map(|&id| index(id).and_then(|i| values.get(i)).copied().unwrap_or_default()).collect()
    }
    let valid = || ids.iter().map(|&id| index(id).is_some()).collect();
    match values {
        Values::Integers(values) => Column::Integers { values: spread(&values, &ids, index), valid: valid() },
        Values::Numbers(values) => Column::Numbers { values: spread(&values, &ids, index), valid: valid() },
        Values::Booleans(values) => Column::Booleans { values: spread(&values, &ids, index), valid: valid() },
        Values::Instants(micros, nanos) => {
            let nanos = if nanos.is_empty() { Vec::new() } else { spread(&nanos, &ids, index) };
            Column::Timestamps { micros: spread(&micros, &ids, index), nanos, valid: valid() }
        }
        Values::Strings(strings) => {
            let mut ids = ids;
            if null != ABSENT {
                ids.iter_mut().for_each(|id| *id = index(*id).map_or(NULL, |i| i as u32));
            }
            Column::Strings { dictionary: strings.into_owned(), ids }
        }
    }
}

/// Plain values back to a column; `nulls` is empty or has a flag for each hole.
pub(super) fn from_plain(rows: usize, holes: &Holes<'_>, nulls: &[bool], values: Values<'_>) -> Column {
    let mut flags = nulls.iter();
    let valid: Vec<bool> = (0..rows).map(|row| holes.has(row) && flags.next() != Some(&true)).collect();
    fn spread<T: Copy + Default>(values: &[T], valid: &[bool]) -> Vec<T> {
        let mut next = values.iter();
        valid
            .iter()
            .map(|&v| if v { next.next().copied().unwrap_or_default() } else { T::default() })
            .collect()
    }
    match values {
        Values::Integers(values) => Column::Integers { values: spread(&values, &valid), valid },
        Values::Numbers(values) => Column::Numbers { values: spread(&values, &valid), valid },
        Values::Booleans(values) => Column::Booleans { values: spread(&values, &valid), valid },
        Values::Instants(micros, nanos) => {
            let nanos = if nanos.is_empty() { Vec::new() } else { spread(&nanos, &valid) };
            Column::Timestamps { micros: spread(&micros, &valid), nanos, valid }
        }
        Values::Strings(_) => Column::Integers { values: vec![0; rows], valid },
    }
}
