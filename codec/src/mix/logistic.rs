//! Tables of the logistic function, its inverse and the logarithm, from integers alone.
//!
//! The logistic domain ("stretch") is in units of 1/256 nat; probabilities have 16 bits, those that are looked up 12.

/// The largest magnitude [`squash`] tells apart.
pub(super) const SQUASH_MAX: i32 = 3071;
/// The largest magnitude [`stretch`] gives.
const STRETCH_MAX: i32 = 2047;

const ONE: u128 = 1 << 60;

/// e^(-x/256) for x = 0, 1, …, with 60 fraction bits.
const fn decay() -> [u64; SQUASH_MAX as usize + 1] {
    // The series of e^(-1/256): its terms fall by 256 · k.
    let (mut step, mut term, mut k) = (ONE, ONE, 1);
    while k < 10 {
        term /= 256 * k;
        step = if k % 2 == 1 { step - term } else { step + term };
        k += 1;
    }
    let mut table = [0; SQUASH_MAX as usize + 1];
    let (mut x, mut value) = (0, ONE);
    while x < table.len() {
        table[x] = value as u64;
        value = (value * step) >> 60;
        x += 1;
    }
    table
}

/// 1 / (1 + e^(-x/256)) with 32 fraction bits.
const fn logistic(decay: &[u64], x: i32) -> u64 {
    let e = decay[x.unsigned_abs() as usize] as u128;
    let large = (1u64 << 32) - ((e << 32) / (ONE + e)) as u64;
    if x >= 0 { large } else { (1 << 32) - large }
}

const fn squash_table() -> [u16; 2 * SQUASH_MAX as usize + 2] {
    let decay = decay();
    let mut table = [0; 2 * SQUASH_MAX as usize + 2];
    let mut x = -SQUASH_MAX;
    while x <= SQUASH_MAX {
        let p = (logistic(&decay, x) + (1 << 15)) >> 16;
        table[(x + SQUASH_MAX) as usize] = if p < 2 {
            2
        } else if p > 65534 {
            65534
        } else {
            p as u16
        };
        x += 1;
    }
    table
}

const fn stretch_table() -> [i16; 4096] {
    let decay = decay();
    let mut table = [0; 4096];
    let (mut i, mut x) = (0, -STRETCH_MAX);
    while i < table.len() {
        let middle = (2 * i as u64 + 1) << 19;
        while x < STRETCH_MAX && logistic(&decay, x) < middle {
            x += 1;
        }
        table[i] = x as i16;
        i += 1;
    }
    table
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

static SQUASH: [u16; 2 * SQUASH_MAX as usize + 2] = squash_table();
static STRETCH: [i16; 4096] = stretch_table();
#[cfg(test)]
static LOG: [u16; 256] = log_table();

/// The probability (16 bits, never 0 or 1) of a logistic value.
#[inline(always)]
pub(super) fn squash(x: i32) -> u32 {
    let i = (x.clamp(-SQUASH_MAX, SQUASH_MAX) + SQUASH_MAX) as usize;
    u32::from(SQUASH.get(i).copied().unwrap_or(1 << 15))
}

/// The logistic value of a probability of 12 bits.
#[inline(always)]
pub(super) fn stretch(p12: u32) -> i32 {
    i32::from(STRETCH[(p12 & 4095) as usize])
}

/// Cost in 1/256 bit of an event with this probability (16 bits, not 0).
#[cfg(test)]
pub(super) fn cost(p16: u32) -> u32 {
    let p = p16.clamp(1, 1 << 16);
    let whole = 31 - p.leading_zeros();
    let fraction = ((u64::from(p) << 8 >> whole) & 255) as usize;
    (16 << 8) - (whole << 8) - u32::from(LOG[fraction])
}
