//! The binary range coder: one decision at a time, each with a probability of 16 bits.

use alloc::vec::Vec;

#[cfg(test)]
use super::logistic::cost;

/// One direction of coding. A model asks for `bit(p, b)`: an encoder writes `b` and returns it, a decoder ignores
/// it and returns the bit it read.
pub(crate) trait Coder {
    /// Whether values come out of this coder rather than go in.
    const DECODING: bool;

    /// Whether more was asked for than there is: what comes is made up, and long runs of it are cheap to ask for.
    fn is_starved(&self) -> bool {
        false
    }

    /// Codes one bit; `p16` / 65536 is the probability of a one, 0 < `p16` < 65536.
    fn bit(&mut self, p16: u32, bit: bool) -> bool;

    /// Codes the low `bits` ≤ 64 bits of `value`, unmodelled.
    fn raw(&mut self, value: u64, bits: u32) -> u64 {
        (0..bits.min(64))
            .rev()
            .fold(0, |read, i| read << 1 | u64::from(self.bit(1 << 15, value >> i & 1 == 1)))
    }
}

/// The interval both directions keep; its bounds are inclusive and `low <= high` always.
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    const FULL: Self = Self { low: 0, high: u32::MAX };

    /// The last value of the part that stands for a one.
    #[inline(always)]
    fn split(&self, p16: u32) -> u32 {
        self.low + ((u64::from(self.high - self.low) * u64::from(p16)) >> 16) as u32
    }

    #[inline(always)]
    fn narrow(&mut self, split: u32, bit: bool) {
        if bit {
            self.high = split;
        } else {
            self.low = split + 1;
        }
    }

    /// Takes off the first byte when it is settled.
    #[inline(always)]
    fn settled(&mut self) -> Option<u8> {
        if (self.low ^ self.high) >> 24 != 0 {
            return None;
        }
        let byte = (self.high >> 24) as u8;
        self.low <<= 8;
        self.high = self.high << 8 | 0xff;
        Some(byte)
    }
}

/// Encodes to bytes.
pub(crate) struct Writer {
    interval: Interval,
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self { interval: Interval::FULL, bytes: Vec::new() }
    }

    /// Ends with as few bytes as name a value of the interval; a reader supplies zeros after them.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        for zeros in (0..=32).rev().step_by(8) {
            let mask = ((1u64 << zeros) - 1) as u32;
            let Some(value) = self.interval.low.checked_add(mask).map(|x| x & !mask) else { continue };
            if value <= self.interval.high {
                self.bytes.extend(value.to_be_bytes().iter().take((32 - zeros) / 8));
                break;
            }
        }
        self.bytes
    }
}

impl Coder for Writer {
    const DECODING: bool = false;

    #[inline(always)]
    fn bit(&mut self, p16: u32, bit: bool) -> bool {
        let split = self.interval.split(p16);
        self.interval.narrow(split, bit);
        while let Some(byte) = self.interval.settled() {
            self.bytes.push(byte);
        }
        bit
    }
}

/// Decodes from bytes, any bytes.
pub(crate) struct Reader<'a> {
    interval: Interval,
    window: u32,
    bytes: &'a [u8],
    missing: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { interval: Interval::FULL, window: 0, bytes, missing: 0 };
        for _ in 0..4 {
            reader.shift();
        }
        reader
    }

    /// Bytes not read yet: not 0 at the end means that something follows the stream.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len()
    }

    #[inline(always)]
    fn shift(&mut self) {
        let next = match self.bytes.split_first() {
            Some((&byte, rest)) => {
                self.bytes = rest;
                byte
            }
            None => {
                self.missing = self.missing.saturating_add(1);
                0
            }
        };
        self.window = self.window << 8 | u32::from(next);
    }
}

impl Coder for Reader<'_> {
    const DECODING: bool = true;

    /// The stream is cut short or the counts are wrong. The last four bytes may be left out where they are zero.
    #[inline(always)]
    fn is_starved(&self) -> bool {
        self.missing > 4
    }

    #[inline(always)]
    fn bit(&mut self, p16: u32, _: bool) -> bool {
        let split = self.interval.split(p16);
        let bit = self.window <= split;
        self.interval.narrow(split, bit);
        while self.interval.settled().is_some() {
            self.shift();
        }
        bit
    }
}

/// Counts what a [`Writer`] would write.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Meter {
    cost: u64,
}

#[cfg(test)]
impl Meter {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Cost so far, in 1/256 bit.
    pub(crate) fn cost(&self) -> u64 {
        self.cost
    }
}

#[cfg(test)]
impl Coder for Meter {
    const DECODING: bool = false;

    #[inline(always)]
    fn bit(&mut self, p16: u32, bit: bool) -> bool {
        self.cost += u64::from(cost(if bit { p16 } else { 65536 - p16 }));
        bit
    }
}
