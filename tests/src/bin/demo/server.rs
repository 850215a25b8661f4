//! The server process, and the API's calls as a client makes them.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Result, commands::program};

const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// Largest answer that is read: above what the API sends.
const MAX_ANSWER: u64 = 64 << 20;

/// A running server; stopped when dropped.
pub struct Server {
    child: Option<Child>,
    url: String,
    agent: ureq::Agent,
}

/// One page of a result.
pub struct Page {
    pub body: Vec<u8>,
    pub is_exact: bool,
    next: Option<String>,
}

impl Server {
    /// Starts a server over a store on a free port.
    ///
    /// It writes to a file, not a pipe: a server that is kept outlives this program.
    pub fn start(store: &Path, log: &Path) -> Result<Self> {
        let file = File::create(log)?;
        let mut child = program("fidelog-serve")?
            .arg("--store")
            .arg(store)
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .spawn()?;
        let started = Instant::now();
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        loop {
            let said = fs::read_to_string(log)?;
            let url = said
                .split_once('\n')
                .and_then(|_| said.lines().find_map(|l| l.strip_prefix("listening on ")));
            if let Some(url) = url {
                return Ok(Server { child: Some(child), url: url.trim().to_owned(), agent: agent.into() });
            }
            if child.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                return Err(format!("fidelog-serve does not listen: {said}").into());
            }
            sleep(POLL);
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets the server live on; its URL and process id.
    pub fn keep(mut self) -> (String, u32) {
        let process = self.child.take().map_or(0, |child| child.id());
        (std::mem::take(&mut self.url), process)
    }

    /// Runs a query: all pages of its result in the form that `accept` asks for.
    pub fn query(&self, sql: &str, accept: &str) -> Result<Vec<Page>> {
        let call =
            self.agent.post(format!("{}/v1/queries", self.url)).header("content-type", "application/json");
        let mut answer = call.send(json!({ "sql": sql }).to_string())?;
        let body = answer.body_mut().read_to_string()?;
        if answer.status() != 202 {
            return Err(format!("{sql}: {body}").into());
        }
        let answer: Value = serde_json::from_str(&body)?;
        let id = answer.get("id").and_then(Value::as_str).ok_or("a query has an id")?.to_owned();
        self.wait_for(&id)?;

        let mut pages: Vec<Page> = Vec::new();
        loop {
            let page = self.page(&id, pages.last().and_then(|page| page.next.as_deref()), accept)?;
            let is_last = page.next.is_none();
            pages.push(page);
            if is_last {
                return Ok(pages);
            }
        }
    }

    fn wait_for(&self, id: &str) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let mut answer = self.agent.get(format!("{}/v1/queries/{id}", self.url)).call()?;
            let body = answer.body_mut().read_to_string()?;
            let state: Value = serde_json::from_str(&body)?;
            match state.get("state").and_then(Value::as_str) {
                Some("SUCCEEDED") => return Ok(()),
                Some("QUEUED" | "RUNNING") => sleep(POLL),
                _ => return Err(format!("query {id}: {body}").into()),
            }
        }
        Err(format!("query {id} did not end in {} s", PATIENCE.as_secs()).into())
    }

    fn page(&self, id: &str, cursor: Option<&str>, accept: &str) -> Result<Page> {
        let mut call =
            self.agent.get(format!("{}/v1/queries/{id}/results", self.url)).header("accept", accept);
        if let Some(cursor) = cursor {
            call = call.query("cursor", cursor);
        }
        let mut answer = call.call()?;
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
        if answer.status() != 200 {
            return Err(format!("results of {id}: {}", String::from_utf8_lossy(&body)).into());
        }
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        Ok(Page {
            is_exact: header("fidelog-exact") == Some("true"),
            next: header("fidelog-next").map(str::to_owned),
            body,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing to be done about a process that is gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
