//! What Lambda invokes the function with: a batch of a shard's records, or a schedule's wish to look after a stream.

use std::collections::{BTreeMap, VecDeque};

use base64::{Engine, engine::general_purpose::STANDARD};
use fidelog_table::Sequence;
use serde::{Deserialize, Serialize};

use crate::kinesis::Got;

/// An invocation's payload.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// From an event-source mapping.
    Records(Records),
    /// From a schedule: the stream's name.
    Look {
        /// The name.
        stream: String,
    },
}

/// What a mapping hands over. <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>
#[derive(Debug, Deserialize)]
pub struct Records {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "eventID")]
    id: String,
    #[serde(rename = "eventSourceARN")]
    arn: String,
    kinesis: Data,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    sequence_number: String,
    /// In seconds since 1970.
    approximate_arrival_timestamp: f64,
    data: String,
}

/// What is answered: from which records on a batch is to be handed over again.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Response {
    /// Adds a shard's first record that is not stored.
    pub fn failed_at(&mut self, sequence: Sequence) {
        self.batch_item_failures.push(Failure { item_identifier: sequence.into() });
    }

    /// Whether all is stored.
    pub const fn is_success(&self) -> bool {
        self.batch_item_failures.is_empty()
    }
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
pub fn batches(event: Records) -> Result<Vec<Batch>, String> {
    let mut batches: BTreeMap<(String, String), Batch> = BTreeMap::new();
    for record in event.records {
        let (stream, shard) = names(&record)?;
        let got = got(record.kinesis)?;
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
fn names(Record { id, arn, .. }: &Record) -> Result<(String, String), String> {
    match (arn.split_once(":stream/"), id.split_once(':')) {
        (Some((_, stream)), Some((shard, _))) => Ok((stream.to_owned(), shard.to_owned())),
        _ => Err(format!("a record of a Kinesis stream expected, found event {id:?} of {arn:?}")),
    }
}

fn got(data: Data) -> Result<Got, String> {
    let sequence = Sequence::try_from(data.sequence_number)?;
    let bytes = STANDARD.decode(data.data);
    let bytes = bytes.map_err(|error| format!("record {}: {error}", sequence.as_str()))?;
    let arrived = (data.approximate_arrival_timestamp * 1000.0).round() as i64;
    Ok(Got { sequence, arrived: Some(arrived), data: bytes })
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
