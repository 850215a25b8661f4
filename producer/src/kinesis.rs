//! Kinesis: the one file that calls it. It makes one attempt at a time; who calls decides what to do about a failure.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_kinesis::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::RequestId,
    primitives::{Blob, DateTime},
    types::{PutRecordsRequestEntry, Record, Shard, ShardIteratorType},
};
use fidelog_table::{Sequence, Start};

/// Longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(30);

/// Most records in a page, as the service allows; it cuts pages at 10 MB, too.
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html>
pub const PAGE: i32 = 10_000;

/// Most bytes of a record and its key where the stream does not say.
/// <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>
const MAX_RECORD: usize = 1 << 20;

/// A stream.
#[derive(Clone, Debug)]
pub struct Stream {
    client: Client,
    name: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made, in ms since 1970.
    pub created: i64,
    /// How long it keeps records.
    pub retention: Duration,
    /// Most bytes of a record and its key.
    pub max_record: usize,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Too many calls, or too much data: later it goes on.
    Throttled(String),
    /// The iterator is too old: a new one is needed.
    Expired,
    /// No answer, or one that does not tell: the call may have been done or not.
    Unknown(String),
    /// It will not do.
    Refused(String),
}

/// What is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Decides the shard.
    pub key: String,
    /// The record's data.
    pub data: Vec<u8>,
}

/// A record that was got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// Its number in the shard.
    pub sequence: Sequence,
    /// When it arrived, in ms since 1970.
    pub arrived: Option<i64>,
    /// Its data.
    pub data: Vec<u8>,
}

/// What one call got.
#[derive(Clone, Debug)]
pub struct Page {
    /// The records; there may be none though more follow.
    pub records: Vec<Got>,
    /// The iterator to go on with; none: the shard is closed, and this was its end.
    pub next: Option<String>,
    /// How long ago the last of them arrived, compared with the newest in the shard; zero if nothing is after them.
    pub behind: Duration,
}

/// Where to read a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// From the start.
    Start(Start),
    /// After a record.
    After(Sequence),
}

/// A shard, and those that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// The names of those that it was made from.
    pub parents: Vec<String>,
}

impl Stream {
    /// Finds a stream; region, credentials and endpoint are those that the AWS tools find.
    pub async fn open(name: &str) -> Result<Self, Failure> {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).build();
        let aws = aws_config::defaults(BehaviorVersion::latest())
            // What may be repeated, and after which pause, is decided where the records are known.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .load()
            .await;
        if aws.region().is_none() {
            return Err(Failure::Refused(
                "no AWS region is set; set AWS_REGION, or a region in the AWS profile".into(),
            ));
        }
        let client = Client::new(&aws);
        let answer = client.describe_stream_summary().stream_name(name).send().await.map_err(failure)?;
        let Some(summary) = answer.stream_description_summary() else {
            return Err(Failure::Unknown("no description of the stream".into()));
        };
        let hours = u64::try_from(summary.retention_period_hours()).unwrap_or(24);
        let max_record = summary.max_record_size_in_kib().and_then(|kib| usize::try_from(kib).ok());
        Ok(Stream {
            arn: summary.stream_arn().to_owned(),
            created: millis(summary.stream_creation_timestamp()).unwrap_or(0),
            retention: Duration::from_secs(hours * 3600),
            max_record: max_record.map_or(MAX_RECORD, |kib| kib << 10),
            name: name.to_owned(),
            client,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All shards that it still has, open and closed.
    pub async fn shards(&self) -> Result<Vec<Listed>, Failure> {
        let mut shards = Vec::new();
        let mut next = None;
        loop {
            let call = self.client.list_shards();
            // The token stands for the stream.
            let call = match next.take() {
                Some(token) => call.next_token(token),
                None => call.stream_name(&self.name),
            };
            let answer = call.send().await.map_err(failure)?;
            shards.extend(answer.shards().iter().map(listed));
            match answer.next_token {
                Some(token) => next = Some(token),
                None => return Ok(shards),
            }
        }
    }

    /// An iterator over a shard.
    pub async fn iterator(&self, shard: &str, position: &Position) -> Result<String, Failure> {
        let call = self.client.get_shard_iterator().stream_name(&self.name).shard_id(shard);
        let call = match position {
            Position::Start(Start::TrimHorizon) => call.shard_iterator_type(ShardIteratorType::TrimHorizon),
            Position::Start(Start::At(ms)) => {
                call.shard_iterator_type(ShardIteratorType::AtTimestamp).timestamp(DateTime::from_millis(*ms))
            }
            Position::After(sequence) => call
                .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
                .starting_sequence_number(sequence.as_str()),
        };
        let answer = call.send().await.map_err(failure)?;
        answer.shard_iterator.ok_or_else(|| Failure::Unknown("no iterator in the answer".into()))
    }

    /// The next page, of at most so many records.
    pub async fn get(&self, iterator: &str, limit: i32) -> Result<Page, Failure> {
        let call = self.client.get_records().shard_iterator(iterator).limit(limit);
        let answer = call.send().await.map_err(failure)?;
        // Who does not say is behind as long as there are records.
        let unsaid = i64::from(!answer.records.is_empty());
        let behind = u64::try_from(answer.millis_behind_latest.unwrap_or(unsaid)).unwrap_or(0);
        let records = answer.records.into_iter().map(got).collect::<Result<_, _>>()?;
        Ok(Page { records, next: answer.next_shard_iterator, behind: Duration::from_millis(behind) })
    }

    /// Puts entries; gives the indices of those that failed, and why one of them did.
    pub async fn put(&self, entries: &[&Entry]) -> Result<(Vec<usize>, Option<String>), Failure> {
        let mut call = self.client.put_records().stream_name(&self.name);
        for entry in entries {
            let record = PutRecordsRequestEntry::builder()
                .data(Blob::new(entry.data.clone()))
                .partition_key(&entry.key)
                .build()
                .map_err(|error| Failure::Refused(error.to_string()))?;
            call = call.records(record);
        }
        let answer = call.send().await.map_err(failure)?;
        let results = answer.records();
        let why = results.iter().find_map(|r| r.error_message().or(r.error_code())).map(Into::into);
        let failed = failed_entries(entries.len(), results.iter().map(|r| r.sequence_number().is_some()));
        match failed {
            Some(failed) => Ok((failed, why)),
            None => Err(Failure::Unknown(format!("{} answers to {} records", results.len(), entries.len()))),
        }
    }
}

/// The indices of the entries that were not taken; `None` unless there is an answer to each.
fn failed_entries(entries: usize, taken: impl ExactSizeIterator<Item = bool>) -> Option<Vec<usize>> {
    (taken.len() == entries).then(|| taken.enumerate().filter(|(_, taken)| !taken).map(|(i, _)| i).collect())
}

fn listed(shard: &Shard) -> Listed {
    let parents = [shard.parent_shard_id(), shard.adjacent_parent_shard_id()];
    Listed {
        id: shard.shard_id().to_owned(),
        parents: parents.into_iter().flatten().map(Into::into).collect(),
    }
}

fn got(record: Record) -> Result<Got, Failure> {
    let arrived = record.approximate_arrival_timestamp().and_then(millis);
    let sequence = Sequence::try_from(record.sequence_number).map_err(Failure::Refused)?;
    Ok(Got { sequence, arrived, data: record.data.into_inner() })
}

fn millis(time: &DateTime) -> Option<i64> {
    time.to_millis().ok()
}

fn failure<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + RequestId + std::error::Error + 'static,
    SdkError<E>: ProvideErrorMetadata,
{
    let code = error.code().unwrap_or_default().to_owned();
    let detail = match (&code, error.message()) {
        (code, Some(message)) if !code.is_empty() => format!("{code}: {message}"),
        _ => DisplayErrorContext(&error).to_string(),
    };
    let server_fault = error.raw_response().is_some_and(|answer| answer.status().is_server_error());
    match &error {
        SdkError::ServiceError(_) if code == "ExpiredIteratorException" => Failure::Expired,
        SdkError::ServiceError(_) if is_throttle(&code) => Failure::Throttled(detail),
        SdkError::ServiceError(_) if !server_fault => Failure::Refused(detail),
        SdkError::ConstructionFailure(_) => Failure::Refused(detail),
        SdkError::DispatchFailure(_) if detail.contains("credentials") => Failure::Refused(detail),
        _ => Failure::Unknown(detail),
    }
}

fn is_throttle(code: &str) -> bool {
    ["Throughput", "Throttl", "LimitExceeded", "RequestRate"].iter().any(|word| code.contains(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_entries_that_failed_are_those_not_taken(taken: Vec<bool>, more in 0usize..3) {
            let failed = failed_entries(taken.len(), taken.iter().copied()).unwrap();
            for (i, taken) in taken.iter().enumerate() {
                prop_assert_eq!(failed.contains(&i), !taken);
            }
            prop_assert!(failed.windows(2).all(|w| w[0] < w[1]));
            prop_assert_eq!(failed_entries(taken.len() + more, taken.iter().copied()).is_some(), more == 0);
        }
    }

    #[test]
    fn throttles_are_told_from_refusals() {
        for code in [
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "KMSThrottlingException",
            "LimitExceededException",
        ] {
            assert!(is_throttle(code), "{code}");
        }
        assert!(!is_throttle("ResourceNotFoundException"));
    }
}
