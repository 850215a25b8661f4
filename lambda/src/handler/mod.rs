//! One request in, one response out: the routes.

mod describe;
mod query;
mod results;
mod turns;

use std::{sync::Arc, time::Duration};

use self::turns::Turns;
use crate::{
    engine::{Engine, EngineError},
    gzip, openapi,
    problem::{Code, Problem},
    request::Request,
    response::{JSON, Response},
    token::Signer,
};

/// The largest request body.
pub const MAX_REQUEST: usize = 1 << 20;

/// Rows that a query may give unless the host says otherwise.
pub const MAX_ROWS: u64 = 10_000_000;

/// The most that a host may say: as far as LIMIT counts.
pub const MAX_ROWS_SETTING: u64 = 999_999_999_999_999;

/// What the handler does besides its engine's work.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the log table in SQL.
    pub table: String,
    /// How long `GET /v1/query` waits for the query to end: less than the gateway waits for us.
    pub wait: Duration,
    /// How many queries of one caller may run at once.
    pub queries_per_caller: usize,
    /// How many rows a query may give.
    pub max_rows: u64,
}

impl Default for Options {
    fn default() -> Self {
        // An HTTP API's integration has 30 s.
        Options {
            table: "logs".into(),
            wait: Duration::from_secs(20),
            queries_per_caller: 100,
            max_rows: MAX_ROWS,
        }
    }
}

/// Answers requests over one engine. It keeps nothing but a count of callers' queries: any number of handlers may
/// answer for one another.
#[derive(Clone)]
pub struct Handler {
    engine: Arc<dyn Engine>,
    signer: Signer,
    options: Options,
    turns: Arc<Turns>,
}

impl Handler {
    /// A handler over an engine.
    pub fn new(engine: Arc<dyn Engine>, signer: Signer, options: Options) -> Self {
        let turns = Arc::new(Turns::new(options.queries_per_caller));
        Handler { engine, signer, options, turns }
    }

    /// Answers one request.
    pub async fn handle(&self, request: &Request) -> Response {
        let response = self.route(request).await.unwrap_or_else(Response::from);
        if !gzip::applies(request, &response) {
            return response;
        }
        // It computes: not on the threads that answer requests.
        let packed = tokio::task::spawn_blocking(|| gzip::pack(response)).await;
        packed.unwrap_or_else(|e| Problem::from(EngineError::Internal(e.to_string())).into())
    }

    async fn route(&self, request: &Request) -> Result<Response, Problem> {
        if request.body.len() > MAX_REQUEST {
            return Err(Problem::new(Code::TooLarge, format!("the body has more than {MAX_REQUEST} bytes")));
        }
        let segments: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method.as_str(), segments.as_slice()) {
            ("POST", ["v1", "queries"]) => self.start(request).await,
            ("GET", ["v1", "queries", id]) => self.status(request, id).await,
            ("DELETE", ["v1", "queries", id]) => self.cancel(request, id).await,
            ("GET", ["v1", "queries", id, "results"]) => self.results(request, id).await,
            ("GET", ["v1", "query"]) => self.query(request).await,
            ("GET", ["v1", "schema"]) => self.schema().await,
            ("GET", ["v1", "health"]) => Ok(describe::health()),
            ("GET", ["v1", "openapi.json"]) => {
                Ok(Response::new(200, JSON, openapi::DOCUMENT.as_bytes().to_vec()))
            }
            (_, path) => Err(no_route(path)),
        }
    }
}

fn no_route(path: &[&str]) -> Problem {
    let methods = match path {
        ["v1", "queries"] => "POST",
        ["v1", "queries", _] => "GET or DELETE",
        ["v1", "queries", _, "results"] | ["v1", "query" | "schema" | "health" | "openapi.json"] => "GET",
        _ => {
            return Problem::new(Code::NotFound, "there is no such route")
                .hint("GET /v1/openapi.json lists the routes");
        }
    };
    Problem::new(Code::MethodNotAllowed, format!("this route takes {methods}"))
}
