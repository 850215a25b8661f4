//! One column of token values as bytes: plain, as differences, as a small dictionary, or one value for all.

use alloc::vec::Vec;

use hashbrown::HashMap;

use crate::{
    error::{Kind, Result},
    wire::{Reader, put_varint, unzigzag, zigzag},
};

/// Columns of fewer values say no mode: they are plain, or differences where the kind prefers them.
pub(super) const FEW: usize = 8;

/// How a column's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Varints.
    Plain,
    /// Zigzag varints of each value's difference to the one before.
    Differences,
    /// One varint for all.
    Constant,
    /// The distinct values as differences, ascending; then an index for each value.
    Dictionary,
}

impl Mode {
    pub(super) const ALL: [Mode; 4] = [Mode::Plain, Mode::Differences, Mode::Constant, Mode::Dictionary];
}

/// The mode that promises the fewest bytes after entropy coding, and the bytes.
pub(super) fn choose(values: &[u64], last: u64, out: &mut Vec<u8>) -> Mode {
    if values.iter().all(|v| Some(v) == values.first()) {
        put(values, Mode::Constant, last, out);
        return Mode::Constant;
    }
    let mut best: Option<(u64, Mode, Vec<u8>)> = None;
    for mode in [Mode::Plain, Mode::Differences, Mode::Dictionary] {
        let mut bytes = Vec::new();
        if !put(values, mode, last, &mut bytes) {
            continue;
        }
        let cost = entropy(&bytes);
        // The first mode is the simplest; the others must gain a thirtieth.
        if best.as_ref().is_none_or(|(least, ..)| cost + cost / 30 < *least) {
            best = Some((cost, mode, bytes));
        }
    }
    best.map_or(Mode::Constant, |(_, mode, bytes)| {
        out.extend_from_slice(&bytes);
        mode
    })
}

/// Appends the values; `false` where the mode does not suit.
pub(super) fn put(values: &[u64], mode: Mode, mut last: u64, out: &mut Vec<u8>) -> bool {
    match mode {
        Mode::Plain => values.iter().for_each(|&v| put_varint(out, v)),
        Mode::Differences => {
            for &v in values {
                put_varint(out, zigzag(v.wrapping_sub(last) as i64));
                last = v;
            }
        }
        Mode::Constant => values.iter().take(1).for_each(|&v| put_varint(out, v)),
        Mode::Dictionary => {
            let mut ids: HashMap<u64, u64, foldhash::fast::FixedState> = HashMap::default();
            for &v in values {
                ids.insert(v, 0);
                if ids.len() > values.len() / 4 {
                    return false;
                }
            }
            let mut distinct: Vec<u64> = ids.keys().copied().collect();
            distinct.sort_unstable();
            put_varint(out, distinct.len() as u64);
            let mut before = 0;
            for (i, &v) in distinct.iter().enumerate() {
                put_varint(out, v - before);
                before = v;
                ids.insert(v, i as u64);
            }
            values.iter().for_each(|v| put_varint(out, ids.get(v).copied().unwrap_or_default()));
        }
    }
    true
}

/// Reads `count` values into `out`.
pub(super) fn take(
    reader: &mut Reader<'_>,
    count: usize,
    mode: Mode,
    mut last: u64,
    out: &mut Vec<u64>,
) -> Result<()> {
    match mode {
        Mode::Plain => (0..count).try_for_each(|_| {
            out.push(reader.varint()?);
            Ok(())
        }),
        Mode::Differences => (0..count).try_for_each(|_| {
            last = last.wrapping_add(unzigzag(reader.varint()?) as u64);
            out.push(last);
            Ok(())
        }),
        Mode::Constant => {
            let value = reader.varint()?;
            out.resize(out.len() + count, value);
            Ok(())
        }
        Mode::Dictionary => {
            let n = reader.count(count, "no more distinct values than values expected")?;
            let mut distinct = Vec::with_capacity(n.min(reader.left()));
            let mut before = 0u64;
            for _ in 0..n {
                before = before.wrapping_add(reader.varint()?);
                distinct.push(before);
            }
            (0..count).try_for_each(|_| {
                let id = usize::try_from(reader.varint()?).unwrap_or(usize::MAX);
                out.push(
                    *distinct.get(id).ok_or_else(|| {
                        reader.fail(Kind::Malformed, "an index of a distinct value expected")
                    })?,
                );
                Ok(())
            })
        }
    }
}

/// Sixteenths of bits that an entropy coder without contexts needs for the bytes.
fn entropy(bytes: &[u8]) -> u64 {
    let mut counts = [0u32; 256];
    bytes.iter().for_each(|&b| counts[usize::from(b)] += 1);
    let all = log2(bytes.len() as u32);
    counts.iter().filter(|&&n| n > 0).map(|&n| u64::from(n) * u64::from(all - log2(n)) + 64).sum()
}

/// The binary logarithm in sixteenths, straight lines between the powers of two.
const fn log2(n: u32) -> u32 {
    let n = if n == 0 { 1 } else { n };
    let whole = n.ilog2();
    whole * 16 + ((((n as u64) << 4) >> whole) as u32 & 15)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;
    use crate::error::Stage;

    fn column() -> impl Strategy<Value = Vec<u64>> {
        prop_oneof![
            prop::collection::vec(any::<u64>(), 1..40),
            prop::collection::vec(0u64..5, 1..200),
            (any::<u64>(), prop::collection::vec(0u64..9, 1..200)).prop_map(|(mut at, steps)| {
                steps
                    .into_iter()
                    .map(|s| {
                        at = at.wrapping_add(s);
                        at
                    })
                    .collect()
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_mode_comes_back(values in column(), last: u64) {
            for mode in Mode::ALL {
                let mut out = Vec::new();
                let constant = values.iter().all(|v| *v == values[0]);
                if (mode != Mode::Constant || constant) && put(&values, mode, last, &mut out) {
                    let (mut reader, mut back) = (Reader::new(&out, 0, Stage::Column), Vec::new());
                    take(&mut reader, values.len(), mode, last, &mut back).unwrap();
                    prop_assert!(reader.is_done());
                    prop_assert_eq!(&back, &values);
                }
            }
        }
    }

    #[test]
    fn modes_suit() {
        let mode = |values: &[u64]| choose(values, 0, &mut Vec::new());
        assert_eq!(mode(&[7; 99]), Mode::Constant);
        assert_eq!(mode(&(0..999).map(|i| 1_000_000 + 3 * i).collect::<Vec<_>>()), Mode::Differences);
        let users: Vec<u64> = (0..999u64).map(|i| (i * i * 7_919 % 17) * 1_000_003).collect();
        assert_eq!(mode(&users), Mode::Dictionary);
        let noise = |i: u64| {
            let x = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB) >> 40
        };
        assert_eq!(mode(&(0..999).map(noise).collect::<Vec<_>>()), Mode::Plain);
        assert_eq!(vec![log2(1), log2(2), log2(3), log2(1 << 31)], vec![0, 16, 24, 496]);
    }
}
