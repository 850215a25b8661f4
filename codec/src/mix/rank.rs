//! A column of dictionary indices in order of first use, coded against the candidates that a model of the rows
//! offers: "is it this one?" for each of the first few, whether it is a new value, else its recency rank.

use super::bits::Bits;
use super::coder::Coder;
use super::hash::join;
use super::mixer::{INPUTS, Settings};
use super::number::Numbers;

/// What the model of a column knows about its current row.
pub(crate) trait Candidates {
    /// Hashes of the row's contexts: at most [`Ranks::CONTEXTS`], as many for each row.
    fn contexts(&self) -> &[u32];

    /// Whether any context offers candidates at all; the same for all rows.
    fn listed(&self) -> bool;

    /// Calls `visit(position, index)` for distinct candidates, most likely first, until it returns true or `cap`
    /// candidates were visited.
    fn walk(&mut self, cap: u32, visit: impl FnMut(u32, u32) -> bool);

    /// How many indices were used more recently than this one, which was used before.
    fn rank(&self, index: u32) -> u32;

    /// The index of that rank; none when fewer were used.
    fn select(&self, rank: u32) -> Option<u32>;

    /// How many distinct indices were used: the index that the next new value gets.
    fn known(&self) -> u32;
}

/// Codes a column's indices row by row.
///
/// Memory: at most 9 MiB, whatever the number of rows.
pub(crate) struct Ranks {
    hit: Bits,
    fresh: Bits,
    recency: Numbers,
    last_rank: u32,
    history: u32,
    rows: u32,
}

impl Ranks {
    /// The most contexts of a row.
    pub(crate) const CONTEXTS: usize = INPUTS - 3;
    /// Candidates asked about before the rank is written.
    const WALK: u32 = 20;

    /// A model for about `rows` rows under `contexts` contexts.
    pub(crate) fn new(contexts: usize, rows: usize) -> Self {
        let contexts = contexts.min(Self::CONTEXTS);
        let log2 = usize::BITS - (rows.max(64) * 2 - 1).leading_zeros();
        let weight = if contexts > 3 { 25 } else { 35 };
        Self {
            hit: Bits::with(contexts + 1, log2, 4, Settings { weight, rate: 4, limit: 160 }),
            fresh: Bits::with(contexts + 3, log2.min(15), 1, Settings { weight: 30, rate: 3, limit: 250 }),
            recency: Numbers::new(3, 12),
            last_rank: 0,
            history: 0,
            rows: 0,
        }
    }

    /// Codes one row's index, which is at most `known()`; the caller then tells its model. Of garbage comes a new
    /// index or, for the rank of no index, `u32::MAX`: a decoder checks both against the dictionary's size.
    pub(crate) fn code<I: Coder, C: Candidates>(&mut self, io: &mut I, model: &mut C, index: u32) -> u32 {
        let known = model.known();
        let mut contexts = [0u32; Self::CONTEXTS];
        let n = model.contexts().len().min(Self::CONTEXTS);
        for (to, &from) in contexts.iter_mut().zip(model.contexts()) {
            *to = from;
        }
        let contexts = contexts.get(..n).unwrap_or_default();
        let (hit, fresh) = (&mut self.hit, &mut self.fresh);
        let (history, age) = (self.history, self.rows >> 9);
        let mut is_new = |io: &mut I| {
            let mut hashes = [0u32; INPUTS];
            hashes[..3].copy_from_slice(&[1, 2 + (history & 15), 100 + age]);
            for (i, (hash, &context)) in hashes.iter_mut().skip(3).zip(contexts).enumerate() {
                *hash = context.wrapping_add(i as u32);
            }
            fresh.code(io, hashes.get(..n + 3).unwrap_or_default(), index == known)
        };
        let (mut found, mut new) = (None, None);
        if model.listed() {
            model.walk(Self::WALK, |position, candidate| {
                if position == 1 {
                    let answer = is_new(io);
                    new = Some(answer);
                    if answer {
                        return true;
                    }
                }
                let mut hashes = [0u32; INPUTS];
                hashes[0] = position + 1;
                for (hash, &context) in hashes.iter_mut().skip(1).zip(contexts) {
                    *hash = join(context, candidate.wrapping_add(1));
                }
                let hashes = hashes.get(..n + 1).unwrap_or_default();
                let hit = hit.select(io, hashes, position.min(3) as usize, candidate == index);
                if hit {
                    found = Some(candidate);
                }
                hit
            });
        }
        self.rows = self.rows.saturating_add(1);
        self.history <<= 1;
        if let Some(found) = found {
            return found.min(known);
        }
        if known == 0 || new.unwrap_or_else(|| is_new(io)) {
            self.history |= 1;
            return known;
        }
        let rank = if I::DECODING { 0 } else { model.rank(index) };
        let size = |x: u32| 32 - x.leading_zeros();
        let last = size(self.last_rank);
        let first = contexts.first().copied().unwrap_or(0);
        let contexts = [last, size(known), join(first, last)];
        let rank = self.recency.code(io, &contexts, u64::from(rank), 32) as u32;
        self.last_rank = rank;
        if I::DECODING { model.select(rank).unwrap_or(u32::MAX) } else { index }
    }
}
