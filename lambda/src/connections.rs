//! Connections of the local server: how many, and how long they may be idle.

use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{body::Body, http, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{Sleep, sleep},
};

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How many there are at once; others wait to be accepted.
    pub(crate) connections: usize,
    /// How long a request's head may take to arrive, counted from the end of the request before it.
    pub(crate) head: Duration,
    /// How long a caller may take none of a response.
    pub(crate) stall: Duration,
    /// How long requests may still take after a stop was asked for.
    pub(crate) grace: Duration,
}

/// Answers requests until `stop` is ready, then ends those that are under way.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    bounds: Bounds,
    answer: impl Fn(http::Request<Body>) -> F + Clone + Send + 'static,
    stop: impl Future<Output = ()>,
) where
    F: Future<Output = Response> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(bounds.connections));
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((place, accept(&listener).await))
        };
        let (place, stream) = tokio::select! {
            Some(accepted) = accepted => accepted,
            () = &mut stop => break,
        };
        let (answer, mut stopped) = (answer.clone(), stopped.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let response = answer(request.map(Body::new));
                async { Ok::<_, std::convert::Infallible>(response.await) }
            });
            let stream = TokioIo::new(Patient { stream, stall: bounds.stall, waiting: None });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(bounds.head)
                .serve_connection(stream, service);
            let mut connection = pin!(connection);
            // What goes wrong with a connection is the caller's: it left, or sent what is no request.
            tokio::select! {
                _ = &mut connection => {}
                _ = stopped.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
            drop(place);
        });
    }
    drop((listener, stopped));
    let _ = stopping.send(());
    let _ = tokio::time::timeout(bounds.grace, stopping.closed()).await;
}

/// The next connection. What goes wrong here is one connection's, or passes when others end.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// A stream that fails when the other side takes nothing for too long.
struct Patient {
    stream: TcpStream,
    stall: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let stall = self.stall;
        ready!(self.waiting.get_or_insert_with(|| Box::pin(sleep(stall))).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, shut)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        time::timeout,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(20);

    struct Running {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        server: tokio::task::JoinHandle<()>,
    }

    /// A server that answers everything with so many bytes.
    async fn running(connections: usize, bytes: usize) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let bounds = Bounds { connections, head: SHORT, stall: SHORT, grace: LONG };
        let answer = move |_| async move { Response::new(Body::from(vec![b'x'; bytes])) };
        let server = tokio::spawn(serve(listener, bounds, answer, async {
            let _ = stopped.await;
        }));
        Running { address, stop, server }
    }

    /// What comes until the server closes the connection.
    async fn to_the_end(stream: &mut TcpStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A reset is an end, too.
        let _ = timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap();
        bytes
    }

    #[tokio::test]
    async fn one_who_sends_no_request_is_not_waited_for() {
        let server = running(10, 5).await;
        for head in ["", "GET / HTTP/1.1\r\nHost: x\r\nA: ", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let bytes = to_the_end(&mut stream).await;
            assert_eq!(bytes.ends_with(b"xxxxx"), head.ends_with("\r\n\r\n"), "{head}");
        }
    }

    #[tokio::test]
    async fn one_who_takes_no_response_is_not_waited_for() {
        let size = 64 << 20;
        let server = running(1, size).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(SHORT * 5).await;
        assert!(to_the_end(&mut stream).await.len() < size);
        // Its place is free again.
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        assert!(to_the_end(&mut stream).await.len() > size);
    }

    #[tokio::test]
    async fn it_ends_when_its_connections_have() {
        let server = running(10, 5).await;
        let idle = TcpStream::connect(server.address).await.unwrap();
        server.stop.send(()).unwrap();
        timeout(LONG, server.server).await.unwrap().unwrap();
        assert!(TcpStream::connect(server.address).await.is_err());
        drop(idle);
    }
}
