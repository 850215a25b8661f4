//! Which column a token's value belongs to: the slot of tokens of its kind after the same bytes of text.
//!
//! A slot is no place in one template: `took 17 ms` in two templates is one slot. So templates that differ in a word
//! share their columns, and columns keep the order of the strings. How many bytes count is the dictionary's choice.

use alloc::{vec, vec::Vec};

use super::render::{Piece, Pieces};
use crate::error::Result;

/// What a byte's weight in the hash grows by with each byte after it: the sum of the weighted bytes, modulo 2^64.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// A token's kind, and the hash of the bytes before it: tokens with the same key share a slot.
pub(super) type Key = (usize, u64);

/// Appends the keys of a template's tokens, in order; `reach` bytes before a marker, other markers included, count by their
/// hash. Tokens whose hashes collide share a slot, which costs bytes but harms nothing.
pub(super) fn keys(template: &[u8], reach: u8, out: &mut Vec<Key>) -> Result<()> {
    let reach = usize::from(reach);
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
        out.push((kind, hash));
    }
    Ok(())
}

/// Numbers slots in order of first use: each key's slot, and each slot's kind. (It sorts, since a hostile block may choose
/// the keys, against which no table of hashes is safe.)
pub(super) fn number(keys: &[Key]) -> (Vec<u32>, Vec<usize>) {
    let key = |i: u32| keys.get(i as usize).copied().unwrap_or_default();
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by_key(|&i| (key(i), i));
    // For each key where it stands first, then what its slot is.
    let mut slots = vec![0; keys.len()];
    let mut first = 0;
    for (at, &i) in order.iter().enumerate() {
        if at == 0 || key(i) != key(first) {
            first = i;
        }
        if let Some(slot) = slots.get_mut(i as usize) {
            *slot = first;
        }
    }
    let mut kinds = Vec::new();
    for (i, &(kind, _)) in keys.iter().enumerate() {
        let first = slots.get(i).copied().unwrap_or(0) as usize;
        let slot = if first == i {
            kinds.push(kind);
            kinds.len() as u32 - 1
        } else {
            slots.get(first).copied().unwrap_or(0)
        };
        if let Some(place) = slots.get_mut(i) {
            *place = slot;
        }
    }
    (slots, kinds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn slots_are_numbered_in_order_of_first_use(keys in prop::collection::vec((0usize..3, 0u64..9), 0..60)) {
            let (slots, kinds) = number(&keys);
            let mut known: Vec<Key> = Vec::new();
            for (key, slot) in keys.iter().zip(&slots) {
                let place = known.iter().position(|k| k == key).unwrap_or_else(|| {
                    known.push(*key);
                    known.len() - 1
                });
                prop_assert_eq!(*slot as usize, place);
            }
            prop_assert_eq!(slots.len(), keys.len());
            prop_assert_eq!(kinds, known.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>());
        }
    }
}
