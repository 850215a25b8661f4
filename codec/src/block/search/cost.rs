//! What coding a sample's column would cost, in 1/256 bits.

use alloc::{vec, vec::Vec};

use super::{
    Sample,
    probe::{ABSENT_ROW, EMPTY, EMPTY_NEW, NEW, Probe},
};
use crate::block::{
    context::{ABSENT, Context},
    log2::{BIT, entropy, log2},
    model::{Far, Model},
    recency::Recency,
};

/// The cost of each row's recency rank, and the total, new values included.
pub(super) fn far(ids: &[u32]) -> (Vec<u32>, u64) {
    let mut recency = Recency::new(ids.len());
    let mut costs = vec![0; ids.len()];
    let (mut new, mut coded, mut total) = (0u32, 0u32, 0u64);
    for (&id, cost) in ids.iter().zip(&mut costs).filter(|(id, _)| **id != ABSENT) {
        coded += 1;
        if id == new {
            new += 1;
        } else {
            *cost = (log2(u64::from(recency.rank(id)) + 1) * 115 / 100 + BIT) as u32;
            total += u64::from(*cost);
        }
        recency.touch(id);
    }
    (costs, total + entropy([new, coded - new].into_iter()))
}

/// Positions in few classes: exact ones first, then ranges.
const fn class(position: u8) -> (usize, u64) {
    match position {
        0..8 => (position as usize, 0),
        8..12 => (8, 2),
        12..16 => (9, 2),
        16..24 => (10, 3),
        24..32 => (11, 3),
        32..48 => (12, 4),
        _ => (13, 4),
    }
}

/// What a column of counts costs, its own description included.
fn table(counts: &[u32]) -> u64 {
    let used = counts.iter().filter(|&&n| n > 0);
    entropy(counts.iter().copied()) + used.map(|&n| log2(u64::from(n) + 1) / 2 + 2 * BIT).sum::<u64>()
}

/// An estimate from each list's own positions: what several lists have in common counts twice.
pub(super) fn estimate(sample: &Sample, column: usize, lists: &[&Probe]) -> u64 {
    let n = lists.len();
    let width = n * 16 + 2;
    let (new, miss) = (width - 2, width - 1);
    let mut counts = vec![0u32; (n + 1) * width];
    let mut cost = 0;
    let far = sample.known.get(column).map(|k| k.far.as_slice()).unwrap_or_default();
    for (row, &far) in far.iter().enumerate() {
        let (mut first, mut symbol, mut extra) = (n, miss, u64::from(far));
        let mut is_absent = false;
        for (i, list) in lists.iter().enumerate() {
            let position = list.positions.get(row).copied().unwrap_or(ABSENT_ROW);
            match position {
                ABSENT_ROW => is_absent = true,
                ..64 => {
                    first = first.min(i);
                    let (class, bits) = class(position);
                    (symbol, extra) = (i * 16 + class, bits * BIT);
                    break;
                }
                NEW => {
                    first = first.min(i);
                    (symbol, extra) = (new, 0);
                }
                EMPTY_NEW => (symbol, extra) = (new, 0),
                EMPTY => {}
                _ => first = first.min(i),
            }
        }
        if !is_absent {
            cost += extra;
            if let Some(count) = counts.get_mut(first * width + symbol) {
                *count += 1;
            }
        }
    }
    cost + counts.chunks(width).map(table).sum::<u64>()
}

/// The cost of the very codes that these contexts give.
pub(super) fn exact(sample: &Sample, column: usize, contexts: &[Context]) -> u64 {
    let fitted: Vec<Context> = contexts.iter().map(|c| c.fitted(sample.coded(column))).collect();
    let mut model = Model::new(&fitted, &sample.columns, Far::Unasked);
    let mut counts = vec![0u32; (contexts.len() + 1) * 256];
    let (mut cost, mut new) = (0, 0);
    let far = sample.known.get(column).map(|k| k.far.as_slice()).unwrap_or_default();
    for (row, (&id, &far)) in sample.ids(column).iter().zip(far).enumerate() {
        if id == ABSENT {
            continue;
        }
        model.begin(row);
        let first = model.first();
        let symbol = if id == new {
            new += 1;
            0
        } else {
            match model.position(id, 250) {
                Some(at @ ..15) => 1 + at as usize,
                Some(at) => {
                    let bits = 32 - (at + 1).leading_zeros();
                    cost += u64::from(bits - 1) * BIT;
                    16 + bits as usize
                }
                None => {
                    cost += u64::from(far);
                    255
                }
            }
        };
        if let Some(count) = counts.get_mut(first * 256 + symbol) {
            *count += 1;
        }
        model.update(id);
    }
    cost + counts.chunks(256).map(table).sum::<u64>()
}
