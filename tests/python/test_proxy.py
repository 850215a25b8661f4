"""HTTP proxies of the environment, as requests and httpx read them."""

import base64
import contextlib
import http.client
import http.server
import threading
from urllib.parse import urlsplit

import fidelog
import pytest

VARIABLES = [name for scheme in ("HTTP", "HTTPS", "ALL", "NO") for name in (f"{scheme}_PROXY", f"{scheme}_proxy".lower())]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


class Handler(http.server.BaseHTTPRequestHandler):
    """A proxy as companies have them: absolute URLs, a password, no way to https:// servers."""

    protocol_version = "HTTP/1.1"

    def forward(self):
        self.server.seen.append((self.command, self.path, self.headers["Host"], self.headers["Proxy-Authorization"]))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        upstream = http.client.HTTPConnection(url.netloc)
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        upstream.request(self.command, f"{url.path}?{url.query}", body or None, headers)
        answer = upstream.getresponse()
        payload = answer.read()
        upstream.close()
        self.answer(answer.status, payload, dict(answer.getheaders()))

    def do_CONNECT(self):
        self.server.seen.append((self.command, self.path, self.headers["Host"], self.headers["Proxy-Authorization"]))
        self.answer(403, b"not there")

    def answer(self, status, payload, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_DELETE = forward

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def proxying():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        proxy.daemon_threads = True
        proxy.seen = []
        proxy.address = f"127.0.0.1:{proxy.server_address[1]}"
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@pytest.fixture
def proxy():
    with proxying() as proxy:
        yield proxy


@pytest.mark.parametrize("name,form", [("HTTP_PROXY", "http://%s"), ("http_proxy", "%s"), ("ALL_PROXY", "http://%s/")])
def test_requests_go_through_it(url, proxy, monkeypatch, name, form):
    monkeypatch.setenv(name, form % proxy.address)
    client = fidelog.connect(url)
    assert client.query("SELECT * FROM logs LIMIT 3").rows == 3
    assert {command for command, *_ in proxy.seen} == {"POST", "GET"}
    host = urlsplit(url).netloc
    assert all(path.startswith(f"{url}/v1/") and to == host for _, path, to, _ in proxy.seen)
    assert all(authorization is None for *_, authorization in proxy.seen)


def test_a_password_is_for_the_proxy_alone(url, proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40ss@{proxy.address}")
    client = fidelog.connect(url)
    assert client.query("SELECT * FROM logs LIMIT 3").rows == 3
    expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert {authorization for *_, authorization in proxy.seen} == {expected}
    proxy.shutdown()
    proxy.server_close()
    with pytest.raises(fidelog.TransportError) as raised:
        fidelog.connect(url, retries=0).query("SELECT 1 AS one")
    # Who reads this knows where to look, and does not see the password.
    assert f"through the proxy http://{proxy.address}" in str(raised.value) and "p@ss" not in str(raised.value)


@pytest.mark.parametrize("hosts,is_proxied", [("127.0.0.1", False), ("*", False), ("127.0.0.1:%s", False), ("localhost", True), ("", True)])
def test_no_proxy_names_hosts_without_and_nothing_else_does(url, proxy, monkeypatch, hosts, is_proxied):
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    monkeypatch.setenv("NO_PROXY", hosts.replace("%s", str(urlsplit(url).port)))
    assert fidelog.connect(url).query("SELECT * FROM logs LIMIT 3").rows == 3
    assert bool(proxy.seen) == is_proxied


def test_each_scheme_has_its_proxy(url, proxy, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:pass@{proxy.address}")
    assert fidelog.connect(url).query("SELECT * FROM logs LIMIT 3").rows == 3
    assert not proxy.seen
    with pytest.raises(fidelog.TransportError, match="through the proxy.*403"):
        fidelog.connect("https://api.example:8443", retries=0, token="secret").query("SELECT 1 AS one")
    # The tunnel is asked for; the token would have been inside it.
    (command, path, _, authorization), *_ = proxy.seen
    assert (command, path) == ("CONNECT", "api.example:8443")
    assert authorization == "Basic " + base64.b64encode(b"me:pass").decode()


def test_files_come_through_it_too(url, proxy, monkeypatch):
    query = fidelog.connect(url).query("SELECT * FROM logs LIMIT 3")
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    assert fidelog.read(f"{url}/v1/queries/{query.query_id}/results").rows == 3
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://"])
def test_what_is_no_http_proxy(monkeypatch, address):
    # Going around a proxy that is named would be worse.
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(ValueError, match="ALL_PROXY"):
        fidelog.connect("http://api.example")
