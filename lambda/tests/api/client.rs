//! A caller.

use std::sync::Arc;

use fidelog_lambda::{Handler, Request, Response, engine::Engine, handler::Options, token::Signer};
use serde_json::Value;

pub struct Client {
    pub handler: Handler,
    pub caller: String,
}

impl Client {
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        let options = Options { wait: std::time::Duration::from_secs(60), ..Options::default() };
        Client { handler: Handler::new(engine, Signer::new(b"test"), options), caller: "ann".into() }
    }

    pub fn as_caller(&self, caller: &str) -> Self {
        Client { handler: self.handler.clone(), caller: caller.into() }
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
            caller: self.caller.clone(),
        };
        self.handler.handle(&request).await
    }

    pub async fn get(&self, target: &str) -> Response {
        self.send("GET", target, &[], b"").await
    }

    /// `GET /v1/query`, in a form.
    pub async fn query(&self, sql: &str, accept: &str) -> Response {
        let target = format!("/v1/query?{}", query_string(&[("sql", sql)]));
        self.send("GET", &target, &[("Accept", accept)], b"").await
    }

    /// `POST /v1/queries`: the id.
    pub async fn start(&self, sql: &str) -> String {
        let response = self
            .send("POST", "/v1/queries", &[], serde_json::json!({"sql": sql}).to_string().as_bytes())
            .await;
        assert_eq!(response.status, 202, "{}", text(&response));
        json(&response)["id"].as_str().unwrap().to_owned()
    }

    /// Waits for a query's end.
    pub async fn finished(&self, id: &str) {
        let is_over = |state: &Value| ["SUCCEEDED", "FAILED", "CANCELLED"].contains(&state.as_str().unwrap());
        while !is_over(&json(&self.get(&format!("/v1/queries/{id}")).await)["state"]) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// All pages of a query's results.
    pub async fn pages(&self, id: &str, accept: &str, limit: usize) -> Vec<Response> {
        let mut pages: Vec<Response> = Vec::new();
        loop {
            let next = pages.last().map(|page| page.header("Fidelog-Next"));
            let cursor = match next {
                None => String::new(),
                Some(None) => return pages,
                Some(Some(next)) => format!("&cursor={next}"),
            };
            let target = format!("/v1/queries/{id}/results?limit={limit}{cursor}");
            let page = self.send("GET", &target, &[("Accept", accept)], b"").await;
            assert_eq!(page.status, 200, "{}", text(&page));
            pages.push(page);
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
