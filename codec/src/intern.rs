//! Distinct byte strings, numbered in order of first use.

use core::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::column::Strings;

/// The strings so far, and the way from a string to its number.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    pub(crate) strings: Strings,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl Interner {
    /// The string's number, new or old.
    pub(crate) fn id(&mut self, string: &[u8]) -> u32 {
        let Interner { strings, table, hasher } = self;
        let hash = |s: &[u8]| hasher.hash_one(s);
        let of = |id: u32| strings.get(id as usize).unwrap_or_default();
        if let Some(&id) = table.find(hash(string), |&id| of(id) == string) {
            return id;
        }
        let id = strings.len() as u32;
        table.insert_unique(hash(string), id, |&id| hash(of(id)));
        strings.push(string);
        id
    }
}
