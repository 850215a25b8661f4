//! Binary logarithms in integers, for estimates only: no decoder needs them.

/// Fraction bits of a cost.
pub(crate) const FRACTION: u32 = 8;

/// One bit, as a cost.
pub(crate) const BIT: u64 = 1 << FRACTION;

const STEPS: usize = 256;

/// log2(1 + i/256) in 1/256, by repeated squaring.
const TABLE: [u16; STEPS] = {
    let mut table = [0; STEPS];
    let mut i = 0;
    while i < STEPS {
        let mut x = ((STEPS + i) as u64) << 22;
        let mut log = 0u16;
        let mut bit = 0;
        while bit < FRACTION {
            x = (x * x) >> 30;
            log <<= 1;
            if x >= 1 << 31 {
                log |= 1;
                x >>= 1;
            }
            bit += 1;
        }
        table[i] = log;
        i += 1;
    }
    table
};

/// log2 of `n` (0 counts as 1), in 1/256.
pub(crate) const fn log2(n: u64) -> u64 {
    let n = if n == 0 { 1 } else { n };
    let whole = n.ilog2();
    let mantissa = if whole >= 8 { n >> (whole - 8) } else { n << (8 - whole) };
    ((whole as u64) << FRACTION) + TABLE[(mantissa as usize) & (STEPS - 1)] as u64
}

/// What an ideal coder without contexts pays for symbols with these counts.
pub(crate) fn entropy(counts: impl Iterator<Item = u32> + Clone) -> u64 {
    let total: u64 = counts.clone().map(u64::from).sum();
    let all = log2(total);
    counts.filter(|&n| n > 0).map(|n| u64::from(n) * (all.saturating_sub(log2(u64::from(n))))).sum()
}

/// What an ideal coder without contexts pays for these bytes.
pub(crate) fn entropy_of_bytes(bytes: &[u8]) -> u64 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    entropy(counts.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_near() {
        for n in [1u64, 2, 3, 7, 10, 255, 256, 1000, 1 << 20, u64::MAX] {
            let exact = (n as f64).log2() * 256.0;
            assert!((log2(n) as f64 - exact).abs() < 3.0, "{n}: {} {exact}", log2(n));
        }
        assert_eq!(entropy_of_bytes(b"abcdabcd"), 8 * 2 * BIT);
    }
}
