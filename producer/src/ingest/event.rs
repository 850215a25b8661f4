//! What Lambda invokes the function with: a batch of a shard's records, or a schedule's wish to look after a stream.

use std::collections::{BTreeMap, VecDeque};

use aws_lambda_events::event::kinesis::{KinesisEvent, KinesisEventRecord};
use fidelog_table::Sequence;
use serde::Deserialize;

use crate::kinesis::Got;

/// An invocation's payload.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// From an event-source mapping.
    Records(KinesisEvent),
    /// From a schedule: the stream's name.
    Look {
        /// The name.
        stream: String,
    },
}

/// Records of one shard, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The stream's name.
    pub stream: String,
    /// The shard's name.
    pub shard: String,
    /// The records that are not known to be stored.
    pub records: VecDeque<Got>,
    /// The first one of them; the last one once there are none.
    pub at: Sequence,
    /// Whether some that it began with are stored.
    pub is_cut: bool,
}

impl Batch {
    /// Drops the records up to this one: they are stored.
    pub(super) fn drop_until(&mut self, last: Option<&Sequence>) {
        let Some(last) = last else { return };
        while let Some(got) = self.records.pop_front_if(|got| got.sequence <= *last) {
            self.is_cut = true;
            self.at = got.sequence;
        }
        if let Some(next) = self.records.front() {
            self.at = next.sequence.clone();
        }
    }
}

/// The event's records by shard; an error for what no mapping sends.
pub fn batches(event: KinesisEvent) -> Result<Vec<Batch>, String> {
    let mut batches: BTreeMap<(String, String), Batch> = BTreeMap::new();
    for record in event.records {
        let (stream, shard) = names(&record)?;
        let got = got(record)?;
        let batch = batches.entry((stream.clone(), shard.clone())).or_insert_with(|| Batch {
            stream,
            shard,
            records: VecDeque::new(),
            at: got.sequence.clone(),
            is_cut: false,
        });
        batch.records.push_back(got);
    }
    Ok(batches.into_values().collect())
}

/// The names of the stream (`arn:aws:kinesis:REGION:ACCOUNT:stream/NAME`) and the shard (`SHARD:SEQUENCE`).
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>
fn names(record: &KinesisEventRecord) -> Result<(String, String), String> {
    let arn = record.event_source_arn.as_deref().unwrap_or_default();
    let id = record.event_id.as_deref().unwrap_or_default();
    match (arn.split_once(":stream/"), id.split_once(':')) {
        (Some((_, stream)), Some((shard, _))) => Ok((stream.to_owned(), shard.to_owned())),
        _ => Err(format!("a record of a Kinesis stream expected, found event {id:?} of {arn:?}")),
    }
}

fn got(record: KinesisEventRecord) -> Result<Got, String> {
    let data = record.kinesis;
    let sequence = Sequence::try_from(data.sequence_number)?;
    let arrived = data.approximate_arrival_timestamp.timestamp_millis();
    Ok(Got { sequence, arrived: Some(arrived), data: data.data.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(shard: &str, sequence: u64) -> serde_json::Value {
        serde_json::json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "1",
                "sequenceNumber": sequence.to_string(),
                "data": "eyJhIjoxfQ==",
                "approximateArrivalTimestamp": 1545084650.987,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("{shard}:{sequence}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
            "awsRegion": "us-east-2",
            "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
        })
    }

    fn event(records: &[serde_json::Value]) -> Event {
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    #[test]
    fn an_event_is_the_records_of_its_shards() {
        let Event::Records(event) = event(&[record("s-1", 7), record("s-2", 3), record("s-1", 12)]) else {
            panic!("records expected")
        };
        let batches = batches(event).unwrap();
        let numbers =
            |batch: &Batch| batch.records.iter().map(|got| got.sequence.as_str().to_owned()).collect();
        let found: Vec<(&str, Vec<String>)> = batches.iter().map(|b| (&*b.shard, numbers(b))).collect();
        assert_eq!(found, [("s-1", vec!["7".into(), "12".into()]), ("s-2", vec!["3".into()])]);
        let first = &batches[0].records[0];
        assert_eq!((&*batches[0].stream, &*first.data), ("lambda-stream", b"{\"a\":1}".as_slice()));
        assert_eq!(first.arrived, Some(1_545_084_650_987));
    }

    #[test]
    fn what_is_stored_is_dropped() {
        let Event::Records(event) = event(&[record("s", 7), record("s", 9), record("s", 100)]) else {
            panic!("records expected")
        };
        let mut batch = batches(event).unwrap().remove(0);
        let number = |n: u64| Sequence::try_from(n.to_string()).unwrap();
        batch.drop_until(None);
        batch.drop_until(Some(&number(6)));
        assert_eq!((batch.records.len(), batch.is_cut, batch.at.as_str()), (3, false, "7"));
        batch.drop_until(Some(&number(10)));
        assert_eq!((batch.records.len(), batch.is_cut, batch.at.as_str()), (1, true, "100"));
        batch.drop_until(Some(&number(100)));
        assert!(batch.records.is_empty());
    }

    #[test]
    fn what_no_mapping_sends_is_refused() {
        assert!(
            matches!(serde_json::from_str(r#"{"stream":"s"}"#), Ok(Event::Look { stream }) if stream == "s")
        );
        assert!(serde_json::from_str::<Event>("{}").is_err());
        for key in ["eventID", "eventSourceARN"] {
            let mut foreign = record("s", 1);
            foreign[key] = "x".into();
            let Event::Records(event) = event(&[foreign]) else { panic!("records expected") };
            assert!(batches(event).is_err(), "{key}");
        }
    }
}
