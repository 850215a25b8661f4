//! One who asks.

use fidelog_lambda::{Handler, Request, Response};
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

    pub async fn post(&self, sql: &str, headers: &[(&str, &str)]) -> Response {
        let body = serde_json::json!({"sql": sql}).to_string();
        self.send("POST", "/v1/queries", headers, body.as_bytes()).await
    }

    /// `POST /v1/queries`, to its end: the id.
    pub async fn run(&self, sql: &str) -> String {
        let response = self.post(sql, &[]).await;
        assert_eq!(response.status, 202, "{sql}: {}", text(&response));
        let id = json(&response)["id"].as_str().unwrap().to_owned();
        while ["QUEUED", "RUNNING"].contains(&self.state(&id).await.as_str()) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
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

pub fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

pub fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|e| panic!("{e}: {}", text(response)))
}

/// Status and code of a problem.
pub fn problem(response: &Response) -> (u16, String) {
    assert_eq!(response.header("Content-Type"), Some("application/problem+json"), "{}", text(response));
    (response.status, json(response)["code"].as_str().unwrap().to_owned())
}
