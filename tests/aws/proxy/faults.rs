//! What goes wrong, each in its turn.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{Answer, Proxy, Request, Way, forward, pass};

const THROTTLE: &str = "ProvisionedThroughputExceededException";

/// Longer than the command waits for an answer of Kinesis.
const TOO_LATE: Duration = Duration::from_secs(32);

/// A proxy at which calls fail, each fault named after what the caller gets to see.
pub struct Faults {
    proxy: Proxy,
    state: Arc<Mutex<State>>,
}

struct State {
    kinds: &'static [&'static str],
    /// With which fault to begin.
    seed: usize,
    /// Calls so far, by what they call.
    turns: BTreeMap<String, usize>,
    done: BTreeMap<&'static str, usize>,
}

impl Faults {
    /// All that can go wrong where records may be put twice.
    pub const ALL: &[&str] = &[
        "PutRecords throttled",
        "PutRecords in part",
        "PutRecords done, no answer",
        "PutRecords 500",
        "GetRecords throttled",
        "GetRecords expired",
        "GetRecords cut",
        "GetRecords 500",
        "UpdateTable done, 500",
        "UpdateTable conflict",
        "UpdateTable throttled",
    ];

    /// S3 on a bad day.
    pub const S3: &[&str] = &[
        "GetObject trickled",
        "GetObject cut",
        "GetObject 503",
        "GetObject late",
        "PutObject late",
        "PutObject 503",
        "PutObject done, no answer",
    ];

    /// Of 500 entries 7 are not put.
    pub const SEVEN: &[&str] = &["PutRecords 7 of 500"];

    /// What is for the first half of the keys' hashes is not put.
    pub const HOT: &[&str] = &["PutRecords hot shard"];

    /// An answer that nobody waits for.
    pub const LATE: &[&str] = &["PutRecords done, too late"];

    pub fn start(seed: usize, kinds: &'static [&'static str]) -> Self {
        let state =
            Arc::new(Mutex::new(State { kinds, seed, turns: BTreeMap::new(), done: BTreeMap::new() }));
        let shared = Arc::clone(&state);
        let proxy = Proxy::start(move |request| {
            let fault = shared.lock().unwrap().next(&request.call);
            match fault {
                Some(fault) => answer(request, fault),
                None => Some(pass(request)),
            }
        });
        Faults { proxy, state }
    }

    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// Fails unless each fault happened; says how often.
    pub fn all_happened(&self) {
        let state = self.state.lock().unwrap();
        println!("faults, seed {}: {:?}", state.seed, state.done);
        for kind in state.kinds {
            assert!(state.done.contains_key(kind), "no {kind} happened: {:?}", state.done);
        }
    }

    /// How often one happened.
    pub fn count(&self, kind: &str) -> usize {
        self.state.lock().unwrap().done.get(kind).copied().unwrap_or(0)
    }
}

impl State {
    /// The next fault of a call: each in its turn, with calls between them that go well.
    fn next(&mut self, call: &str) -> Option<&'static str> {
        let kinds: Vec<&'static str> =
            self.kinds.iter().copied().filter(|kind| kind.split(' ').next() == Some(call)).collect();
        let turn = self.turns.entry(call.to_owned()).or_insert(self.seed);
        *turn += 1;
        let fault =
            if (*turn).is_multiple_of(2) { kinds.get(*turn / 2 % kinds.len().max(1)).copied() } else { None };
        if let Some(kind) = fault {
            *self.done.entry(kind).or_default() += 1;
        }
        fault
    }
}

/// `None`: the connection is closed without a word.
fn answer(request: &Request, fault: &str) -> Option<Answer> {
    let error =
        |status, kind: &str| Some(Answer::json(status, &json!({"__type": kind, "message": "a bad day"})));
    match fault.split_once(' ').unwrap().1 {
        "throttled" if request.call == "UpdateTable" => error(400, "ThrottlingException"),
        "throttled" => error(400, THROTTLE),
        "in part" => Some(in_part(request, |i, _| i % 3 == 0)),
        "7 of 500" => Some(in_part(request, |i, _| i % 71 == 3 && i < 500)),
        "hot shard" => Some(in_part(request, |_, key| Md5::digest(key)[0] < 0x80)),
        "done, no answer" => {
            pass(request);
            None
        }
        "done, too late" => {
            let answer = pass(request);
            thread::sleep(TOO_LATE);
            Some(answer)
        }
        "done, 500" => {
            pass(request);
            error(500, "InternalServiceException")
        }
        "500" => error(500, "InternalFailure"),
        "503" => error(503, "SlowDown"),
        "conflict" => error(400, "ConcurrentModificationException"),
        "expired" => error(400, "ExpiredIteratorException"),
        "cut" => Some(Answer { way: Way::Cut, ..pass(request) }),
        "trickled" => Some(Answer { way: Way::Trickled, ..pass(request) }),
        "late" => {
            let answer = pass(request);
            thread::sleep(Duration::from_secs(2));
            Some(answer)
        }
        other => panic!("{other}"),
    }
}

/// Some entries fail, by position and key, the others are put.
fn in_part(request: &Request, fails: impl Fn(usize, &str) -> bool) -> Answer {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    let entries = body["Records"].as_array_mut().unwrap();
    let key = |entry: &Value| entry["PartitionKey"].as_str().unwrap().to_owned();
    let failing: Vec<bool> = entries.iter().enumerate().map(|(i, entry)| fails(i, &key(entry))).collect();
    let mut each = failing.iter();
    entries.retain(|_| !each.next().unwrap());
    let taken = if entries.is_empty() {
        Vec::new()
    } else {
        let answer = forward(request, body.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        answer["Records"].as_array().unwrap().clone()
    };
    let mut taken = taken.into_iter();
    let failed = json!({"ErrorCode": THROTTLE, "ErrorMessage": "Rate exceeded for shard"});
    let result = |fails: &bool| if *fails { failed.clone() } else { taken.next().unwrap() };
    let results: Vec<Value> = failing.iter().map(result).collect();
    let count = failing.iter().filter(|fails| **fails).count();
    Answer::json(200, &json!({"FailedRecordCount": count, "Records": results}))
}
