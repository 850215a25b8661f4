//! A sequence of integers as bytes: as they are above the least, or as differences; as varints or as planes.

use alloc::vec::Vec;

use super::log2::{BIT, entropy, entropy_of_bytes};
use crate::{
    error::{Kind, Result},
    wire::{Reader, put_varint, unzigzag, zigzag},
};

/// How a sequence is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Differences to the value before (the first to `base`); otherwise to `base`.
    pub(super) delta: bool,
    /// Differences with their sign turned.
    pub(super) falling: bool,
    /// Differences of both signs: zigzag.
    pub(super) signed: bool,
    /// 0: varints; else bytes of the same weight together, this many a value, the highest first.
    pub(super) width: u8,
    /// The least value, or the first.
    pub(super) base: i64,
}

impl Shape {
    /// The shape that suits values best.
    pub(super) fn of(values: &[i64], try_planes: bool) -> Self {
        let first = values.first().copied().unwrap_or(0);
        let least = values.iter().copied().min().unwrap_or(0);
        let plain = cost(values.iter().map(|&v| v.wrapping_sub(least) as u64));
        let (mut falls, mut rises) = (0u32, 0u32);
        let mut last = first;
        let deltas = cost(values.iter().map(|&value| {
            let difference = value.wrapping_sub(core::mem::replace(&mut last, value));
            falls += u32::from(difference < 0);
            rises += u32::from(difference > 0);
            difference.unsigned_abs()
        }));
        let delta = deltas + entropy([falls, rises].into_iter()) < plain;
        let falling = delta && falls > rises;
        let signed = delta && falls.min(rises) > 0;
        let mut shape = Shape { delta, falling, signed, width: 0, base: if delta { first } else { least } };
        if try_planes {
            shape.width = shape.plane_width(values);
        }
        shape
    }

    /// The width of planes where they promise fewer bytes than varints, else 0.
    fn plane_width(&self, values: &[i64]) -> u8 {
        let most = self.transformed(values).max().unwrap_or(0);
        let width = (64 - most.leading_zeros()).div_ceil(8) as u8;
        if width < 2 {
            return 0;
        }
        let mut varints = Vec::new();
        self.put(values, &mut varints);
        let planes = Shape { width, ..*self };
        let mut bytes = Vec::new();
        planes.put(values, &mut bytes);
        let by_plane: u64 =
            bytes.chunks(values.len().max(1)).map(|plane| entropy_of_bytes(plane) + 64 * BIT).sum();
        if by_plane + 32 * BIT < entropy_of_bytes(&varints) { width } else { 0 }
    }

    /// The unsigned numbers that are written.
    pub(super) fn transformed<'a>(&self, values: &'a [i64]) -> impl Iterator<Item = u64> + use<'a> {
        let shape = *self;
        let mut last = shape.base;
        values.iter().map(move |&value| {
            let difference = value.wrapping_sub(last);
            if shape.delta {
                last = value;
            }
            let difference = if shape.falling { difference.wrapping_neg() } else { difference };
            if shape.signed { zigzag(difference) } else { difference as u64 }
        })
    }

    /// The inverse of [`Shape::transformed`], number by number; `last` starts as the base.
    pub(super) const fn value(&self, number: u64, last: &mut i64) -> i64 {
        let difference = if self.signed { unzigzag(number) } else { number as i64 };
        let difference = if self.falling { difference.wrapping_neg() } else { difference };
        let value = last.wrapping_add(difference);
        if self.delta {
            *last = value;
        }
        value
    }

    /// Appends the values' bytes.
    pub(super) fn put(&self, values: &[i64], out: &mut Vec<u8>) {
        if self.width == 0 {
            self.transformed(values).for_each(|v| put_varint(out, v));
            return;
        }
        for byte in (0..self.width).rev() {
            out.extend(self.transformed(values).map(|v| (v >> (8 * byte)) as u8));
        }
    }

    /// Reads `n` values.
    pub(super) fn take(&self, reader: &mut Reader<'_>, n: usize) -> Result<Vec<i64>> {
        let mut last = self.base;
        let mut values = Vec::with_capacity(n.min(reader.left()));
        if self.width == 0 {
            for _ in 0..n {
                values.push(self.value(reader.varint()?, &mut last));
            }
        } else {
            let mut planes = Vec::with_capacity(8);
            for _ in 0..self.width {
                planes.push(reader.take(n)?);
            }
            for i in 0..n {
                let number =
                    planes.iter().fold(0, |v, plane| v << 8 | u64::from(plane.get(i).copied().unwrap_or(0)));
                values.push(self.value(number, &mut last));
            }
        }
        if reader.is_done() {
            Ok(values)
        } else {
            Err(reader.fail(Kind::Malformed, "no more values expected"))
        }
    }

    /// Appends the shape itself.
    pub(super) fn put_header(&self, out: &mut Vec<u8>) {
        let flags = u8::from(self.delta) | u8::from(self.falling) << 1 | u8::from(self.signed) << 2;
        out.push(flags | self.width << 3);
        put_varint(out, zigzag(self.base));
    }

    pub(super) fn take_header(reader: &mut Reader<'_>) -> Result<Self> {
        let byte = reader.byte()?;
        let width = byte >> 3;
        if width > 8 || (byte & 1 == 0 && byte & 6 != 0) {
            return Err(reader.fail(Kind::Malformed, "a shape of integers expected"));
        }
        let base = unzigzag(reader.varint()?);
        Ok(Shape { delta: byte & 1 != 0, falling: byte & 2 != 0, signed: byte & 4 != 0, width, base })
    }
}

/// What an ideal coder pays for numbers' sizes, and their bits below the leading one.
fn cost(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut sizes = [0u32; 65];
    let mut bits = 0;
    for number in numbers {
        let size = 64 - number.leading_zeros();
        sizes[size as usize] += 1;
        bits += u64::from(size.saturating_sub(1));
    }
    entropy(sizes.iter().copied()) + bits * BIT
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Stage;

    fn sequences() -> impl Strategy<Value = Vec<i64>> {
        prop_oneof![
            prop::collection::vec(any::<i64>(), 0..40),
            prop::collection::vec(-5i64..5, 0..40),
            (any::<i64>(), prop::collection::vec(-3i64..1000, 1..200), any::<bool>()).prop_map(
                |(at, steps, falling)| {
                    let mut at = at;
                    steps
                        .into_iter()
                        .map(|s| {
                            at = if falling { at.wrapping_sub(s) } else { at.wrapping_add(s) };
                            at
                        })
                        .collect()
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn values_come_back(values in sequences(), planes: bool) {
            let shape = Shape::of(&values, planes);
            let (mut head, mut out) = (Vec::new(), Vec::new());
            shape.put_header(&mut head);
            prop_assert_eq!(Shape::take_header(&mut Reader::new(&head, 0, Stage::Column)).unwrap(), shape);
            shape.put(&values, &mut out);
            prop_assert_eq!(shape.take(&mut Reader::new(&out, 0, Stage::Column), values.len()).unwrap(), values);
        }
    }

    #[test]
    fn shapes_suit() {
        let falling: Vec<i64> = (0..500).map(|i| 1_600_000_000_000 - i * i % 97 - i * 130).collect();
        let shape = Shape::of(&falling, false);
        assert!(shape.delta && shape.falling);
        let random: Vec<i64> = (0..500i64).map(|i| (i * 7_919 + i * i * i * 31) % 1009).collect();
        assert!(!Shape::of(&random, false).delta);
    }
}
