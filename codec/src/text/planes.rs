//! The distinct values of a kind of fixed width, byte plane by byte plane, random planes apart from the others.

use alloc::vec::Vec;

use crate::{column::Strings, error::Result, wire::Reader};

/// Fewer values than this tell too little about a plane, and gain little.
const ENOUGH: usize = 32;

/// Whether a plane's bytes meet no more often than random ones would (and a quarter).
fn is_random(plane: impl Iterator<Item = u8>, n: usize) -> bool {
    let mut counts = [0u64; 256];
    plane.for_each(|b| counts[usize::from(b)] += 1);
    let meetings: u64 = counts.iter().map(|&c| c * c.saturating_sub(1)).sum();
    let pairs = n as u64 * (n as u64).saturating_sub(1);
    n >= ENOUGH && meetings * 4 * 256 < pairs * 5 + n as u64 * 1024
}

/// Appends the planes: bits of a mask in the head say which are random.
pub(super) fn put(
    values: &Strings,
    width: usize,
    head: &mut Vec<u8>,
    random: &mut Vec<u8>,
    other: &mut Vec<u8>,
) {
    let plane = |k: usize| values.bytes.iter().skip(k).step_by(width).copied();
    for first in (0..width).step_by(8) {
        let mut mask = 0u8;
        for k in first..width.min(first + 8) {
            if is_random(plane(k), values.len()) {
                mask |= 1 << (k - first);
                random.extend(plane(k));
            } else {
                other.extend(plane(k));
            }
        }
        head.push(mask);
    }
}

/// The inverse of [`put`]: `count` values of `width` bytes, laid end to end.
pub(super) fn take(
    width: usize,
    count: usize,
    head: &mut Reader<'_>,
    random: &mut Reader<'_>,
    other: &mut Reader<'_>,
) -> Result<Vec<u8>> {
    let masks = head.take(width.div_ceil(8))?;
    let mut planes = Vec::with_capacity(width);
    for k in 0..width {
        let is_random = masks.get(k / 8).is_some_and(|mask| mask >> (k % 8) & 1 == 1);
        planes.push(if is_random { random.take(count)? } else { other.take(count)? });
    }
    let mut bytes = Vec::with_capacity(width * count);
    for i in 0..count {
        bytes.extend(planes.iter().filter_map(|plane| plane.get(i)));
    }
    Ok(bytes)
}
