//! Hashes of contexts. Not for adversaries: a collision costs some bits, never correctness.

/// Joins two contexts into one.
#[inline(always)]
pub(crate) fn join(a: u32, b: u32) -> u32 {
    let x = a.wrapping_mul(0x85EB_CA6B) ^ b.wrapping_mul(0xC2B2_AE35).rotate_left(15);
    x.wrapping_mul(0x27D4_EB2F) ^ a.rotate_left(7)
}

/// Spreads a context over 32 bits; table indices are taken from the top.
#[inline(always)]
pub(crate) fn spread(x: u32) -> u32 {
    x.wrapping_mul(0x9E37_79B1)
}
