"""`fidelog-serve` over a store made for the tests, and a proxy in front of it that misbehaves on demand."""

import contextlib
import http.client
import http.server
import os
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def binary(name):
    """A program under test: from FIDELOG_BINARIES, or built here."""
    folder = os.environ.get("FIDELOG_BINARIES")
    if folder is None:
        packages = ["-p", "fidelog-producer", "-p", "fidelog-lambda", "--features", "fidelog-lambda/athena"]
        subprocess.run(["cargo", "build", "--quiet", *packages, "--bins"], cwd=ROOT, check=True)
        folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
        os.environ["FIDELOG_BINARIES"] = str(folder)
    return str(Path(folder) / name)


def store(folder, lines):
    """A store with these records."""
    command = [binary("fidelog"), "consume", "--from", "-", "--to", str(folder), "--format", "lines"]
    subprocess.run(command, input=b"".join(line + b"\n" for line in lines), check=True, capture_output=True)
    return folder


def sample(count):
    """Records of a made-up game API."""
    command = [binary("fidelog"), "sample", "-n", str(count), "--format", "lines"]
    return subprocess.run(command, check=True, capture_output=True).stdout.splitlines()


@contextlib.contextmanager
def serving(folder, *arguments):
    """The URL of a server over a store."""
    command = [binary("fidelog-serve"), "--store", str(folder), "--listen", "127.0.0.1:0", *arguments]
    environment = {**os.environ, "RUST_LOG": "off"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


class Proxy(http.server.ThreadingHTTPServer):
    """Forwards to a server; `faults` says what happens to the coming requests instead, in order.

    A fault is None (forward), a status to answer with, "drop" (close before anything is sent), "lose" (forward, then
    close without the answer), "cut" (send half of the answer), or "wait" (hold the request until `release`).
    """

    daemon_threads = True

    def __init__(self, url):
        self.host = url.split("//")[1]
        self.faults = []
        self.seen = []
        self.release = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_):
        """A client that hangs up is part of the tests."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault == "drop":
            self.close_connection = True
            return
        if isinstance(fault, int):
            self.send_response(fault)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"busy")
            return
        if fault == "wait":
            self.server.release.wait(30)
        upstream = http.client.HTTPConnection(self.server.host)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        upstream.request(self.command, self.path, body or None, {**headers, "Host": "127.0.0.1"})
        answer = upstream.getresponse()
        payload = answer.read()
        upstream.close()
        if fault == "lose":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("date", "content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload[: len(payload) // 2] if fault == "cut" else payload)
        self.close_connection = fault == "cut"

    do_GET = do_POST = do_DELETE = forward

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def proxy(url):
    with Proxy(url) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()
