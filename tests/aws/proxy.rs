//! A proxy before the local AWS, which answers as its rules say: passes calls on, or does what the real one does on a
//! bad day.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use serde_json::Value;
use ureq::http;

use crate::harness::{agent, endpoint};

mod faults;
mod hold;
mod optimizers;

pub use self::{faults::Faults, hold::Hold, optimizers::Optimizers};

/// A running proxy; it ends with the test's process.
pub struct Proxy {
    port: u16,
}

/// A call.
pub struct Request {
    /// What it calls: `PutRecords`, `UpdateTable`, `GetObject`, …
    pub call: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the caller gets.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How it gets there.
    pub way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Whole,
    /// Only half of the body, then the connection ends.
    Cut,
    /// In small pieces with pauses between them.
    Trickled,
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type".into(), "application/x-amz-json-1.1".into())];
        Answer { status, headers, body: body.to_string().into_bytes(), way: Way::Whole }
    }

    fn write(&self, mut to: &TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status);
        let has_length = self.headers.iter().any(|(name, _)| name == "content-length");
        let length = (!has_length).then(|| ("content-length".to_owned(), self.body.len().to_string()));
        for (name, value) in self.headers.iter().chain(&length) {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        match self.way {
            Way::Whole => to.write_all(&[head.as_bytes(), &self.body].concat()),
            Way::Cut => to.write_all(&[head.as_bytes(), &self.body[..self.body.len() / 2]].concat()),
            Way::Trickled => {
                to.write_all(head.as_bytes())?;
                for piece in self.body.chunks(self.body.len() / 15 + 1) {
                    thread::sleep(Duration::from_millis(100));
                    to.write_all(piece)?;
                }
                Ok(())
            }
        }
    }
}

impl Proxy {
    /// Answers by `rules`; without an answer the connection is closed.
    pub fn start(rules: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let rules = Arc::new(rules);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let rules = Arc::clone(&rules);
                thread::spawn(move || serve(&stream, &*rules));
            }
        });
        Proxy { port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// One connection: request after request, until a fault ends it.
fn serve(stream: &TcpStream, rules: &dyn Fn(&Request) -> Option<Answer>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let Some(answer) = rules(&request) else { return };
        if answer.write(stream).is_err() || answer.way == Way::Cut {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&n| n > 0)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
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
    let call = match header("x-amz-target") {
        Some(target) => target.rsplit('.').next().unwrap_or_default().into(),
        None => match method.as_str() {
            "GET" if path.contains("list-type=") => "ListObjects".into(),
            "GET" => "GetObject".into(),
            "PUT" => "PutObject".into(),
            other => other.into(),
        },
    };
    Some(Request { call, method, path, headers, body })
}

/// What the local AWS says to a call, with this body.
pub fn forward(request: &Request, body: &[u8]) -> Answer {
    let url = format!("{}{}", endpoint(), request.path);
    let mut call = http::Request::builder().method(request.method.as_str()).uri(url);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "host" | "content-length" | "connection" | "expect") {
            call = call.header(name, value);
        }
    }
    let mut answer = agent().run(call.body(body).unwrap()).expect("the local AWS answers");
    let body = answer.body_mut().with_config().limit(256 << 20).read_to_vec().expect("a body");
    // What a HEAD is told of the body's length is kept.
    let is_own = |name: &str| match name {
        "connection" | "transfer-encoding" | "date" | "server" => false,
        "content-length" => request.method == "HEAD",
        _ => true,
    };
    let headers = answer.headers().iter().filter(|(name, _)| is_own(name.as_str()));
    let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    Answer { status: answer.status().as_u16(), headers, body, way: Way::Whole }
}

/// The same, as it was asked.
pub fn pass(request: &Request) -> Answer {
    forward(request, &request.body)
}
