//! Exact recency ranks: how many other ids were used since an id was used last.
//!
//! A bit for each use marks whether it is still its id's last one; counts for 256 and for 4,096 uses let a rank skip what
//! lies between, so that rank and its inverse stay far from linear.

use alloc::{vec, vec::Vec};

const WORD: u32 = 6;
const BLOCK: u32 = 8;
const SPAN: u32 = 12;

/// The last uses of all ids met so far.
#[derive(Debug)]
pub(super) struct Recency {
    /// The last use of each id.
    last: Vec<u32>,
    words: Vec<u64>,
    blocks: Vec<u16>,
    spans: Vec<u32>,
    uses: u32,
}

impl Recency {
    /// Room for so many uses.
    pub(super) fn new(rows: usize) -> Self {
        Recency {
            last: Vec::new(),
            words: vec![0; ((rows >> BLOCK) + 1) << (BLOCK - WORD)],
            blocks: vec![0; (rows >> BLOCK) + 1],
            spans: vec![0; (rows >> SPAN) + 1],
            uses: 0,
        }
    }

    /// Notes that `id` is used; a new id must be the next number.
    #[inline]
    pub(super) fn touch(&mut self, id: u32) {
        let now = self.uses;
        match self.last.get_mut(id as usize) {
            Some(last) => {
                let before = core::mem::replace(last, now);
                if let Some(word) = self.words.get_mut((before >> WORD) as usize) {
                    *word &= !(1 << (before & 63));
                }
                if let Some(count) = self.blocks.get_mut((before >> BLOCK) as usize) {
                    *count = count.wrapping_sub(1);
                }
                if let Some(count) = self.spans.get_mut((before >> SPAN) as usize) {
                    *count = count.wrapping_sub(1);
                }
            }
            None => self.last.push(now),
        }
        if let Some(word) = self.words.get_mut((now >> WORD) as usize) {
            *word |= 1 << (now & 63);
        }
        if let Some(count) = self.blocks.get_mut((now >> BLOCK) as usize) {
            *count += 1;
        }
        if let Some(count) = self.spans.get_mut((now >> SPAN) as usize) {
            *count += 1;
        }
        self.uses = now + 1;
    }

    /// How many ids were used: the next new one.
    pub(super) const fn known(&self) -> u32 {
        self.last.len() as u32
    }

    /// How many ids were used after `id`'s last use.
    pub(super) fn rank(&self, id: u32) -> u32 {
        let last = self.last.get(id as usize).copied().unwrap_or(0);
        let (word, block, span) =
            ((last >> WORD) as usize, (last >> BLOCK) as usize, (last >> SPAN) as usize);
        let mut rank = self.words.get(word).map_or(0, |w| (w >> (last & 63) >> 1).count_ones());
        let end_of_block = (block + 1) << (BLOCK - WORD);
        rank += self
            .words
            .get(word + 1..end_of_block)
            .unwrap_or_default()
            .iter()
            .map(|w| w.count_ones())
            .sum::<u32>();
        let end_of_span = ((span + 1) << (SPAN - BLOCK)).min(self.blocks.len());
        rank += self
            .blocks
            .get(block + 1..end_of_span)
            .unwrap_or_default()
            .iter()
            .map(|&n| u32::from(n))
            .sum::<u32>();
        rank + self.spans.get(span + 1..).unwrap_or_default().iter().sum::<u32>()
    }

    /// The use (counted from 0) that is the last one of the id with this rank.
    pub(super) fn select(&self, rank: u32) -> Option<u32> {
        let mut rank = rank;
        let span = find(&self.spans, 0, self.spans.len(), &mut rank)?;
        let first = span << (SPAN - BLOCK);
        let block =
            find(&self.blocks, first, (first + (1 << (SPAN - BLOCK))).min(self.blocks.len()), &mut rank)?;
        for word in (block << (BLOCK - WORD)..(block + 1) << (BLOCK - WORD)).rev() {
            let bits = *self.words.get(word)?;
            let sums = sums(bits);
            let ones = (sums >> 56) as u32;
            if ones > rank {
                return Some(((word as u32) << WORD) + nth(bits, sums, ones - 1 - rank));
            }
            rank -= ones;
        }
        None
    }
}

const LOWEST: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = LOWEST << 7;

/// In each byte, how many ones there are up to it: one count serves every byte, where no instruction counts ones.
const fn sums(bits: u64) -> u64 {
    let pairs = bits - (bits >> 1 & 0x5555_5555_5555_5555);
    let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
    ((fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(LOWEST)
}

/// Where one number `n` (from the lowest, from 0) of a word stands.
fn nth(bits: u64, sums: u64, n: u32) -> u32 {
    // Bytes whose sum is not above n are passed.
    let passed = (((u64::from(n) * LOWEST) | HIGHEST) - sums) & HIGHEST;
    let byte = ((passed >> 7).wrapping_mul(LOWEST) >> 56) as u32;
    let before = (sums << 8 >> (byte * 8)) as u8;
    let mut rest = bits >> (byte * 8);
    for _ in u32::from(before)..n {
        rest &= rest - 1;
    }
    byte * 8 + rest.trailing_zeros()
}

/// Goes back through counts until the one that holds number `rank`; `rank` becomes the number within.
fn find<T: Copy + Into<u32>>(counts: &[T], from: usize, to: usize, rank: &mut u32) -> Option<usize> {
    for (i, &count) in counts.get(from..to)?.iter().enumerate().rev() {
        let count: u32 = count.into();
        if count > *rank {
            return Some(from + i);
        }
        *rank -= count;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranks_are_those_of_a_list(steps in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 1..3000)) {
            let mut recency = Recency::new(steps.len());
            let (mut list, mut uses): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
            for (new, at) in steps {
                let id = if new || list.is_empty() { list.len() as u32 } else {
                    let rank = at.index(list.len());
                    let id = list.remove(rank);
                    prop_assert_eq!(recency.rank(id), rank as u32);
                    prop_assert_eq!(recency.select(rank as u32).map(|u| uses[u as usize]), Some(id));
                    id
                };
                list.insert(0, id);
                uses.push(id);
                recency.touch(id);
                prop_assert_eq!(recency.select(list.len() as u32), None);
            }
        }
    }

    #[test]
    fn far_ranks() {
        let n = 100_000;
        let mut recency = Recency::new(n + 1);
        (0..n as u32).for_each(|id| recency.touch(id));
        for id in [0u32, 1, 63, 64, 511, 512, 32_767, 32_768, 99_999] {
            assert_eq!(recency.rank(id), n as u32 - 1 - id);
            assert_eq!(recency.select(n as u32 - 1 - id), Some(id));
        }
    }
}
