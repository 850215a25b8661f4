//! What is stored already, as table properties: they change in the very commit that adds the records.
//!
//! A source's property lists the index ranges stored, `{"used":17,"stored":[[0,10000]],"first":"9f86d081884c7d65"}` (a
//! range's end is not in it; `used` is the table's sequence number at the last append, for finding the sources unused
//! for longest; `first` tells the source's first record from another one). What is kept
//! is bounded, see [`MAX_SOURCES`] and [`MAX_RANGES`]: what was dropped counts as new when it is sent again.
//! A shard's property is its checkpoint; these stay.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    checkpoint::{Checkpoint, SHARD_PREFIX, Shard},
    ranges::Ranges,
};

/// Most sources remembered; those used longest ago are dropped first.
pub const MAX_SOURCES: usize = 1024;

/// Most disjoint index ranges remembered of a source; the lowest are dropped first. (A source that is read in order
/// has one; gaps come from blocks that overtake each other, and close again.)
pub const MAX_RANGES: usize = 256;

/// Longest name of a source, in bytes.
pub const MAX_SOURCE_NAME: usize = 255;

const SOURCE_PREFIX: &str = "fidelog.source.";
const STORED: &str = "fidelog.stored";

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    /// Records in the table, ever.
    pub(crate) stored: u64,
    /// By property key.
    sources: BTreeMap<String, Source>,
    /// By property key.
    shards: BTreeMap<String, Checkpoint>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    used: i64,
    stored: Ranges,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    first: Option<String>,
}

/// Properties to set and to remove.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) remove: Vec<String>,
}

impl Ledger {
    pub(crate) fn read(properties: &HashMap<String, String>) -> Result<Self, String> {
        let stored = properties.get(STORED).ok_or_else(|| format!("the table has no property {STORED}"))?;
        let stored = stored
            .parse()
            .map_err(|_| format!("table property {STORED}: a count expected, found {stored:?}"))?;
        Ok(Ledger {
            stored,
            sources: all(properties, SOURCE_PREFIX)?,
            shards: all(properties, SHARD_PREFIX)?,
        })
    }

    /// How far a shard is stored.
    pub(crate) fn checkpoint(&self, shard: &Shard) -> Option<&Checkpoint> {
        self.shards.get(&shard.key())
    }

    /// All shards' checkpoints, by property key.
    pub(crate) fn checkpoints(&self) -> impl Iterator<Item = (&String, &Checkpoint)> {
        self.shards.iter()
    }

    /// Moves a shard's checkpoint.
    pub(crate) fn set_checkpoint(&mut self, shard: &Shard, checkpoint: Checkpoint) {
        self.shards.insert(shard.key(), checkpoint);
    }

    /// The parts of a source's range that are not stored.
    pub(crate) fn unseen(&self, source: &str, range: Range<u64>) -> Vec<Range<u64>> {
        match self.sources.get(&key(source)) {
            Some(source) => source.stored.missing(range),
            None if range.is_empty() => Vec::new(),
            None => vec![range],
        }
    }

    /// Notes a source's range as stored; `sequence` is the table's sequence number.
    pub(crate) fn note(&mut self, source: &str, range: Range<u64>, sequence: i64) {
        let source = self.sources.entry(key(source)).or_default();
        source.used = sequence;
        source.stored.insert(range);
    }

    /// Notes a source's first record, if none is noted yet.
    pub(crate) fn note_first(&mut self, source: &str, record: &[u8]) {
        let source = self.sources.entry(key(source)).or_default();
        source.first.get_or_insert_with(|| print(record));
    }

    /// Whether a source may have this first record.
    pub(crate) fn may_begin_with(&self, source: &str, record: &[u8]) -> bool {
        let known = self.sources.get(&key(source)).and_then(|source| source.first.as_ref());
        known.is_none_or(|known| *known == print(record))
    }

    /// Keeps within the bounds.
    pub(crate) fn forget(&mut self) {
        for source in self.sources.values_mut().filter(|source| source.stored.len() > MAX_RANGES) {
            source.stored.forget_lowest(MAX_RANGES);
        }
        let excess = self.sources.len().saturating_sub(MAX_SOURCES);
        let mut by_use: Vec<(i64, String)> =
            self.sources.iter().map(|(key, source)| (source.used, key.clone())).collect();
        by_use.sort();
        for (_, key) in by_use.into_iter().take(excess) {
            self.sources.remove(&key);
        }
    }

    /// What to change in a table's properties for this ledger to take the place of `before`.
    pub(crate) fn changes_from(&self, before: Option<&Ledger>) -> Changes {
        let mut changes = Changes::default();
        changes.set.insert(STORED.into(), self.stored.to_string());
        let none = Ledger::default();
        let before = before.unwrap_or(&none);
        set_changed(&mut changes.set, &before.sources, &self.sources);
        set_changed(&mut changes.set, &before.shards, &self.shards);
        let gone = before.sources.keys();
        changes.remove = gone.filter(|key| !self.sources.contains_key(*key)).cloned().collect();
        changes
    }
}

/// The properties that begin with a prefix, read.
fn all<T: DeserializeOwned>(
    properties: &HashMap<String, String>,
    prefix: &str,
) -> Result<BTreeMap<String, T>, String> {
    let named = properties.iter().filter(|(key, _)| key.starts_with(prefix));
    let read = |(key, json): (&String, &String)| match serde_json::from_str(json) {
        Ok(value) => Ok((key.clone(), value)),
        Err(error) => Err(format!("table property {key}: {error}")),
    };
    named.map(read).collect()
}

fn set_changed<T: Serialize + PartialEq>(
    set: &mut BTreeMap<String, String>,
    before: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
) {
    for (key, value) in now.iter().filter(|(key, value)| before.get(*key) != Some(value)) {
        // Serialising numbers and strings cannot fail.
        set.insert(key.clone(), serde_json::to_string(value).unwrap_or_default());
    }
}

/// Escapes all but letters, digits, `-`, `_` and `.`.
pub(crate) const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The start of a record's SHA-256: enough to tell one file's first record from another's.
fn print(record: &[u8]) -> String {
    Sha256::digest(record).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A source's property.
fn key(source: &str) -> String {
    format!("{SOURCE_PREFIX}{}", utf8_percent_encode(source, PLAIN))
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    fn apply(properties: &mut HashMap<String, String>, changes: Changes) {
        for key in changes.remove {
            properties.remove(&key);
        }
        properties.extend(changes.set);
    }

    #[test]
    fn properties_hold_the_ledger() {
        let mut properties = HashMap::new();
        let empty = Ledger::default();
        apply(&mut properties, empty.changes_from(None));
        assert_eq!(Ledger::read(&properties).unwrap(), empty);

        let mut ledger = empty.clone();
        ledger.stored = 5;
        ledger.note("a b/é", 0..5, 1);
        ledger.note("a", 3..4, 1);
        apply(&mut properties, ledger.changes_from(Some(&empty)));
        assert_eq!(properties["fidelog.source.a%20b%2F%C3%A9"], r#"{"used":1,"stored":[[0,5]]}"#);
        assert_eq!(Ledger::read(&properties).unwrap(), ledger);
        assert_eq!(ledger.unseen("a b/é", 2..8), [5..8]);
        assert_eq!(ledger.unseen("a", 2..8), [2..3, 4..8]);
        assert_eq!(ledger.unseen("new", 2..2), []);

        ledger.note_first("a", b"{}");
        ledger.note_first("a", b"later");
        assert!(ledger.may_begin_with("a", b"{}") && ledger.may_begin_with("new", b"{}"));
        assert!(!ledger.may_begin_with("a", b"later"));
        let mut again = HashMap::new();
        apply(&mut again, ledger.changes_from(None));
        assert_eq!(Ledger::read(&again).unwrap(), ledger);
        let unchanged = ledger.changes_from(Some(&ledger));
        assert_eq!(unchanged.set.keys().collect::<Vec<_>>(), [STORED], "other sources are left alone");
    }

    #[test]
    fn bounds_hold_and_drop_the_oldest() {
        let mut before = Ledger::default();
        for i in 0..MAX_SOURCES as i64 + 2 {
            before.note(&format!("s{i}"), 0..1, i + 10);
        }
        for i in 0..MAX_RANGES as u64 + 3 {
            before.note("s9", i * 2..i * 2 + 1, 5000);
        }
        before.note("s0", 0..1, 5001);
        let mut after = before.clone();
        after.forget();
        assert_eq!(after.sources.len(), MAX_SOURCES);
        assert_eq!(after.changes_from(Some(&before)).remove, ["fidelog.source.s1", "fidelog.source.s2"]);
        assert_eq!(after.unseen("s0", 0..1), []);
        assert_eq!(after.sources["fidelog.source.s9"].stored.len(), MAX_RANGES);
        assert_eq!(after.unseen("s9", 0..7), [0..6]);
    }

    #[test]
    fn damage_is_named() {
        let bad = HashMap::from([(STORED.into(), "0".into()), ("fidelog.source.x".into(), "{}".into())]);
        assert!(Ledger::read(&bad).unwrap_err().contains("fidelog.source.x"));
        assert!(Ledger::read(&HashMap::new()).unwrap_err().contains(STORED));
    }
}
