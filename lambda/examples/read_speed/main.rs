//! Part of `make bench`: how fast a page is made, on one core: `read_speed RECORDS SCHEMA`, a file of lines and a schema.
//!
//! First over an engine that has its pages in memory, so that only handler and codec work; then over Athena's engine,
//! whose service and result file stand on this machine, in Athena's spelling.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement stops by panicking")]

#[path = "../../../tests/read/fake/clients.rs"]
mod clients;
mod service;
#[path = "../../../tests/read/fake/spelling.rs"]
mod spelling;
#[path = "../../tests/api/stored.rs"]
mod stored;

use std::{sync::Arc, time::Duration, time::Instant};

use async_trait::async_trait;
use fidelog_codec::{Schema, batch::Batch};
use fidelog_lambda::{
    Handler, Request, Response,
    engine::{
        Engine, Page, Position, Result, Start, State, Status,
        athena::{AthenaEngine, Configuration},
    },
    handler::Options,
    token::Signer,
};

/// Records of a page.
const PAGE: usize = 10_000;

/// Each measurement is the best of so many.
const ROUNDS: usize = 7;

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const BLOCK: &str = "application/vnd.fidelog.block";

/// Has one page.
struct InMemory {
    schema: Arc<Schema>,
    page: Page,
}

#[async_trait]
impl Engine for InMemory {
    async fn schemas(&self) -> Result<Vec<Arc<Schema>>> {
        Ok(vec![Arc::clone(&self.schema)])
    }

    async fn start(&self, _query: Start) -> Result<String> {
        Ok("q".into())
    }

    async fn status(&self, _id: &str) -> Result<Status> {
        let rows = Some(self.page.rows as u64);
        Ok(Status { state: State::Succeeded, error: None, engine_ms: 0, bytes_scanned: None, rows })
    }

    async fn page(&self, _id: &str, _at: &Position, _limit: usize) -> Result<Page> {
        Ok(self.page.clone())
    }

    async fn cancel(&self, _id: &str) -> Result<()> {
        Ok(())
    }
}

struct Client {
    handler: Handler,
    id: String,
}

impl Client {
    async fn new(engine: Arc<dyn Engine>) -> Self {
        let handler = Handler::new(engine, Signer::new(b"key"), Options::default());
        let mut client = Client { handler, id: String::new() };
        let body = br#"{"sql": "SELECT * FROM logs"}"#;
        let started = client.ask("POST", "/v1/queries", "", NDJSON, body).await;
        let started: serde_json::Value = serde_json::from_slice(&started.body).unwrap();
        client.id = started["id"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned();
        client
    }

    async fn ask(&self, method: &str, path: &str, query: &str, accept: &str, body: &[u8]) -> Response {
        let request = Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: vec![("accept".into(), accept.into())],
            body: body.into(),
            caller: "ann".into(),
        };
        self.handler.handle(&request).await
    }

    /// All pages: their bytes, and how long they took.
    async fn pages(&self, accept: &str) -> (Vec<u8>, Duration) {
        let (path, mut query) = (format!("/v1/queries/{}/results", self.id), format!("limit={PAGE}"));
        let (mut bytes, begun) = (Vec::new(), Instant::now());
        loop {
            let page = self.ask("GET", &path, &query, accept, b"").await;
            assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.body));
            bytes.extend_from_slice(&page.body);
            match page.header("Fidelog-Next") {
                Some(next) => query = format!("limit={PAGE}&cursor={next}"),
                None => return (bytes, begun.elapsed()),
            }
        }
    }

    /// The same, at its best.
    async fn best(&self, accept: &str) -> (Vec<u8>, Duration) {
        let mut best = self.pages(accept).await;
        for _ in 1..ROUNDS {
            let other = self.pages(accept).await;
            if other.1 < best.1 {
                best = other;
            }
        }
        best
    }
}

fn rate(records: usize, time: Duration) -> f64 {
    records as f64 / time.as_secs_f64()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(schema)) = (arguments.next(), arguments.next()) else {
        panic!("usage: read_speed RECORDS SCHEMA");
    };
    let text = std::fs::read(file).unwrap();
    let schema = Arc::new(Schema::from_json(&std::fs::read_to_string(schema).unwrap()).unwrap());
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    let lines: Vec<&[u8]> = text.split(|&c| c == b'\n').collect();

    let batch = Batch::split(&schema, lines.iter().take(PAGE).copied());
    let rows = batch.rows();
    let place = |row: usize| Position { mark: Arc::default(), offset: row as u64 };
    let page = Page {
        columns: stored::columns(&batch, &schema, schema.version()),
        rows,
        starts: (0..rows).map(place).collect(),
        next: None,
    };
    let client = Client::new(Arc::new(InMemory { schema: Arc::clone(&schema), page })).await;
    let mut sizes = Vec::new();
    for (name, accept) in [("exact lines", NDJSON), ("a block", BLOCK), ("JSON", JSON)] {
        let (bytes, time) = client.best(accept).await;
        let ms = time.as_secs_f64() * 1_000.0;
        println!("handler and codec: a page of {rows} records as {name}: {ms:.1} ms, {} bytes", bytes.len());
        sizes.push(bytes.len());
    }
    if let [lines, block, json] = sizes.as_slice() {
        let of = |size: &usize| *size as f64 / *block as f64;
        println!(
            "a block is {:.1} times smaller than the same page as JSON, {:.1} times than its lines",
            of(json),
            of(lines)
        );
    }

    let batch = Batch::split(&schema, lines.iter().copied());
    let service = service::Service::start(&schema, &stored::columns(&batch, &schema, schema.version()));
    let configuration = Configuration {
        workgroup: service::WORKGROUP.into(),
        database: "d".into(),
        table: "logs".into(),
        time: Duration::from_secs(300),
        reuse_minutes: 0,
    };
    let (athena, s3) = clients::clients(&service.address, ["test"; 2]);
    let client = Client::new(Arc::new(AthenaEngine::new(athena, s3, configuration))).await;
    let (bytes, time) = client.best(NDJSON).await;
    assert!(bytes.strip_suffix(b"\n") == Some(text), "the records are exact");
    println!(
        "from Athena's result file ({} bytes): {} records as exact lines in pages of {PAGE}: {:.0} a second",
        service.size,
        lines.len(),
        rate(lines.len(), time)
    );
    let (_, time) = client.best(BLOCK).await;
    println!("the same as blocks: {:.0} a second", rate(lines.len(), time));
}
