//! The spellings of a small set of values, one after the other, each behind the same lead.

use alloc::vec::Vec;

use super::sink::PADDING;

/// A spelling's start and length, lead included.
pub(super) type Span = (u32, u32);

/// The span of a value that cannot be spelled.
pub(super) const NONE: Span = (u32::MAX, u32::MAX);

/// Spelled values.
#[derive(Debug)]
pub(super) struct Words {
    count: usize,
    ends: Ends,
    null: Span,
}

/// Where words end.
#[derive(Debug)]
enum Ends {
    /// All words but null are equally long, as ids are: one look less into memory that is far away.
    Even(u32),
    /// Each word's.
    Spans(Vec<Span>),
}

impl Words {
    /// Spells `count` values, and null; `None` if one cannot be spelled, or all together take more than `max` bytes.
    pub(super) fn new(
        bytes: &mut Vec<u8>,
        lead: &[u8],
        count: usize,
        max: usize,
        mut spell: impl FnMut(usize, &mut Vec<u8>) -> Option<()>,
    ) -> Option<Self> {
        let max = max.min(u32::MAX as usize);
        let mut spans = Vec::with_capacity(count + 1);
        for i in 0..=count {
            let start = bytes.len();
            bytes.extend_from_slice(lead);
            if i < count {
                spell(i, bytes)?;
            } else {
                bytes.extend_from_slice(b"null");
            }
            if bytes.len() > max {
                return None;
            }
            spans.push((start as u32, (bytes.len() - start) as u32));
        }
        bytes.extend_from_slice(&PADDING);
        let null = spans.pop()?;
        let len = spans.first().map_or(0, |&(_, len)| len);
        let is_even = spans.iter().all(|&(_, other)| other == len);
        let ends = if is_even { Ends::Even(len) } else { Ends::Spans(spans) };
        Some(Words { count, ends, null })
    }

    /// The spans of words, by number; a number that is none stands for null.
    #[inline(always)]
    pub(super) fn spans(&self, ids: impl Iterator<Item = u32>, spans: &mut [Span]) {
        match &self.ends {
            Ends::Even(len) => {
                for (span, id) in spans.iter_mut().zip(ids) {
                    *span = if (id as usize) < self.count { (id * len, *len) } else { self.null };
                }
            }
            Ends::Spans(words) => {
                for (span, id) in spans.iter_mut().zip(ids) {
                    *span = words.get(id as usize).copied().unwrap_or(self.null);
                }
            }
        }
    }
}
