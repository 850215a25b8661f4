//! The local host: the handler behind HTTP on one address.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response as HttpResponse,
};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{
    connections::{self, Bounds},
    console::Console,
    engine::EngineError,
    handler::{Handler, MAX_REQUEST},
    problem::{Code, Problem},
    request::Request,
    response::Response,
    token::Signer,
};

/// Idle callers go; a stop waits for those that are not.
const BOUNDS: Bounds = Bounds {
    connections: 512,
    head: Duration::from_secs(60),
    stall: Duration::from_secs(30),
    grace: Duration::from_secs(10),
};

/// How long a request's body may take to arrive.
const BODY: Duration = Duration::from_secs(30);

/// Requests that are answered at once; each may hold a page of results.
const REQUESTS: usize = 128;

/// What a page from another loopback port may read of a response.
const EXPOSED: &str = "ETag, Fidelog-Query-Id, Fidelog-Rows, Fidelog-Exact, Fidelog-Next, Fidelog-Multiline, Location, Retry-After";

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken.
    #[error(
        "{0} is in use by another program; choose another address with --listen (port 0 takes any that is free)"
    )]
    InUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, io::Error),
    /// Others could reach the logs.
    #[error(
        "{0} is reachable from other machines: give a --token that callers must send, or listen on 127.0.0.1"
    )]
    Open(SocketAddr),
    /// The connection machinery failed.
    #[error("the server stopped: {0}")]
    Stopped(#[from] io::Error),
}

/// A server that listens, but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    token: Option<String>,
    console: Console,
    origins: Vec<String>,
}

struct Host {
    handler: Handler,
    console: Console,
    token: Option<String>,
    origins: Vec<String>,
    is_loopback: bool,
    signer: Signer,
    turns: Semaphore,
}

impl Server {
    /// Listens on an address. One that other machines reach needs a token. Pages of `origins` may use the server.
    pub async fn listen(
        address: SocketAddr,
        token: Option<String>,
        origins: Vec<String>,
    ) -> Result<Self, ServerError> {
        if !address.ip().is_loopback() && token.is_none() {
            return Err(ServerError::Open(address));
        }
        let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ServerError::InUse(address),
            _ => ServerError::Listen(address, error),
        })?;
        Ok(Server { listener, token, origins, console: Console::default() })
    }

    /// With the console's files at `/`.
    #[must_use]
    pub fn with_console(self, console: Console) -> Self {
        Server { console, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` is ready, then ends the requests that are under way.
    pub async fn run(
        self,
        handler: Handler,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let is_loopback = self.address()?.ip().is_loopback();
        let host = Arc::new(Host {
            handler,
            console: self.console,
            token: self.token,
            origins: self.origins,
            is_loopback,
            signer: Signer::random(),
            turns: Semaphore::new(REQUESTS),
        });
        let answer = move |request| answer(Arc::clone(&host), request);
        connections::serve(self.listener, BOUNDS, answer, stop).await;
        Ok(())
    }
}

impl Host {
    /// Whether pages from there may use this server.
    fn welcomes(&self, origin: &HeaderValue) -> bool {
        self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes())
            || (self.is_loopback && is_loopback_origin(origin))
    }
}

async fn answer(host: Arc<Host>, request: axum::extract::Request) -> HttpResponse {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = request.headers().get(header::ORIGIN).cloned();
    let response = respond(&host, request).await;
    let (status, bytes, ms) = (response.status, response.body.len(), started.elapsed().as_millis() as u64);
    // The path holds no caller's data: SQL is in the query string or the body.
    tracing::info!(%method, %path, status, bytes, ms, "request");
    http(response, origin.filter(|origin| host.welcomes(origin)))
}

async fn respond(host: &Host, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    if host.is_loopback
        && let Err(problem) = check_origin(&parts.headers, host)
    {
        return problem.into();
    }
    if parts.method == Method::OPTIONS && parts.headers.contains_key(header::ORIGIN) {
        return Response { status: 204, ..Response::default() };
    }
    let Ok(_turn) = host.turns.try_acquire() else {
        return Problem::from(EngineError::Throttled).into();
    };
    if let Some(file) = host.console.answer(parts.method.as_str(), parts.uri.path()) {
        return file;
    }
    let caller = match &host.token {
        None => "local",
        Some(token) if is_bearer(&parts.headers, token, &host.signer) => "token",
        Some(_) => {
            let problem = Problem::new(Code::Unauthorized, "the request has no token, or a wrong one");
            return problem.hint("send Authorization: Bearer TOKEN, as given to --token").into();
        }
    };
    let body = match tokio::time::timeout(BODY, to_bytes(body, MAX_REQUEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let detail = format!("the body has more than {MAX_REQUEST} bytes, or was cut off");
            return Problem::new(Code::TooLarge, detail).into();
        }
        Err(_) => {
            let detail = format!("the body did not arrive within {} s", BODY.as_secs());
            return Problem::new(Code::BadRequest, detail).into();
        }
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body.into(),
        caller: caller.to_owned(),
    };
    host.handler.handle(&request).await
}

fn http(response: Response, origin: Option<HeaderValue>) -> HttpResponse {
    let mut http = HttpResponse::new(Body::from(response.body));
    *http.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = http.headers_mut();
    for (name, value) in response.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        let allowed =
            HeaderValue::from_static("Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    }
    http
}

/// A web page elsewhere must not reach a server on loopback: not by its own origin, and not by a name of its own that
/// it points here.
fn check_origin(headers: &HeaderMap, server: &Host) -> Result<(), Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_loopback_host) {
        let detail = "the Host header names no loopback address";
        return Err(Problem::new(Code::Forbidden, detail).hint("use http://127.0.0.1 or http://localhost"));
    }
    match headers.get(header::ORIGIN) {
        Some(origin) if !server.welcomes(origin) => {
            Err(Problem::new(Code::Forbidden, "pages from elsewhere may not use this server")
                .hint("start it with --allow-origin if they should"))
        }
        _ => Ok(()),
    }
}

fn is_loopback_origin(origin: &HeaderValue) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_loopback_host)
}

/// `localhost`, `127.0.0.1` or `[::1]`, with or without a port.
fn is_loopback_host(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, port),
        _ => (host, "0"),
    };
    let is_name = name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]");
    is_name && port.parse::<u16>().is_ok()
}

fn is_bearer(headers: &HeaderMap, token: &str, signer: &Signer) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    given.is_some_and(|(_, given)| signer.is_same(given.trim(), token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names() {
        for host in
            ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8080", "127.8.9.1:1", "[::1]", "[::1]:8080"]
        {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "",
            "example.org",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "localhost:x",
            "10.0.0.1:80",
            "[::2]:1",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
        for origin in ["null", "https://example.org", "http://localhost@example.org", "file://localhost"] {
            assert!(!is_loopback_origin(&HeaderValue::from_static(origin)), "{origin}");
        }
    }
}
