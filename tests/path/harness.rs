//! The real binaries, run as a user runs them.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

/// The folder that holds the binaries under test: `FIDELOG_BINARIES`, or this build's own, built first if need be.
fn binaries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        if let Some(folder) = env::var_os("FIDELOG_BINARIES") {
            return folder.into();
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "-p", "fidelog-producer", "-p", "fidelog-lambda", "--bins"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the binaries build");
        // target/PROFILE/deps/this-test
        let here = env::current_exe().expect("this test has a path");
        here.ancestors().nth(2).expect("a target folder").to_path_buf()
    })
}

/// A `fidelog` command.
pub fn fidelog() -> Command {
    Command::new(binaries().join("fidelog"))
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the command starts")
}

/// Runs a command with this standard input.
pub fn run_with(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A command that fails early closes the pipe; its own message counts.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().expect("it ends")
    })
}

/// Runs a command that must succeed; its standard output.
pub fn ok(command: &mut Command) -> String {
    let output = run(command);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {stderr}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a command that must fail with this exit code; its standard error.
pub fn fails(command: &mut Command, code: i32) -> String {
    let output = run(command);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {stderr}");
    stderr
}

/// A `fidelog-serve` command over a store.
pub fn serve(store: &Path, listen: &str) -> Command {
    let mut command = Command::new(binaries().join("fidelog-serve"));
    command.arg("--store").arg(store).args(["--listen", listen]);
    command
}

/// A running server; stopped when dropped.
pub struct Server {
    child: Child,
    url: String,
}

/// An answer: status, headers by lower-case name, body.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Server {
    /// Starts a server over a store on a free port.
    pub fn start(store: &Path) -> Self {
        let mut child =
            serve(store, "127.0.0.1:0").stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a first line");
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("first line {line:?}"))
            .to_owned();
        Server { child, url }
    }

    /// GETs a path with query parameters and headers.
    pub fn get(&self, path: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{}{path}", self.url));
        for (name, value) in query {
            request = request.query(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call())
    }

    /// POSTs a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let request = agent().post(format!("{}{path}", self.url)).header("content-type", "application/json");
        answer(request.send(body.to_string()))
    }

    /// All pages of a query's result, as the server sends them under this `Accept`.
    pub fn pages(&self, sql: &str, accept: &str) -> Vec<Answer> {
        let mut pages = vec![self.get("/v1/query", &[("sql", sql)], &[("accept", accept)])];
        while let Some(next) = pages.last().and_then(|a| a.header("fidelog-next")) {
            let id = pages[0].header("fidelog-query-id").expect("an id").to_owned();
            let cursor = next.to_owned();
            pages.push(self.get(
                &format!("/v1/queries/{id}/results"),
                &[("cursor", &cursor)],
                &[("accept", accept)],
            ));
        }
        for page in &pages {
            assert_eq!(page.status, 200, "{sql}: {}", String::from_utf8_lossy(&page.body));
        }
        pages
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = result.expect("the server answers");
    let headers = response
        .headers()
        .iter()
        .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
        .collect();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a whole body");
    Answer { status: response.status().as_u16(), headers, body }
}
