//! An adaptive bit: a probability of 22 bits and, in the low 10 bits, how often it was seen.
//!
//! The count makes the first observations weigh most, and tells the mixer how far to trust the probability.

use super::tables::Tables;

/// A slot that has seen nothing.
pub(super) const FRESH: u32 = 1 << 31;
/// What [`Tables::trust`] is below; nine kinds are told apart.
pub(super) const TRUSTS: usize = 16;

/// The part of the way that a slot moves, in 1/65536, by its count.
pub(super) fn rate_table() -> [u32; 1024] {
    core::array::from_fn(|n| 655_360 / (10 * n as u32 + 16))
}

/// How far to trust a slot, by its count: 0 (never seen) to 8.
pub(super) fn trust_table() -> [u8; 1024] {
    core::array::from_fn(|n| match n {
        0..=3 => n as u8,
        4..=5 => 4,
        6..=9 => 5,
        10..=20 => 6,
        21..=60 => 7,
        _ => 8,
    })
}

/// The probability's top 12 bits.
#[inline(always)]
pub(super) fn p12(slot: u32) -> u32 {
    slot >> 20
}

/// Moves towards `bit`; the count stops at `limit` and with it the slowing down.
#[inline(always)]
pub(super) fn update(tables: &Tables, slot: &mut u32, bit: bool, limit: u32) {
    let count = *slot & 1023;
    let p = (*slot >> 10) as i32;
    let target = if bit { (1 << 22) - 1 } else { 0 };
    let step = (i64::from(target - p) * i64::from(tables.rate(count))) >> 16;
    let p = (p + step as i32).clamp(1 << 10, (1 << 22) - (1 << 10));
    *slot = (p as u32) << 10 | (count + u32::from(count < limit.min(1023)));
}
