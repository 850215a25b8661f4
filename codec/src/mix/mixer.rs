//! Mixing: the predictions of several slots become one, by weights that learn from every coded bit.
//!
//! There are as many sets of weights as small contexts ("selectors") the model distinguishes, and in a set one
//! weight for each input and each degree of trust in it. Two sets are in play for a bit, chosen by two selectors.
//! Their answers are weighed again, and what comes out is refined by what such answers were worth so far.

use alloc::{vec, vec::Vec};

use super::coder::Coder;
use super::logistic::SQUASH_MAX;
use super::slot::{TRUSTS, p12, update};
use super::tables::Tables;

/// The most inputs a mixer takes.
pub(super) const INPUTS: usize = 16;

const WEIGHT_MAX: i32 = 400_000;
/// Refinement interpolates between points this far apart in the logistic domain.
const STEP: i32 = 192;
const POINTS: usize = 33;
const REFINED_LIMIT: u32 = 200;
/// Weights do not learn from answers as good as this, in 1/65536.
const ERROR_MIN: i32 = 1800;

/// How a mixer starts and learns.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    /// Weight of an input at the start, in 1/100.
    pub weight: i32,
    /// Learning rate of the weights.
    pub rate: i32,
    /// Where slots stop counting.
    pub limit: u32,
}

pub(super) struct Mixer {
    tables: &'static Tables,
    inputs: usize,
    settings: Settings,
    weights: [Vec<[i32; TRUSTS]>; 2],
    /// Weights of the two answers, for each first selector.
    shares: Vec<[i32; 2]>,
    /// What an answer was worth, at some points of its range, for each second selector.
    refined: Vec<[u32; POINTS]>,
}

impl Mixer {
    /// A mixer over `inputs` slots with this many selectors of either kind.
    pub(super) fn new(inputs: usize, selectors: [usize; 2], settings: Settings) -> Self {
        let inputs = inputs.min(INPUTS);
        let tables = Tables::get();
        let set: [i32; TRUSTS] = core::array::from_fn(|t| match t {
            0 => 0,
            _ => settings.weight * (60 + 8 * t.min(8) as i32) * 65536 / 10_000,
        });
        let weights = selectors.map(|n| vec![set; n * inputs]);
        let identity = core::array::from_fn(|i| tables.squash(i as i32 * STEP - SQUASH_MAX - 1) << 16);
        Self {
            tables,
            inputs,
            settings,
            weights,
            shares: vec![[1 << 15; 2]; selectors[0]],
            refined: vec![identity; selectors[1]],
        }
    }

    /// Codes a bit that `slots` predict, and lets slots and weights learn it.
    #[inline(always)]
    pub(super) fn code<I: Coder>(
        &mut self,
        io: &mut I,
        slots: &mut [u32],
        selectors: [usize; 2],
        bit: bool,
    ) -> bool {
        let tables = self.tables;
        let [first, second] = &mut self.weights;
        let from = selectors.map(|selector| selector * self.inputs);
        let first = first.get_mut(from[0]..from[0] + self.inputs).unwrap_or_default();
        let second = second.get_mut(from[1]..from[1] + self.inputs).unwrap_or_default();
        let mut stretched = [0i32; INPUTS];
        let mut dots = [0i32; 2];
        for (((slot, s), a), b) in slots.iter().zip(&mut stretched).zip(&*first).zip(&*second) {
            *s = tables.stretch(p12(*slot));
            let trust = tables.trust(*slot);
            dots[0] += (a[trust] * *s) >> 8;
            dots[1] += (b[trust] * *s) >> 8;
        }
        let answers = dots.map(|dot| (dot >> 8).clamp(-SQUASH_MAX, SQUASH_MAX));

        let mut spare = [1 << 15; 2];
        let shares = self.shares.get_mut(selectors[0]).unwrap_or(&mut spare);
        let weighed = answers.iter().zip(shares.iter()).map(|(&x, &share)| i64::from(x) * i64::from(share));
        let mixed = (weighed.sum::<i64>() >> 16).clamp(-i64::from(SQUASH_MAX), i64::from(SQUASH_MAX)) as i32;
        let p = tables.squash(mixed) as i32;

        let mut spare = [1 << 31; POINTS];
        let refined = self.refined.get_mut(selectors[1]).unwrap_or(&mut spare);
        let offset = (mixed + SQUASH_MAX + 1) as u32;
        let (point, part) = ((offset / STEP as u32) as usize, (offset % STEP as u32) as i32);
        let worth = |i: usize| refined.get(i).map_or(1 << 15, |slot| (slot >> 16) as i32);
        let refinement = (worth(point) * (STEP - part) + worth(point + 1) * part) / STEP;
        let bit = io.bit(((p + refinement) >> 1).clamp(2, 65534) as u32, bit);

        let one = i32::from(bit) << 16;
        for (share, answer) in shares.iter_mut().zip(answers) {
            *share = (*share + ((answer * ((one - p) >> 4)) >> 12)).clamp(-WEIGHT_MAX, WEIGHT_MAX);
        }
        if let Some(slot) = refined.get_mut(point + usize::from(part > STEP / 2)) {
            update(tables, slot, bit, REFINED_LIMIT);
        }
        let errors = answers.map(|answer| one - tables.squash(answer) as i32);
        let learn = |weight: &mut i32, s: i32, error: i32| {
            let step = (((s * error) >> 10) * self.settings.rate) >> 6;
            *weight = (*weight + step).clamp(-WEIGHT_MAX, WEIGHT_MAX);
        };
        if errors.iter().all(|error| error.abs() < ERROR_MIN) {
            for slot in slots {
                update(tables, slot, bit, self.settings.limit);
            }
            return bit;
        }
        for (((slot, s), a), b) in slots.iter_mut().zip(stretched).zip(first).zip(second) {
            let trust = tables.trust(*slot);
            learn(&mut a[trust], s, errors[0]);
            learn(&mut b[trust], s, errors[1]);
            update(tables, slot, bit, self.settings.limit);
        }
        bit
    }
}
