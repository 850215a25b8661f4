//! An adaptive bit: a probability of 22 bits and, in the low 10 bits, how often it was seen.
//!
//! The count makes the first observations weigh most, and tells the mixer how far to trust the probability.

/// A slot that has seen nothing.
pub(super) const FRESH: u32 = 1 << 31;
/// What [`trust`] is below; nine kinds are told apart.
pub(super) const TRUSTS: usize = 16;

const fn rate_table() -> [u32; 1024] {
    let mut table = [0; 1024];
    let mut n = 0;
    while n < table.len() {
        table[n] = 655_360 / (10 * n as u32 + 16);
        n += 1;
    }
    table
}

const fn trust_table() -> [u8; 1024] {
    let mut table = [8; 1024];
    let mut n = 0;
    while n <= 60 {
        table[n] = match n {
            0..=3 => n as u8,
            4..=5 => 4,
            6..=9 => 5,
            10..=20 => 6,
            _ => 7,
        };
        n += 1;
    }
    table
}

static RATE: [u32; 1024] = rate_table();
static TRUST: [u8; 1024] = trust_table();

/// The probability's top 12 bits.
#[inline(always)]
pub(super) fn p12(slot: u32) -> u32 {
    slot >> 20
}

/// How far to trust the slot, by its count: 0 (never seen) to 8.
#[inline(always)]
pub(super) fn trust(slot: u32) -> usize {
    usize::from(TRUST[(slot & 1023) as usize]) & (TRUSTS - 1)
}

/// Moves towards `bit`; the count stops at `limit` and with it the slowing down.
#[inline(always)]
pub(super) fn update(slot: &mut u32, bit: bool, limit: u32) {
    let count = *slot & 1023;
    let p = (*slot >> 10) as i32;
    let target = if bit { (1 << 22) - 1 } else { 0 };
    let step = (i64::from(target - p) * i64::from(RATE[count as usize])) >> 16;
    let p = (p + step as i32).clamp(1 << 10, (1 << 22) - (1 << 10));
    *slot = (p as u32) << 10 | (count + u32::from(count < limit.min(1023)));
}
