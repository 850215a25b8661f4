//! Integers: the bit length in unary, each step a modelled decision; then the bits below the leading one, of which
//! the top ones are modelled and the rest are written as they are.

use super::bits::Bits;
use super::coder::Coder;
use super::hash::join;
use super::mixer::{INPUTS, Settings};

/// Bits of the mantissa that are worth modelling.
const MODELLED: u32 = 4;

/// A model of integers under contexts that the caller gives; one without any context is always added.
pub(crate) struct Numbers {
    length: Bits,
    mantissa: Bits,
    signs: Bits,
    contexts: usize,
}

impl Numbers {
    /// Integers under `contexts` contexts, with 2^`log2` slots for each, twice.
    pub(crate) fn new(contexts: usize, log2: u32) -> Self {
        let contexts = contexts.min(INPUTS - 1);
        let settings = Settings { weight: 25, rate: 3, limit: 500 };
        Self {
            length: Bits::with(contexts + 1, log2, 64, settings),
            mantissa: Bits::with(contexts + 1, log2, 1, settings),
            signs: Bits::with(contexts + 1, log2.min(12), 1, settings),
            contexts,
        }
    }

    /// Codes a value below 2^`max_bits`; more is never decoded (and must not be given).
    pub(crate) fn code<I: Coder>(&mut self, io: &mut I, contexts: &[u32], value: u64, max_bits: u32) -> u64 {
        let given = 64 - value.leading_zeros();
        let n = self.contexts + 1;
        let mut hashes = [0u32; INPUTS];
        let mut fill = |step: u32| {
            hashes[0] = step;
            for (i, (hash, &context)) in hashes.iter_mut().skip(1).zip(contexts).enumerate() {
                *hash = join(context.wrapping_add(i as u32 * 7919), step);
            }
            hashes
        };
        let mut length = 0;
        while length < max_bits.min(64) {
            let hashes = fill(length + 1);
            let hashes = hashes.get(..n).unwrap_or_default();
            if !self.length.select(io, hashes, length as usize, given > length) {
                break;
            }
            length += 1;
        }
        if length == 0 {
            return 0;
        }
        let mut read = 1u64;
        let mut below = length - 1;
        while below > 0 && length - below <= MODELLED {
            below -= 1;
            let hashes = fill(join(length, read as u32));
            let bit = self.mantissa.code(io, hashes.get(..n).unwrap_or_default(), value >> below & 1 == 1);
            read = read << 1 | u64::from(bit);
        }
        let rest = io.raw(value, below);
        if below == 0 { read } else { read << below | rest }
    }

    /// Codes a value of either sign; `max_bits` limits its magnitude.
    pub(crate) fn code_signed<I: Coder>(
        &mut self,
        io: &mut I,
        contexts: &[u32],
        value: i64,
        max_bits: u32,
    ) -> i64 {
        let n = self.contexts + 1;
        let mut hashes = [1u32; INPUTS];
        for (i, (hash, &context)) in hashes.iter_mut().skip(1).zip(contexts).enumerate() {
            *hash = join(context, i as u32 + 2);
        }
        let negative = self.signs.code(io, hashes.get(..n).unwrap_or_default(), value < 0);
        // A negative value's magnitude is one less, so that zero has one form.
        let magnitude = if negative { !value as u64 } else { value as u64 };
        let magnitude = self.code(io, contexts, magnitude, max_bits.min(63)) as i64;
        if negative { !magnitude } else { magnitude }
    }
}
