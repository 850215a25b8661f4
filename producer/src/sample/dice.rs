//! Seeded choices that come out the same on every platform.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Random choices in integers of fixed width only: `usize` ranges and floats differ between machines.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The choices of `stream` under `seed`; streams of one seed are independent.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// 32 random bits.
    pub(super) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number below `n` (0 if `n` is 0).
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(n)) >> 32) as u32
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of `items`; `None` of nothing.
    pub(super) fn one_of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u32) as usize)
    }

    /// The 32 bytes at `place` of an endless random tape: the same place always holds the same bytes.
    pub(super) fn tape(&mut self, place: u64) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.set_word_pos(u128::from(place) * 8);
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// Indices with unequal chances.
pub(super) struct Weighted(Vec<u32>);

impl Weighted {
    /// Index `i` comes with chance `weights[i]` in their sum.
    pub(super) fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let mut sum = 0;
        Weighted(
            weights
                .into_iter()
                .map(|w| {
                    sum += w;
                    sum
                })
                .collect(),
        )
    }

    /// One index.
    pub(super) fn pick(&self, dice: &mut Dice) -> usize {
        let point = dice.below(self.0.last().copied().unwrap_or(0));
        self.0.partition_point(|&end| end <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_chances() {
        let weighted = Weighted::new([1, 0, 3]);
        let mut dice = Dice::new(1, 0);
        let mut counts = [0; 3];
        for _ in 0..4000 {
            counts[weighted.pick(&mut dice)] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn the_tape_does_not_change() {
        let mut dice = Dice::new(7, 1);
        let first = dice.tape(3);
        dice.tape(90);
        assert_eq!(dice.tape(3), first);
        assert_ne!(dice.tape(4), first);
    }
}
