//! The protocols of Athena and S3 on one port, as far as the read path uses them. The answers are the local engine's,
//! in Athena's own spelling; a [`Script`] says what goes wrong.
//!
//! It does not read SQL: it knows the texts that the gate made of the queries that a test is about to ask, and fails
//! for any other.

pub mod clients;
mod objects;
mod queries;
mod spelling;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router, body::Bytes, extract::State, http::HeaderMap, http::Method, http::Uri, response::Response,
};
use fidelog_codec::Schema;
use fidelog_lambda::{engine::local::LocalEngine, sql::Prepared};
use serde_json::json;

/// What goes wrong. Starts are throttled so often; the rest is for the next query that is started.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub throttled: u32,
    /// So often it is QUEUED.
    pub queued: u32,
    /// It ends so, for this reason, without results.
    pub end: Option<(&'static str, &'static str)>,
    pub file: Fault,
    /// Its results are kept by Athena itself, so no place is named.
    pub is_managed: bool,
}

/// What is wrong with a result's file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fault {
    #[default]
    None,
    Missing,
    Denied,
    /// So many bytes are missing at the end.
    Truncated(usize),
    /// The connection breaks after so many bytes.
    Cut(usize),
    /// It becomes another object after the first read.
    Replaced,
}

pub struct Fake {
    local: LocalEngine,
    known: Mutex<HashMap<String, Prepared>>,
    queries: Mutex<HashMap<String, queries::Query>>,
    /// Query ids by ClientRequestToken.
    tokens: Mutex<HashMap<String, String>>,
    objects: Mutex<HashMap<String, objects::Object>>,
    script: Mutex<Script>,
    calls: Mutex<Vec<String>>,
}

impl Fake {
    /// Serves on a port of its own; gives the address.
    pub async fn serve(local: LocalEngine) -> (Arc<Self>, String) {
        let fake = Arc::new(Fake {
            local,
            known: Mutex::default(),
            queries: Mutex::default(),
            tokens: Mutex::default(),
            objects: Mutex::default(),
            script: Mutex::default(),
            calls: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&fake));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (fake, address)
    }

    /// Lets a query in.
    pub fn expect(&self, prepared: Prepared) {
        self.known.lock().unwrap().insert(prepared.sql.clone(), prepared);
    }

    /// The table, of which only the schema is asked for.
    pub fn table(&self, schema: &Schema) {
        let metadata = json!({"properties": {"fidelog.schema.1": schema.to_compact_json()}});
        let object = objects::Object::of(metadata.to_string().into_bytes());
        self.objects.lock().unwrap().insert("/bucket/table/metadata.json".into(), object);
    }

    pub fn script(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// The calls since this was last asked: an operation of Athena's, or a method and a range of S3's.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn note(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }
}

async fn answer(
    State(fake): State<Arc<Fake>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation =
        headers.get("x-amz-target").and_then(|target| target.to_str().ok()?.strip_prefix("AmazonAthena."));
    match operation {
        Some(operation) => {
            fake.note(operation.to_owned());
            let body = serde_json::from_slice(&body).unwrap();
            fake.operation(operation, &body).await
        }
        None => fake.object(&method, uri.path(), &headers, body),
    }
}
