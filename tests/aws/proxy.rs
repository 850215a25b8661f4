//! A proxy before the local AWS that does what the real one does on a bad day.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::harness::{agent, endpoint};

/// The faults, each named after what the caller gets to see.
pub const KINDS: [&str; 8] = [
    "PutRecords throttled",
    "PutRecords in part",
    "PutRecords done, no answer",
    "PutRecords 500",
    "GetRecords throttled",
    "GetRecords expired",
    "GetRecords cut",
    "UpdateTable done, 500",
];

const THROTTLE: &str = "ProvisionedThroughputExceededException";

/// A running proxy; it ends with the test's process.
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    /// With which fault to begin.
    seed: usize,
    /// Calls so far, by what they call.
    turns: BTreeMap<String, usize>,
    /// A call of which the first is passed on only once it is let go; then there are no other faults.
    hold: Option<&'static str>,
    let_go: bool,
    quiet: bool,
    done: BTreeMap<&'static str, usize>,
}

struct Request {
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What the caller gets: a status and a body, of which only some arrives if it is cut.
struct Answer {
    status: u16,
    body: Vec<u8>,
    cut: bool,
}

impl Proxy {
    pub fn start(seed: usize) -> Self {
        let state = State {
            seed,
            turns: BTreeMap::new(),
            hold: None,
            let_go: false,
            quiet: false,
            done: BTreeMap::new(),
        };
        Proxy::with(state)
    }

    /// One that only holds up the first call of a kind.
    pub fn holding(call: &'static str) -> Self {
        let (turns, done) = (BTreeMap::new(), BTreeMap::new());
        Proxy::with(State { seed: 0, turns, hold: Some(call), let_go: false, quiet: true, done })
    }

    /// Passes on what it holds up.
    pub fn let_go(&self) {
        self.state.lock().unwrap().let_go = true;
    }

    fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(state));
        let proxy = Proxy { port, state: Arc::clone(&state) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How often each fault happened.
    pub fn done(&self) -> BTreeMap<&'static str, usize> {
        self.state.lock().unwrap().done.clone()
    }
}

/// One connection: request after request, until a fault ends it.
fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let Some(answer) = handle(&request, state) else { return };
        let head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
            answer.status,
            answer.body.len()
        );
        let body = if answer.cut { &answer.body[..answer.body.len() / 2] } else { &answer.body[..] };
        let mut writer = stream;
        if writer.write_all(&[head.as_bytes(), body].concat()).is_err() || answer.cut {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&n| n > 0)?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let length: usize = header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let target = header("x-amz-target").unwrap_or_default();
    Some(Request { target: target.rsplit('.').next().unwrap_or_default().into(), headers, body })
}

/// `None`: the connection is closed without a word.
fn handle(request: &Request, state: &Mutex<State>) -> Option<Answer> {
    let held = state.lock().unwrap().held(&request.target);
    while held && !state.lock().unwrap().let_go {
        thread::sleep(Duration::from_millis(20));
    }
    let fault = state.lock().unwrap().next(&request.target);
    let error = |status, kind: &str| {
        let body = json!({"__type": kind, "message": "a bad day"}).to_string().into_bytes();
        Some(Answer { status, body, cut: false })
    };
    match fault {
        Some("PutRecords throttled" | "GetRecords throttled") => error(400, THROTTLE),
        Some("PutRecords in part") => Some(in_part(request)),
        Some("PutRecords done, no answer") => {
            forward(request, &request.body);
            None
        }
        Some("PutRecords 500") => error(500, "InternalFailure"),
        Some("GetRecords expired") => error(400, "ExpiredIteratorException"),
        Some("GetRecords cut") => Some(Answer { cut: true, ..forward(request, &request.body) }),
        Some("UpdateTable done, 500") => {
            forward(request, &request.body);
            error(500, "InternalServiceException")
        }
        _ => Some(forward(request, &request.body)),
    }
}

impl State {
    /// Whether to wait before this call is passed on.
    fn held(&mut self, target: &str) -> bool {
        let Some(call) = self.hold.take_if(|call| *call == target) else { return false };
        *self.done.entry(call).or_default() += 1;
        true
    }

    /// The next fault of a call: each in its turn, with calls between them that go well.
    fn next(&mut self, target: &str) -> Option<&'static str> {
        if self.quiet {
            return None;
        }
        let kinds: Vec<&str> =
            KINDS.into_iter().filter(|kind| kind.split(' ').next() == Some(target)).collect();
        let turn = self.turns.entry(target.to_owned()).or_insert(self.seed);
        *turn += 1;
        let fault =
            if (*turn).is_multiple_of(2) { kinds.get(*turn / 2 % kinds.len().max(1)).copied() } else { None };
        if let Some(kind) = fault {
            *self.done.entry(kind).or_default() += 1;
        }
        fault
    }
}

/// Every third entry fails, the others are put.
fn in_part(request: &Request) -> Answer {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    let entries = body["Records"].as_array_mut().unwrap();
    let all = entries.len();
    let mut index = 0..;
    entries.retain(|_| index.next().unwrap_or(0) % 3 != 0);
    let taken = if entries.is_empty() {
        Vec::new()
    } else {
        let answer = forward(request, body.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        answer["Records"].as_array().unwrap().clone()
    };
    let mut taken = taken.into_iter();
    let failed = json!({"ErrorCode": THROTTLE, "ErrorMessage": "Rate exceeded for shard"});
    let results: Vec<Value> =
        (0..all).map(|i| if i % 3 == 0 { failed.clone() } else { taken.next().unwrap() }).collect();
    let body = json!({"FailedRecordCount": all.div_ceil(3), "Records": results});
    Answer { status: 200, body: body.to_string().into_bytes(), cut: false }
}

fn forward(request: &Request, body: &[u8]) -> Answer {
    let mut call = agent().post(endpoint());
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "host" | "content-length" | "connection" | "expect") {
            call = call.header(name, value);
        }
    }
    let mut answer = call.send(body).expect("the local AWS answers");
    let body = answer.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
    Answer { status: answer.status().as_u16(), body, cut: false }
}
