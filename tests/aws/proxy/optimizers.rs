//! Glue's table optimizers, which the local AWS has not: its answers as the API's reference has them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use super::{Answer, Proxy, Request, pass};

pub struct Optimizers {
    proxy: Proxy,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By catalogue, database, table and type.
    there: BTreeMap<[String; 4], Value>,
    /// What was called.
    calls: Vec<String>,
    refuses: bool,
}

impl Optimizers {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let proxy = Proxy::start(move |request| {
            let known = request.call.ends_with("TableOptimizer");
            Some(if known { shared.lock().unwrap().answer(request) } else { pass(request) })
        });
        Optimizers { proxy, state }
    }

    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// The configurations by type, and what was called since.
    pub fn take(&self, catalog: &str, database: &str, table: &str) -> (BTreeMap<String, Value>, Vec<String>) {
        let mut state = self.state.lock().unwrap();
        let calls = std::mem::take(&mut state.calls);
        let of = |key: &[String; 4]| key[..3] == [catalog, database, table];
        let there = state.there.iter().filter(|(key, _)| of(key));
        (there.map(|(key, value)| (key[3].clone(), value.clone())).collect(), calls)
    }

    /// Changes what is there.
    pub fn edit(&self, edit: impl Fn(&mut Value)) {
        self.state.lock().unwrap().there.values_mut().for_each(edit);
    }

    /// From now on nobody may make or change one.
    pub fn refuse(&self) {
        self.state.lock().unwrap().refuses = true;
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned();
        let key = ["CatalogId", "DatabaseName", "TableName", "Type"].map(text);
        self.calls.push(format!("{} {}", request.call, key[3]));
        let error = |kind: &str| Answer::json(400, &json!({"__type": kind, "Message": "it is said so"}));
        let there = self.there.get(&key);
        let configuration = &body["TableOptimizerConfiguration"];
        match (request.call.as_str(), there) {
            ("GetTableOptimizer", Some(found)) => Answer::json(
                200,
                &json!({
                    "CatalogId": key[0], "DatabaseName": key[1], "TableName": key[2],
                    "TableOptimizer": {"type": key[3], "configuration": found},
                }),
            ),
            ("GetTableOptimizer" | "UpdateTableOptimizer", None) => error("EntityNotFoundException"),
            _ if self.refuses => error("AccessDeniedException"),
            ("CreateTableOptimizer", Some(_)) => error("AlreadyExistsException"),
            ("CreateTableOptimizer", None) | ("UpdateTableOptimizer", Some(_)) => {
                self.there.insert(key, configuration.clone());
                Answer::json(200, &json!({}))
            }
            (other, _) => panic!("{other}"),
        }
    }
}
