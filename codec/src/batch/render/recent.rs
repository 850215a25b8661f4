//! Spellings of numbers that came up before, each behind the same lead.

use alloc::{vec, vec::Vec};

use super::{
    sink::PADDING,
    words::{NONE, Span},
};

/// Most spellings that are found again.
const COUNT: usize = 256;

/// Bytes of spellings after which all are forgotten.
const BYTES: usize = 8 << 10;

/// Spellings by the bits of the number: each bit pattern has one place, which the last one holds.
#[derive(Debug)]
pub(super) struct Recent {
    lead: Vec<u8>,
    /// An empty place has no length.
    places: Vec<(u64, Span)>,
}

impl Recent {
    /// No more places than there are `rows`.
    pub(super) fn new(lead: &[u8], rows: usize) -> Self {
        let count = rows.clamp(1, COUNT).next_power_of_two();
        Recent { lead: lead.to_vec(), places: vec![(0, (0, 0)); count] }
    }

    /// The spans of numbers, or nulls, in `bytes`, which keeps what is spelled and does not change between the calls.
    #[inline(always)]
    pub(super) fn spans(
        &mut self,
        numbers: impl Iterator<Item = Option<u64>>,
        spans: &mut [Span],
        bytes: &mut Vec<u8>,
        mut spell: impl FnMut(u64, &mut Vec<u8>) -> bool,
    ) {
        if bytes.len() > BYTES || bytes.is_empty() {
            self.places.fill((0, (0, 0)));
            bytes.clear();
            bytes.extend_from_slice(&self.lead);
            bytes.extend_from_slice(b"null");
            bytes.extend_from_slice(&PADDING);
        }
        let null = (0, self.lead.len() as u32 + 4);
        let mask = self.places.len() - 1;
        for (span, number) in spans.iter_mut().zip(numbers) {
            *span = null;
            let Some(bits) = number else { continue };
            let hash = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
            let Some(place) = self.places.get_mut(hash & mask) else { continue };
            if place.0 != bits || place.1.1 == 0 {
                let start = bytes.len() - PADDING.len();
                bytes.truncate(start);
                bytes.extend_from_slice(&self.lead);
                let is_spelled = spell(bits, bytes);
                let len = bytes.len() - start;
                bytes.extend_from_slice(&PADDING);
                if !is_spelled {
                    *span = NONE;
                    continue;
                }
                *place = (bits, (start as u32, len as u32));
            }
            *span = place.1;
        }
    }
}
