//! One who asks. Tests of two crates share this file, and neither uses all of it.

#![allow(dead_code, reason = "see above")]

use std::{sync::Arc, time::Duration};

use fidelog_lambda::{Handler, Request, Response, engine::Engine, handler::Options, token::Signer};
use serde_json::Value;

pub const NDJSON: &str = "application/x-ndjson";
pub const JSON: &str = "application/json";
pub const BLOCK: &str = "application/vnd.fidelog.block";

#[derive(Clone)]
pub struct Caller {
    pub handler: Handler,
    pub name: String,
}

impl Caller {
    /// One over an engine.
    pub fn of(engine: Arc<dyn Engine>) -> Self {
        let options = Options { wait: Duration::from_secs(60), ..Options::default() };
        Caller { handler: Handler::new(engine, Signer::new(b"test"), options), name: "ann".into() }
    }

    pub fn named(&self, name: &str) -> Self {
        Caller { handler: self.handler.clone(), name: name.into() }
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers,
            body: body.into(),
            caller: self.name.clone(),
        };
        self.handler.handle(&request).await
    }

    pub async fn get(&self, target: &str, accept: &str) -> Response {
        self.send("GET", target, &[("Accept", accept)], b"").await
    }

    /// `GET /v1/query`.
    pub async fn query(&self, sql: &str, accept: &str) -> Response {
        self.get(&format!("/v1/query?{}", query_string(&[("sql", sql)])), accept).await
    }

    pub async fn post(&self, sql: &str, headers: &[(&str, &str)]) -> Response {
        let body = serde_json::json!({"sql": sql}).to_string();
        self.send("POST", "/v1/queries", headers, body.as_bytes()).await
    }

    /// `POST /v1/queries`: the id.
    pub async fn start(&self, sql: &str) -> String {
        let response = self.post(sql, &[]).await;
        assert_eq!(response.status, 202, "{sql}: {}", text(&response));
        json(&response)["id"].as_str().unwrap().to_owned()
    }

    /// Waits for a query's end.
    pub async fn finished(&self, id: &str) {
        while ["QUEUED", "RUNNING"].contains(&self.state(id).await.as_str()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// `POST /v1/queries`, to its end: the id.
    pub async fn run(&self, sql: &str) -> String {
        let id = self.start(sql).await;
        self.finished(&id).await;
        id
    }

    pub async fn state(&self, id: &str) -> String {
        json(&self.get(&format!("/v1/queries/{id}"), JSON).await)["state"].as_str().unwrap().to_owned()
    }

    pub async fn page(&self, id: &str, accept: &str, limit: usize, cursor: Option<&str>) -> Response {
        let cursor = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        self.get(&format!("/v1/queries/{id}/results?limit={limit}{cursor}"), accept).await
    }

    /// All pages.
    pub async fn pages(&self, id: &str, accept: &str, limit: usize) -> Vec<Response> {
        let mut pages = vec![self.page(id, accept, limit, None).await];
        loop {
            let last = pages.last().unwrap();
            assert_eq!(last.status, 200, "{}", text(last));
            let Some(next) = last.header("Fidelog-Next").map(str::to_owned) else { return pages };
            pages.push(self.page(id, accept, limit, Some(&next)).await);
        }
    }
}

pub fn query_string(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

pub fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

pub fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|e| panic!("{e}: {}", text(response)))
}

/// Status and code of a problem.
pub fn problem(response: &Response) -> (u16, String) {
    assert_eq!(response.header("Content-Type"), Some("application/problem+json"), "{}", text(response));
    let body = json(response);
    assert_eq!(body["status"], response.status);
    assert!(!body["detail"].as_str().unwrap().is_empty());
    (response.status, body["code"].as_str().unwrap().to_owned())
}
