//! A set of indices, kept as disjoint ranges.

use std::{iter, ops::Range};

use serde::{Deserialize, Serialize};

/// Disjoint, non-touching, non-empty ranges in rising order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<[u64; 2]>", into = "Vec<[u64; 2]>")]
pub(crate) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a range, merging it with those it overlaps or touches.
    pub(crate) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let from = self.0.partition_point(|r| r.end < range.start);
        let to = self.0.partition_point(|r| r.start <= range.end);
        let touched = self.0.get(from..to).unwrap_or_default();
        let start = touched.first().map_or(range.start, |r| r.start.min(range.start));
        let end = touched.last().map_or(range.end, |r| r.end.max(range.end));
        self.0.splice(from..to, iter::once(start..end));
    }

    /// The parts of `range` that are not in the set, in rising order.
    pub(crate) fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut next = range.start;
        let from = self.0.partition_point(|r| r.end <= range.start);
        for known in self.0.iter().skip(from).take_while(|r| r.start < range.end) {
            if next < known.start {
                missing.push(next..known.start);
            }
            next = known.end;
        }
        if next < range.end {
            missing.push(next..range.end);
        }
        missing
    }

    /// Drops the lowest ranges until at most `most` are left.
    pub(crate) fn forget_lowest(&mut self, most: usize) {
        self.0.drain(..self.0.len().saturating_sub(most));
    }
}

impl From<Ranges> for Vec<[u64; 2]> {
    fn from(ranges: Ranges) -> Self {
        ranges.0.into_iter().map(|r| [r.start, r.end]).collect()
    }
}

impl TryFrom<Vec<[u64; 2]>> for Ranges {
    type Error = String;

    fn try_from(pairs: Vec<[u64; 2]>) -> Result<Self, String> {
        let mut last = None;
        for &[start, end] in &pairs {
            if start >= end || last.is_some_and(|last| last >= start) {
                return Err(format!("disjoint rising ranges expected, found [{start}, {end}]"));
            }
            last = Some(end);
        }
        Ok(Ranges(pairs.into_iter().map(|[start, end]| start..end).collect()))
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn range() -> impl Strategy<Value = Range<u64>> {
        (0u64..60, 0u64..15).prop_map(|(start, n)| start..start + n)
    }

    proptest! {
        /// Against a plain set of numbers.
        #[test]
        fn insert_and_missing_are_those_of_a_set(inserted in prop::collection::vec(range(), 0..12), asked in range()) {
            let mut ranges = Ranges::default();
            let mut set = BTreeSet::new();
            for range in inserted {
                let new: Vec<u64> = ranges.missing(range.clone()).into_iter().flatten().collect();
                let expected: Vec<u64> = range.clone().filter(|i| !set.contains(i)).collect();
                prop_assert_eq!(new, expected);
                ranges.insert(range.clone());
                set.extend(range);
                prop_assert_eq!(ranges.0.iter().cloned().flatten().collect::<BTreeSet<_>>(), set.clone());
                prop_assert!(ranges.0.windows(2).all(|w| w[0].end < w[1].start), "merged: {:?}", ranges);
                prop_assert!(ranges.0.iter().all(|r| !r.is_empty()));
            }
            let missing = ranges.missing(asked.clone());
            prop_assert!(missing.windows(2).all(|w| w[0].end < w[1].start));
            let expected: Vec<u64> = asked.filter(|i| !set.contains(i)).collect();
            prop_assert_eq!(missing.into_iter().flatten().collect::<Vec<_>>(), expected);
            let json = serde_json::to_string(&ranges).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ranges>(&json).unwrap(), ranges);
        }
    }

    #[test]
    fn the_ends_of_the_number_line() {
        let mut ranges = Ranges::default();
        ranges.insert(u64::MAX - 1..u64::MAX);
        ranges.insert(0..1);
        assert_eq!(ranges.missing(0..u64::MAX), [1..u64::MAX - 1]);
        ranges.forget_lowest(1);
        assert_eq!(ranges.missing(0..u64::MAX), [0..u64::MAX - 1]);
    }

    #[test]
    fn a_damaged_spelling_is_refused() {
        for bad in ["[[3,3]]", "[[0,5],[5,6]]", "[[4,6],[0,1]]", "[[0]]"] {
            assert!(serde_json::from_str::<Ranges>(bad).is_err(), "{bad}");
        }
    }
}
