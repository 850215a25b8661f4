//! In which order columns come: each after those that say most of it.

use alloc::{vec, vec::Vec};
use core::cmp::Reverse;

use super::{Atom, Effort, Sample, cost, probe::probe};

/// The order of the columns worth contexts. Where there are many, the costliest few are ordered, and come first; the
/// others follow in the schema's order.
pub(super) fn order(sample: &Sample, columns: &[usize], effort: &Effort, many: bool) -> Vec<usize> {
    if !many {
        return by_savings(sample, columns);
    }
    let mut costliest = columns.to_vec();
    costliest.sort_by_key(|&c| Reverse(sample.base(c)));
    costliest.truncate(effort.hubs);
    let mut order = by_savings(sample, &costliest);
    order.extend(columns.iter().filter(|c| !costliest.contains(c)));
    order
}

/// Tries each column first, and adds after it what the columns before save most on; the order of the least cost.
fn by_savings(sample: &Sample, columns: &[usize]) -> Vec<usize> {
    let n = columns.len();
    let mut base = Vec::with_capacity(n);
    // By column and other: the cost given the other alone.
    let mut given = vec![u64::MAX; n * n];
    for (i, &column) in columns.iter().enumerate() {
        let last = cost::estimate(sample, column, &[&probe(sample, column, Atom::Last, None)]);
        let alone = sample.base(column).min(last);
        base.push(alone);
        for (j, &other) in columns.iter().enumerate().filter(|(j, _)| *j != i) {
            let (value, previous) = (Atom::Value(other as u16), Atom::Previous(other as u16));
            let lists = [probe(sample, column, value, None), probe(sample, column, previous, Some(value))];
            let best = lists.iter().map(|list| cost::estimate(sample, column, &[list])).min();
            if let Some(slot) = given.get_mut(i * n + j) {
                *slot = best.map_or(alone, |best| best.min(alone));
            }
        }
    }
    let base = |i: usize| base.get(i).copied().unwrap_or(0);
    let given = |i: usize, j: usize| given.get(i * n + j).copied().unwrap_or(u64::MAX);
    let mut best: Option<(u64, Vec<usize>)> = None;
    for root in 0..n {
        let mut order = vec![root];
        let mut total = base(root);
        while order.len() < n {
            let rest = || (0..n).filter(|i| !order.contains(i));
            let next = rest().map(|i| {
                let cost = order.iter().map(|&j| given(i, j)).fold(base(i), u64::min);
                // What it would have saved by coming after one of the others.
                let lost = rest()
                    .filter(|&j| j != i)
                    .map(|j| base(i).saturating_sub(given(i, j)))
                    .max()
                    .unwrap_or(0);
                (base(i) as i64 - cost as i64 - lost as i64, Reverse(i), cost)
            });
            let Some((_, Reverse(i), cost)) = next.max() else { break };
            order.push(i);
            total += cost;
        }
        if best.as_ref().is_none_or(|(least, _)| total < *least) {
            best = Some((total, order));
        }
    }
    best.map(|(_, order)| order.iter().filter_map(|&i| columns.get(i).copied()).collect()).unwrap_or_default()
}
