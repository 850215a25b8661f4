//! Which rows have a hole for which field: told by the skeletons, which are decoded first.

use alloc::{vec, vec::Vec};

use crate::{
    column::{NULL, Strings},
    skeleton,
};

/// For each field, the distinct skeletons that have a hole for it.
#[derive(Debug)]
pub(super) struct Presence<'a> {
    ids: &'a [u32],
    skeletons: usize,
    by_field: Vec<Vec<u32>>,
}

/// Which rows have a hole for one field.
#[derive(Debug)]
pub(super) struct Holes<'a> {
    ids: &'a [u32],
    /// By skeleton; empty if all have one.
    by_skeleton: Vec<bool>,
}

impl<'a> Presence<'a> {
    /// `ids` are indices into the dictionary, or [`NULL`] for the default skeleton, which has all fields.
    pub(super) fn new(ids: &'a [u32], dictionary: &Strings, fields: usize) -> Self {
        let mut by_field: Vec<Vec<u32>> = vec![Vec::new(); fields];
        for (i, skeleton) in dictionary.iter().enumerate() {
            for field in skeleton::holes(skeleton).map_while(Result::ok) {
                if let Some(skeletons) = by_field.get_mut(field) {
                    skeletons.push(i as u32);
                }
            }
        }
        Presence { ids, skeletons: dictionary.len(), by_field }
    }

    /// Bytes that [`Presence::new`] takes at most.
    pub(super) fn memory(dictionary: &Strings, fields: usize) -> usize {
        // A hole takes at least two bytes of a skeleton.
        dictionary
            .bytes
            .len()
            .saturating_mul(4)
            .saturating_add(fields.saturating_mul(24))
            .saturating_add(dictionary.len())
    }

    /// The rows with a hole for `field`.
    pub(super) fn of(&self, field: usize) -> Holes<'a> {
        let with = self.by_field.get(field).map(Vec::as_slice).unwrap_or_default();
        let mut by_skeleton = Vec::new();
        if with.len() < self.skeletons {
            by_skeleton = vec![false; self.skeletons];
            for &i in with {
                if let Some(has) = by_skeleton.get_mut(i as usize) {
                    *has = true;
                }
            }
        }
        Holes { ids: self.ids, by_skeleton }
    }
}

impl Holes<'_> {
    /// A hole in every row.
    pub(super) const fn everywhere() -> Holes<'static> {
        Holes { ids: &[], by_skeleton: Vec::new() }
    }

    /// Whether a row has one.
    #[inline]
    pub(super) fn has(&self, row: usize) -> bool {
        self.by_skeleton.is_empty()
            || match self.ids.get(row) {
                None | Some(&NULL) => true,
                Some(&id) => self.by_skeleton.get(id as usize) == Some(&true),
            }
    }

    /// How many of the first `rows` rows have one.
    pub(super) fn count(&self, rows: usize) -> usize {
        if self.by_skeleton.is_empty() { rows } else { (0..rows).filter(|&row| self.has(row)).count() }
    }
}
