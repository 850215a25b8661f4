//! Tables of the logistic function, its inverse and the logarithm, from integers alone.
//!
//! The logistic domain ("stretch") is in units of 1/256 nat; probabilities have 16 bits, those that are looked up 12.

use alloc::vec::Vec;

/// The largest magnitude that has a probability of its own.
pub(super) const SQUASH_MAX: i32 = 3071;
/// The largest magnitude of a probability.
const STRETCH_MAX: i32 = 2047;

const ONE: u64 = 1 << 60;

/// e^(-x/256) for x = 0, 1, …, with 60 fraction bits.
fn decay() -> Vec<u64> {
    // The series of e^(-1/256): its terms fall by 256 · k.
    let (mut step, mut term) = (ONE, ONE);
    for k in 1..10 {
        term /= 256 * k;
        step = if k % 2 == 1 { step - term } else { step + term };
    }
    let fall = |value: &u64| Some(((u128::from(*value) * u128::from(step)) >> 60) as u64);
    core::iter::successors(Some(ONE), fall).take(SQUASH_MAX as usize + 1).collect()
}

/// 1 / (1 + e^(-x/256)) with 32 fraction bits.
fn logistic(decay: &[u64], x: i32) -> u64 {
    let e = decay.get(x.unsigned_abs() as usize).copied().unwrap_or(0);
    // e · 2^32 / (1 + e), bit by bit: a wide division would be a kilobyte of a browser's module, for these tables alone.
    let (mut rest, mut quotient) = (e, 0);
    for _ in 0..32 {
        rest <<= 1;
        quotient <<= 1;
        if rest >= ONE + e {
            rest -= ONE + e;
            quotient |= 1;
        }
    }
    if x >= 0 { (1 << 32) - quotient } else { quotient }
}

/// The probability (16 bits, never 0 or 1) of each logistic value from `-SQUASH_MAX` on.
pub(super) fn squash_table() -> [u16; 2 * SQUASH_MAX as usize + 2] {
    let decay = decay();
    let mut table = [0; 2 * SQUASH_MAX as usize + 2];
    for (p, x) in table.iter_mut().zip(-SQUASH_MAX..=SQUASH_MAX) {
        *p = ((logistic(&decay, x) + (1 << 15)) >> 16).clamp(2, 65534) as u16;
    }
    table
}

/// The logistic value of each probability of 12 bits.
pub(super) fn stretch_table() -> [i16; 4096] {
    let decay = decay();
    let mut x = -STRETCH_MAX;
    core::array::from_fn(|i| {
        let middle = (2 * i as u64 + 1) << 19;
        while x < STRETCH_MAX && logistic(&decay, x) < middle {
            x += 1;
        }
        x as i16
    })
}

/// 256 · log2(1 + i/256).
#[cfg(test)]
const fn log_table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        // One bit of the logarithm at a time: square, and halve when 2 is passed.
        let (mut x, mut log, mut bit) = ((256 + i as u64) << 24, 0u32, 0);
        while bit < 12 {
            x = ((x as u128 * x as u128) >> 32) as u64;
            log <<= 1;
            if x >> 33 != 0 {
                x >>= 1;
                log |= 1;
            }
            bit += 1;
        }
        table[i] = ((log + 8) >> 4) as u16;
        i += 1;
    }
    table
}

#[cfg(test)]
static LOG: [u16; 256] = log_table();

/// Cost in 1/256 bit of an event with this probability (16 bits, not 0).
#[cfg(test)]
pub(super) fn cost(p16: u32) -> u32 {
    let p = p16.clamp(1, 1 << 16);
    let whole = 31 - p.leading_zeros();
    let fraction = ((u64::from(p) << 8 >> whole) & 255) as usize;
    (16 << 8) - (whole << 8) - u32::from(LOG[fraction])
}
