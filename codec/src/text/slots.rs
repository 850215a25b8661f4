//! Which column a token's value belongs to: the slot of tokens of its kind after the same bytes of text.
//!
//! A slot is no place in one template: `took 17 ms` in two templates is one slot. So templates that differ in a word
//! share their columns, and columns keep the order of the strings. How many bytes count is the dictionary's choice.

use alloc::{collections::BTreeMap, vec::Vec};

use super::render::{Piece, Pieces};
use crate::error::Result;

/// What a byte's weight in the hash grows by with each byte after it: the sum of the weighted bytes, modulo 2^64.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The slots met so far. (A tree, since a hostile block may choose the keys.)
#[derive(Debug)]
pub(super) struct Slots {
    /// How many bytes before a marker tell slots apart.
    reach: u8,
    known: BTreeMap<(usize, u64), u32>,
    /// Each slot's kind.
    pub(super) kinds: Vec<usize>,
}

impl Slots {
    pub(super) const fn new(reach: u8) -> Self {
        Slots { reach, known: BTreeMap::new(), kinds: Vec::new() }
    }

    /// Appends the slots of a template's tokens, in order. Bytes before a marker, other markers included, count by their
    /// hash: tokens whose hashes collide share a slot, which costs bytes but harms nothing.
    pub(super) fn of(&mut self, template: &[u8], out: &mut Vec<u32>) -> Result<()> {
        let reach = usize::from(self.reach);
        let leaves = (0..reach).fold(1u64, |power, _| power.wrapping_mul(BASE));
        let (mut hash, mut hashed) = (0u64, 0);
        let mut pieces = Pieces::new(template);
        while let Some(piece) = pieces.next() {
            let Piece::Marker(kind) = piece? else { continue };
            let at = pieces.at() - 1;
            for (i, &byte) in template.iter().enumerate().take(at).skip(hashed) {
                let gone = i.checked_sub(reach).and_then(|i| template.get(i)).copied().unwrap_or(0);
                hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(byte));
                hash = hash.wrapping_sub(u64::from(gone).wrapping_mul(leaves));
            }
            hashed = at;
            let next = self.kinds.len() as u32;
            let slot = *self.known.entry((kind, hash)).or_insert(next);
            if slot == next {
                self.kinds.push(kind);
            }
            out.push(slot);
        }
        Ok(())
    }
}
