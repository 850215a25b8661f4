//! Finds a plan on a sample of rows: which columns are plain, in which order the others come, and under which contexts.
//!
//! Nothing here knows a field's name: contexts are tried, their cost is estimated, and the best stay. Time is bounded by
//! the sample and by how many columns may be another one's context, whatever the schema.

mod cost;
mod order;
mod probe;

use alloc::{vec, vec::Vec};

use self::probe::{Probe, probe};
use super::{
    context::{ABSENT, Atom, Context, MAX_BITS},
    log2::{BIT, log2},
    model::{Ids, distinct},
    plan::{ColumnPlan, Plan},
    presence::{Holes, Presence},
    values::{self, Coded, Values},
};
use crate::{batch::Batch, container::Level};

/// How much is tried.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Most lists of a column.
    lists: usize,
    /// Atoms of which pairs are made.
    paired: usize,
    /// Sets whose exact cost is computed in each step.
    exact: usize,
    /// Columns that any other may look at, where there are many.
    hubs: usize,
    /// Columns just before that one may look at, where there are many.
    neighbours: usize,
    /// Contexts without lists, for the mixing coder.
    mixed: usize,
}

/// Rows worth looking at.
pub(crate) const fn sample_rows(level: Level) -> usize {
    match level {
        Level::Fast => 2_000,
        Level::Default | Level::Small => 4_000,
    }
}

/// Most columns for which every other is tried as a context.
const FEW: usize = 20;

/// Rows looked at where there are more columns.
const ROWS_OF_MANY: usize = 1_500;

/// A set of lists must save at least this much over a smaller set.
const WORTH: u64 = 48 * BIT;

/// What is known of one column of the sample.
#[derive(Debug)]
struct Known {
    /// What an escape to the recency rank costs in each row.
    far: Vec<u32>,
    /// The cost without contexts.
    base: u64,
    /// Rows with a value.
    coded: usize,
}

/// A sample of rows, every column as ids; number 0 is the skeletons.
#[derive(Debug)]
struct Sample {
    rows: usize,
    columns: Vec<Ids>,
    known: Vec<Known>,
}

/// Finds a plan on the first rows of a batch.
pub(crate) fn search(batch: &Batch, level: Level) -> Plan {
    let fields = batch.schema().fields().len();
    let many = fields > FEW;
    let rows = batch.rows().min(if many { ROWS_OF_MANY } else { usize::MAX });
    let effort = match level {
        Level::Fast => Effort { lists: 1, paired: 5, exact: 4, hubs: 6, neighbours: 3, mixed: 0 },
        Level::Default => Effort { lists: 3, paired: 7, exact: 8, hubs: 10, neighbours: 4, mixed: 0 },
        Level::Small => Effort { lists: 4, paired: 7, exact: 8, hubs: 10, neighbours: 4, mixed: 3 },
    };
    let skeletons = batch.skeletons();
    let presence = Presence::new(&skeletons.ids, &skeletons.dictionary, fields);
    let (mut ids, ..) = values::renumber(&skeletons.dictionary, &skeletons.ids, &Holes::everywhere());
    ids.truncate(rows);
    let mut sample = Sample { rows, columns: Vec::new(), known: Vec::new() };
    sample.push(ids);
    let mut plain = vec![false; fields];
    for (field, column) in batch.columns().iter().enumerate() {
        let Coded::Ranked { mut ids, values, .. } = values::ranked(column, &presence.of(field)) else {
            continue;
        };
        ids.truncate(rows);
        sample.push(ids);
        if let Some(flag) = plain.get_mut(field) {
            *flag = is_plain(&values, sample.distinct(field + 1), sample.coded(field + 1));
        }
    }
    let worth = |c: &usize| !plain.get(*c - 1).is_some_and(|p| *p) && sample.is_worth_contexts(*c);
    let ranked: Vec<usize> = (1..=fields).filter(worth).collect();
    let order = order::order(&sample, &ranked, &effort, many);
    let mut plan = Plan::bare(batch.schema().fields().iter().map(|f| &f.encoding));
    plan.skeletons = contexts_for(&sample, 0, &[], &effort).0;
    // Columns that no context looks at come first, plain ones last.
    let is_plain = |field: usize| plain.get(field) == Some(&true);
    let mut all: Vec<usize> = (0..fields).filter(|&f| !is_plain(f) && !ranked.contains(&(f + 1))).collect();
    let hubs = if many { effort.hubs } else { order.len() };
    let mut earlier: Vec<u16> = if sample.distinct(0) > 1 { vec![0] } else { Vec::new() };
    for (i, &column) in order.iter().enumerate() {
        let nearby = order.get(hubs.max(i.saturating_sub(effort.neighbours))..i).unwrap_or_default();
        let mut may_look_at = earlier.clone();
        may_look_at.extend(nearby.iter().map(|&c| c as u16));
        let (contexts, text_context) = contexts_for(&sample, column, &may_look_at, &effort);
        if let Some(slot) = plan.columns.get_mut(column - 1) {
            *slot = ColumnPlan::Ranked { contexts, text_context };
        }
        all.push(column - 1);
        if i < hubs {
            earlier.push(column as u16);
        }
    }
    for field in (0..fields).filter(|&f| is_plain(f)) {
        let contexts = match (level, batch.columns().get(field)) {
            (Level::Small, Some(column)) => plain_contexts(&sample, column, &presence.of(field), &earlier),
            _ => Vec::new(),
        };
        if let Some(slot) = plan.columns.get_mut(field) {
            *slot = ColumnPlan::Plain { contexts };
        }
        all.push(field);
    }
    plan.order = all;
    plan
}

/// Numbers that seldom recur need no dictionary.
fn is_plain(values: &Values<'_>, distinct: usize, coded: usize) -> bool {
    let share = match values {
        Values::Instants(..) => 30,
        Values::Integers(_) | Values::Numbers(_) => 15,
        Values::Booleans(_) | Values::Strings(_) => return false,
    };
    distinct > 64 && distinct * 100 > coded * share
}

impl Sample {
    fn push(&mut self, ids: Vec<u32>) {
        let distinct = distinct(&ids);
        let coded = ids.iter().filter(|&&id| id != ABSENT).count();
        let (far, base) = cost::far(&ids);
        self.known.push(Known { far, base, coded });
        self.columns.push(Ids::new(ids, distinct));
    }

    fn distinct(&self, column: usize) -> usize {
        self.columns.get(column).map_or(0, |c| c.distinct)
    }

    fn coded(&self, column: usize) -> usize {
        self.known.get(column).map_or(0, |k| k.coded)
    }

    fn base(&self, column: usize) -> u64 {
        self.known.get(column).map_or(0, |k| k.base)
    }

    fn ids(&self, column: usize) -> &[u32] {
        self.columns.get(column).map(|c| c.ids.as_slice()).unwrap_or_default()
    }

    /// Neither constant, nor nearly unique, nor too cheap to bother.
    fn is_worth_contexts(&self, column: usize) -> bool {
        let (distinct, coded) = (self.distinct(column), self.coded(column));
        distinct > 1 && !(distinct > 50 && distinct * 10 > coded * 8) && self.base(column) > WORTH
    }
}

/// The best contexts of a column, and the column whose value says most of it.
fn contexts_for(
    sample: &Sample,
    column: usize,
    earlier: &[u16],
    effort: &Effort,
) -> (Vec<Context>, Option<u16>) {
    if sample.distinct(column) < 2 {
        return (Vec::new(), None);
    }
    let mut atoms = vec![Atom::Always, Atom::Last];
    atoms.extend(earlier.iter().flat_map(|&c| [Atom::Value(c), Atom::Previous(c)]));
    let mut probes: Vec<Probe> = atoms.iter().map(|&atom| probe(sample, column, atom, None)).collect();
    let mut singles: Vec<(u64, usize)> =
        probes.iter().enumerate().map(|(i, p)| (cost::estimate(sample, column, &[p]), i)).collect();
    singles.sort_unstable();
    let atom = |i: usize| atoms.get(i).copied().unwrap_or(Atom::Always);
    let best: Vec<Atom> =
        singles.iter().map(|&(_, i)| atom(i)).filter(|a| *a != Atom::Always).take(effort.paired).collect();
    for (i, &first) in best.iter().enumerate() {
        for &second in best.get(i + 1..).unwrap_or_default() {
            probes.push(probe(sample, column, first, Some(second)));
        }
    }
    let chosen = greedy(sample, column, &probes, effort);
    let mut contexts = contexts_of(sample, &probes, &chosen);
    let always = Context::listed(Atom::Always, None, 63);
    if sample.distinct(column) <= 192
        && !contexts.is_empty()
        && !contexts.iter().any(|c| c.first == Atom::Always && c.second.is_none())
    {
        contexts.push(always);
    }
    let mut all: Vec<(u64, usize)> =
        probes.iter().enumerate().map(|(i, p)| (cost::estimate(sample, column, &[p]), i)).collect();
    all.sort_unstable();
    let unused = all
        .iter()
        .filter(|(_, i)| !chosen.contains(i) && !contexts.is_empty())
        .filter_map(|&(_, i)| probes.get(i));
    let mixed: Vec<Context> = unused.take(effort.mixed).map(|p| Context { size: 0, ..p.context }).collect();
    contexts.extend(mixed);
    let says_most = singles.iter().find_map(|&(_, i)| match atom(i) {
        Atom::Value(c) if (2..sample.rows / 8).contains(&sample.distinct(usize::from(c))) => Some(c),
        _ => None,
    });
    (contexts, says_most)
}

/// Adds lists one by one, each at its best place, as long as it pays.
fn greedy(sample: &Sample, column: usize, probes: &[Probe], effort: &Effort) -> Vec<usize> {
    let mut set: Vec<usize> = Vec::new();
    let mut cost = sample.base(column);
    while set.len() < effort.lists {
        let mut candidates: Vec<(u64, Vec<usize>)> = Vec::new();
        for i in (0..probes.len()).filter(|i| !set.contains(i)) {
            for at in 0..=set.len() {
                let mut wider = set.clone();
                wider.insert(at, i);
                let lists: Vec<&Probe> = wider.iter().filter_map(|&i| probes.get(i)).collect();
                candidates.push((cost::estimate(sample, column, &lists), wider));
            }
        }
        candidates.sort_by_key(|(cost, _)| *cost);
        let exact = candidates
            .into_iter()
            .take(effort.exact)
            .map(|(_, wider)| (cost::exact(sample, column, &contexts_of(sample, probes, &wider)), wider));
        match exact.min_by_key(|(cost, _)| *cost) {
            Some((less, wider)) if less + cost / 200 + WORTH < cost => (cost, set) = (less, wider),
            _ => break,
        }
    }
    set
}

/// The contexts of some probes, with lists as long as their number allows.
fn contexts_of(sample: &Sample, probes: &[Probe], chosen: &[usize]) -> Vec<Context> {
    let probes = chosen.iter().filter_map(|&i| probes.get(i));
    let size = |p: &Probe| match p.keys {
        ..=200 => 63,
        keys if keys < sample.rows / 8 => 15,
        _ => 7,
    };
    // Few keys need few lists, and what is small is quick to clear.
    let bits = |p: &Probe| match p.keys {
        keys if keys <= sample.rows / 32 => (usize::BITS - (keys * 32).leading_zeros()) as u8,
        _ => MAX_BITS,
    };
    probes.map(|p| Context { size: p.context.size.min(size(p)), bits: bits(p), ..p.context }).collect()
}

/// The two columns whose values say most of a plain column's magnitudes.
fn plain_contexts(
    sample: &Sample,
    column: &crate::column::Column,
    holes: &Holes<'_>,
    earlier: &[u16],
) -> Vec<Atom> {
    let Coded::Plain { nulls, values } = values::plain(column, holes) else { return Vec::new() };
    let (Values::Integers(numbers) | Values::Instants(numbers, _)) = values else { return Vec::new() };
    if !nulls.is_empty() {
        return Vec::new();
    }
    let shape = super::integers::Shape::of(&numbers, false);
    let sizes: Vec<u8> =
        shape.transformed(&numbers).take(sample.rows).map(|v| 64 - v.leading_zeros() as u8).collect();
    let rows: Vec<usize> = (0..sample.rows).filter(|&row| holes.has(row)).take(sizes.len()).collect();
    let mut costs: Vec<(u64, u16)> = Vec::new();
    for &other in earlier.iter().filter(|&&c| c > 0) {
        let ids = sample.ids(usize::from(other));
        let mut pairs: Vec<(u32, u8)> =
            rows.iter().zip(&sizes).map(|(&row, &size)| (ids.get(row).copied().unwrap_or(0), size)).collect();
        pairs.sort_unstable();
        let mut cost = 0;
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let all = log2(group.len() as u64);
            for same in group.chunk_by(|a, b| a.1 == b.1) {
                cost += same.len() as u64 * all.saturating_sub(log2(same.len() as u64)) + 2 * BIT;
            }
        }
        costs.push((cost, other));
    }
    costs.sort_unstable();
    costs.iter().take(2).map(|&(_, c)| Atom::Value(c)).collect()
}
