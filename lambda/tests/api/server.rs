//! The program, over HTTP.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::local::{sample, schema, store};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fidelog-serve");

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line
            .trim_end()
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned();
        Server { child, address }
    }

    /// Status and the whole response.
    fn ask(&self, request: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host =
            if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address) };
        write!(stream, "{request} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        (response[9..12].parse().unwrap(), response)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn a_store() -> TempDir {
    let dir = TempDir::new().unwrap();
    store(dir.path(), &schema(), &sample()).await;
    dir
}

fn path(dir: &TempDir) -> &str {
    dir.path().to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_pages_from_this_machine_only_and_stops_when_asked() {
    let dir = a_store().await;
    let mut server = Server::start(&["--store", path(&dir), "--listen", "127.0.0.1:0"]);
    let query = "GET /v1/query?sql=SELECT+count(*)+AS+n+FROM+logs";
    let (status, response) = server.ask(query, "");
    assert_eq!(status, 200);
    assert!(response.ends_with("{\"n\":54}\n") && response.contains("fidelog-query-id: "), "{response}");
    assert_eq!(server.ask(query, "Host: example.org\r\n").0, 403);
    assert_eq!(server.ask(query, "Origin: https://example.org\r\n").0, 403);
    let (status, response) = server.ask(query, "Origin: http://localhost:5173\r\n");
    assert!(
        status == 200 && response.contains("access-control-allow-origin: http://localhost:5173"),
        "{response}"
    );
    let kill = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_from_elsewhere_come_by_name_only() {
    let dir = a_store().await;
    let origin = "https://logs.example.org";
    let server = Server::start(&["--store", path(&dir), "--listen", "127.0.0.1:0", "--allow-origin", origin]);
    let (status, response) = server.ask("GET /v1/schema", &format!("Origin: {origin}\r\n"));
    assert!(
        status == 200 && response.contains(&format!("access-control-allow-origin: {origin}")),
        "{response}"
    );
    let (status, response) = server.ask("OPTIONS /v1/query", &format!("Origin: {origin}\r\n"));
    assert!(status == 204 && response.contains("access-control-allow-headers: "), "{response}");
    for other in ["https://example.org", "https://logs.example.org.example.com", "http://logs.example.org"] {
        assert_eq!(server.ask("GET /v1/schema", &format!("Origin: {other}\r\n")).0, 403, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for() {
    let dir = a_store().await;
    let server = Server::start(&["--store", path(&dir), "--listen", "127.0.0.1:0", "--token", "secret"]);
    assert_eq!(server.ask("GET /v1/schema", "").0, 401);
    assert_eq!(server.ask("GET /v1/schema", "Authorization: Bearer wrong\r\n").0, 401);
    assert_eq!(server.ask("GET /v1/schema", "Authorization: Bearer secret\r\n").0, 200);
}

fn fail(arguments: &[&str]) -> Output {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(output.stdout.is_empty());
    output
}

fn says(store: &Path, listen: &str, words: &[&str]) {
    let output = fail(&["--store", store.to_str().unwrap(), "--listen", listen]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_it_from_starting_is_said_in_one_line() {
    let dir = a_store().await;
    let empty = TempDir::new().unwrap();
    says(empty.path(), "127.0.0.1:0", &["is not a Fidelog store"]);
    says(Path::new("/nowhere/at/all"), "127.0.0.1:0", &["/nowhere/at/all"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    says(dir.path(), &address, &[&address, "in use", "--listen"]);
    says(dir.path(), "0.0.0.0:0", &["--token"]);
    std::fs::write(dir.path().join("catalog.db"), "not a database, but long enough to be looked at").unwrap();
    says(dir.path(), "127.0.0.1:0", &["damaged"]);
    assert_eq!(fail(&["--listen", "127.0.0.1:0"]).status.code(), Some(2));
}
