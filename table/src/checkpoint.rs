//! How far each shard of a stream is stored.

use std::cmp::Ordering;

use percent_encoding::utf8_percent_encode;
use serde::{Deserialize, Serialize};

use crate::{append::Part, ledger::PLAIN};

pub(crate) const SHARD_PREFIX: &str = "fidelog.shard.";

/// A shard of one stream, for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard {
    /// The stream's ARN.
    pub stream: String,
    /// When the stream was made, in ms: one that is made again under the same name is another stream.
    pub created: i64,
    /// The shard's own name.
    pub id: String,
}

impl Shard {
    /// The table property of its checkpoint.
    pub(crate) fn key(&self) -> String {
        let Shard { stream, created, id } = self;
        format!("{SHARD_PREFIX}{}", utf8_percent_encode(&format!("{stream}@{created}/{id}"), PLAIN))
    }
}

/// A sequence number: decimal digits of any number, compared as an integer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sequence(String);

impl Sequence {
    /// The number as the stream spelled it, leading zeros and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> &str {
        self.0.trim_start_matches('0')
    }
}

impl TryFrom<String> for Sequence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) {
            return Err(format!("a sequence number in decimal digits expected, found {text:?}"));
        }
        Ok(Sequence(text))
    }
}

impl From<Sequence> for String {
    fn from(sequence: Sequence) -> Self {
        sequence.0
    }
}

impl PartialOrd for Sequence {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sequence {
    fn cmp(&self, other: &Self) -> Ordering {
        let (own, other_digits) = (self.digits(), other.digits());
        let by_value = own.len().cmp(&other_digits.len()).then_with(|| own.cmp(other_digits));
        by_value.then_with(|| self.0.cmp(&other.0))
    }
}

/// Where the reading of a shard starts as long as nothing of it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At the oldest record that the stream still has.
    #[default]
    TrimHorizon,
    /// At the first record that arrived at this time (ms since 1970) or later.
    At(i64),
}

/// How many records came, and what became of them: `received` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Records that came. What could not be decoded counts as one.
    pub received: u64,
    /// Records stored.
    pub stored: u64,
    /// Records left out, because the table had them from the same source.
    pub known: u64,
    /// Dead letters.
    pub dead: u64,
}

impl Counts {
    /// Adds another count to this one.
    pub fn add(&mut self, other: Counts) {
        self.received += other.received;
        self.stored += other.stored;
        self.known += other.known;
        self.dead += other.dead;
    }

    /// What came since an earlier count of the same.
    pub const fn less(self, before: Counts) -> Self {
        Counts {
            received: self.received - before.received,
            stored: self.stored - before.stored,
            known: self.known - before.known,
            dead: self.dead - before.dead,
        }
    }
}

/// How far a shard is stored, and the counts of all that came from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Where its reading started.
    pub start: Start,
    /// The number of the first record that came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<Sequence>,
    /// The number of the last record that is dealt with: reading goes on after it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<Sequence>,
    /// Up to when nothing is missing, in ms since 1970: that one's arrival, or later if nothing came since.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub arrived: Option<i64>,
    /// Whether the shard was closed and is read to its end.
    pub ended: bool,
    /// What became of its records.
    pub counts: Counts,
}

/// What came from a shard since a checkpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The shard.
    pub shard: Shard,
    /// The table's checkpoint after which this was read; none if it had none.
    pub from: Option<Checkpoint>,
    /// Where the reading started if the table had no checkpoint.
    pub start: Start,
    /// The first and the last record's number, and when the last one arrived; none if no record came.
    pub span: Option<Span>,
    /// When the shard was last found to hold nothing more, in ms since 1970.
    pub idle: Option<i64>,
    /// Whether the shard is read to its end with this.
    pub ended: bool,
    /// The records.
    pub parts: Vec<Part>,
    /// How many dead letters came among them; they must be kept before this is stored.
    pub dead: u64,
}

/// A run of a shard's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first one's number.
    pub first: Sequence,
    /// The last one's number.
    pub last: Sequence,
    /// When the last one arrived, in ms since 1970.
    pub arrived: Option<i64>,
}

/// One commit's share in a shard, in the snapshot's summary: from, to and counts, so that the history can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) from: Option<Sequence>,
    pub(crate) to: Option<Sequence>,
    pub(crate) counts: Counts,
}

impl Delivery {
    /// The checkpoint after this, and the step that leads to it.
    pub(crate) fn next(&self, stored: u64, known: u64) -> (Checkpoint, Step) {
        let counts = Counts { received: stored + known + self.dead, stored, known, dead: self.dead };
        let mut next = self.from.clone().unwrap_or(Checkpoint { start: self.start, ..Checkpoint::default() });
        let from = next.last.clone();
        next.ended |= self.ended;
        next.counts.add(counts);
        if let Some(span) = &self.span {
            next.first.get_or_insert_with(|| span.first.clone());
            next.last = Some(span.last.clone());
            next.arrived = span.arrived;
        }
        next.arrived = next.arrived.max(self.idle);
        let step = Step { from, to: next.last.clone(), counts };
        (next, step)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sequence(text: &str) -> Sequence {
        Sequence::try_from(text.to_owned()).unwrap()
    }

    proptest! {
        #[test]
        fn sequences_compare_as_integers(a: u128, b: u128, zeros in 0usize..4) {
            let padded = sequence(&format!("{}{a}", "0".repeat(zeros)));
            let plain = sequence(&b.to_string());
            if a != b {
                prop_assert_eq!(padded.cmp(&plain), a.cmp(&b));
            }
            prop_assert_eq!(padded == plain, padded.cmp(&plain) == Ordering::Equal);
        }
    }

    #[test]
    fn only_digits_are_a_sequence() {
        for bad in ["", "x", "-1", "1 "] {
            assert!(Sequence::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_checkpoint_is_written_as_it_always_was() {
        let shard =
            Shard { stream: "arn:aws:kinesis:x:1:stream/s".into(), created: 7, id: "shardId-0".into() };
        assert_eq!(shard.key(), "fidelog.shard.arn%3Aaws%3Akinesis%3Ax%3A1%3Astream%2Fs%407%2FshardId-0");
        let delivery = Delivery {
            shard,
            from: None,
            start: Start::At(5),
            span: Some(Span { first: sequence("1"), last: sequence("12"), arrived: Some(9) }),
            idle: None,
            ended: false,
            parts: Vec::new(),
            dead: 1,
        };
        let (next, step) = delivery.next(3, 2);
        let text = serde_json::to_string(&next).unwrap();
        assert_eq!(
            text,
            r#"{"start":{"at":5},"first":"1","last":"12","arrived":9,"ended":false,"counts":{"received":6,"stored":3,"known":2,"dead":1}}"#
        );
        assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), next);
        assert_eq!(step, Step { from: None, to: Some(sequence("12")), counts: next.counts });
        let last = Delivery { from: Some(next.clone()), span: None, ended: true, dead: 0, ..delivery };
        let (end, step) = last.next(0, 0);
        assert_eq!(end, Checkpoint { ended: true, ..next });
        assert_eq!((step.from, step.to), (Some(sequence("12")), Some(sequence("12"))));
    }
}
