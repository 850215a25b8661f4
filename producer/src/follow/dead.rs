//! Dead letters of a stream: what they are called, and what is in them.

use base64::{Engine, engine::general_purpose::STANDARD};
use fidelog_table::{Sequence, Shard};
use serde::Serialize;

use crate::payload::Dead;

/// A dead letter, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// The same whenever it is met, so that it is kept once.
    pub(super) name: String,
    /// The document.
    pub(super) document: Vec<u8>,
}

#[derive(Serialize)]
struct Document<'a> {
    reason: &'a str,
    stream: &'a str,
    shard: &'a str,
    sequence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    arrived: Option<i64>,
    data: String,
}

impl Letter {
    pub(super) fn new(shard: &Shard, sequence: &Sequence, arrived: Option<i64>, dead: &Dead) -> Self {
        let stream = shard.stream.rsplit('/').next().unwrap_or_default();
        let inside = dead.index.map(|i| format!("-{i}")).unwrap_or_default();
        let document = Document {
            reason: &dead.reason,
            stream: &shard.stream,
            shard: &shard.id,
            sequence: sequence.as_str(),
            index: dead.index,
            arrived,
            data: STANDARD.encode(&dead.bytes),
        };
        Letter {
            name: format!("{stream}-{}/{}/{}{inside}.json", shard.created, shard.id, sequence.as_str()),
            // Text and numbers: nothing in them can fail.
            document: serde_json::to_vec(&document).unwrap_or_default(),
        }
    }
}
