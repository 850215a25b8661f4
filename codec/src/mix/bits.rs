//! Single decisions under contexts that the caller gives.

use alloc::{vec, vec::Vec};

use super::coder::Coder;
use super::hash::spread;
use super::mixer::{INPUTS, Mixer, Settings};
use super::slot::FRESH;

/// Hashed adaptive bits, one table per context, and their mixer.
///
/// Memory: 4 bytes × 2^`log2` × contexts, with `log2` at most [`Bits::MAX_LOG2`] and 16 contexts: 8 MiB.
pub(crate) struct Bits {
    log2: u32,
    tables: Vec<Vec<u32>>,
    mixer: Mixer,
}

impl Bits {
    /// 2^17 slots a table, 512 KiB.
    pub(crate) const MAX_LOG2: u32 = 17;

    /// Decisions under `contexts` contexts; the first should be the plainest (order 0).
    pub(crate) fn new(contexts: usize, log2: u32) -> Self {
        Self::with(contexts, log2, 1, Settings { weight: 35, rate: 3, limit: 250 })
    }

    pub(super) fn with(contexts: usize, log2: u32, selectors: usize, settings: Settings) -> Self {
        let log2 = log2.clamp(4, Self::MAX_LOG2);
        let contexts = contexts.min(INPUTS);
        Self {
            log2,
            tables: vec![vec![FRESH; 1 << log2]; contexts],
            mixer: Mixer::new(contexts, [selectors; 2], settings),
        }
    }

    /// Codes one decision.
    #[inline]
    pub(crate) fn code<I: Coder>(&mut self, io: &mut I, contexts: &[u32], bit: bool) -> bool {
        self.select(io, contexts, 0, bit)
    }

    /// Codes one decision with the weights for `selector`.
    #[inline]
    pub(super) fn select<I: Coder>(
        &mut self,
        io: &mut I,
        contexts: &[u32],
        selector: usize,
        bit: bool,
    ) -> bool {
        let shift = 32 - self.log2;
        let (mut slots, mut at) = ([FRESH; INPUTS], [0usize; INPUTS]);
        let n = self.tables.len().min(contexts.len()).min(INPUTS);
        for (i, (table, &context)) in self.tables.iter().zip(contexts).enumerate().take(n) {
            at[i] = (spread(context) >> shift) as usize;
            slots[i] = table.get(at[i]).copied().unwrap_or(FRESH);
        }
        let bit = self.mixer.code(io, slots.get_mut(..n).unwrap_or_default(), [selector; 2], bit);
        for (i, table) in self.tables.iter_mut().enumerate().take(n) {
            if let Some(slot) = table.get_mut(at[i]) {
                *slot = slots[i];
            }
        }
        bit
    }
}
