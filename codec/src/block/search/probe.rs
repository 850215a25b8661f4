//! Where each row's value stands in one context's lists.

use alloc::vec::Vec;

use super::Sample;
use crate::block::{
    context::{ABSENT, Atom, Context},
    model::{Far, Model},
};

/// Instead of a position: a new value, though the list is not empty.
pub(super) const NEW: u8 = 251;
/// A row that the column does not code.
pub(super) const ABSENT_ROW: u8 = 252;
/// A value that is not in the list.
const MISS: u8 = 253;
/// A value that is not new, and an empty list.
pub(super) const EMPTY: u8 = 254;
/// A new value and an empty list.
pub(super) const EMPTY_NEW: u8 = 255;

/// One context tried on a column.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) context: Context,
    pub(super) positions: Vec<u8>,
    /// How often a list was empty: about the number of keys.
    pub(super) keys: usize,
}

/// Tries a context on a column.
pub(super) fn probe(sample: &Sample, column: usize, first: Atom, second: Option<Atom>) -> Probe {
    let keys = |atom: Atom| match atom {
        Atom::Always => 1,
        Atom::Last | Atom::Previous(_) => sample.distinct(column).max(1),
        Atom::Value(other) => sample.distinct(usize::from(other)).max(1),
    };
    let size = if keys(first).saturating_mul(second.map_or(1, keys)) <= 256 { 63 } else { 15 };
    let context = Context::listed(first, second, size).fitted(sample.coded(column));
    let mut model = Model::new(&[context], &sample.columns, Far::Unasked);
    let mut probe = Probe { context, positions: Vec::with_capacity(sample.rows), keys: 0 };
    let mut new = 0;
    for (row, &id) in sample.ids(column).iter().enumerate() {
        if id == ABSENT {
            probe.positions.push(ABSENT_ROW);
            continue;
        }
        model.begin(row);
        let is_empty = model.first() > 0;
        probe.keys += usize::from(is_empty);
        let is_new = id == new;
        new += u32::from(is_new);
        let position = match (is_empty, is_new) {
            (true, true) => EMPTY_NEW,
            (true, false) => EMPTY,
            (false, true) => NEW,
            (false, false) => model.position(id, 63).map_or(MISS, |at| at as u8),
        };
        probe.positions.push(position);
        model.update(id);
    }
    probe
}
