"""A server that is busy, gone, slow or cut off: asked again, never twice as many queries, never half an answer."""

import socket
import time

import fidelog
import fidelog._http
import pytest
import server

ROWS = "SELECT * FROM logs ORDER BY inDate, gamer_id, url, method, game_id LIMIT 3000"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(fidelog._http, "MAX_WAIT", 0.02)


@pytest.fixture(scope="module")
def expected(url):
    return list(fidelog.connect(url).query(ROWS).records())


def starts(proxy):
    return [headers["Idempotency-Key"] for method, _, headers, _ in proxy.seen if method == "POST"]


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "drop", "lose", "cut"])
@pytest.mark.parametrize("at", range(4))
def test_each_request_may_fail_once(proxy, expected, fault, at):
    proxy.faults = [None] * at + [fault]
    result = fidelog.connect(proxy.url).query(ROWS)
    assert list(result.records()) == expected
    assert len(set(starts(proxy))) == 1


def test_a_lost_answer_starts_one_query(proxy):
    proxy.faults = ["lose", "lose"]
    fidelog.connect(proxy.url).query("SELECT count(*) FROM logs")
    assert len(starts(proxy)) == 3
    ids = {path for method, path, _, _ in proxy.seen if method == "GET" and "results" not in path}
    assert len(ids) == 1


def test_faults_all_the_way(proxy, expected):
    proxy.faults = [503, "drop", None, "cut", 429, None, "cut", "lose", 502, None, "cut", None, "drop"]
    result = fidelog.connect(proxy.url, retries=6).query(ROWS)
    assert list(result.records()) == expected


@pytest.mark.parametrize("fault", [503, "drop", "cut"])
def test_it_gives_up(proxy, fault):
    proxy.faults = [fault] * 50
    with pytest.raises(fidelog.TransportError):
        fidelog.connect(proxy.url, retries=3).query(ROWS)
    # What could have been started is cancelled, if the server can be reached.
    assert 4 <= len(proxy.seen) <= 7


def test_an_interrupted_stream_is_an_error_not_fewer_rows(proxy):
    pages = fidelog.connect(proxy.url, retries=1).pages(ROWS, page_rows=500)
    next(pages)
    time.sleep(0.3)
    proxy.faults = ["cut"] * 50
    with pytest.raises(fidelog.TransportError):
        list(pages)


def test_a_hung_server_is_a_timeout(proxy):
    proxy.faults = ["wait"] * 3
    started = time.monotonic()
    with pytest.raises(fidelog.TransportError, match="timed out"):
        fidelog.connect(proxy.url, timeout=0.2, retries=1)._http.request("GET", "/v1/health")
    assert time.monotonic() - started < 5


def test_nobody_listens():
    with pytest.raises(fidelog.TransportError, match="refused"):
        fidelog.connect("http://127.0.0.1:9", retries=1).query("SELECT 1")


def test_refusals_are_not_asked_again(proxy):
    with pytest.raises(fidelog.QueryError):
        fidelog.connect(proxy.url).query("SELECT")
    assert len(starts(proxy)) == 1


def test_connections_are_kept_and_replaced(tmp_path):
    folder = server.store(tmp_path / "logs", [b"{}"])
    with server.serving(folder) as url:
        client = fidelog.connect(url, retries=0)
        for _ in range(3):
            client._http.request("GET", "/v1/health")
        (kept,) = client._http._idle
        kept.sock.shutdown(socket.SHUT_RDWR)
        client._http.request("GET", "/v1/health")


def test_signatures():
    pytest.importorskip("botocore")
    from botocore.credentials import Credentials
    from botocore.session import Session

    session = Session()
    session._credentials = Credentials("AKIDEXAMPLE", "secret", "token")
    from fidelog._sigv4 import scope, signer

    assert scope("a1b2.execute-api.eu-central-1.amazonaws.com") == ("execute-api", "eu-central-1")
    assert scope("a1b2.lambda-url.us-east-1.on.aws") == ("lambda", "us-east-1")
    sign = signer("https://a1b2.execute-api.eu-central-1.amazonaws.com", session)
    target = "https://a1b2.execute-api.eu-central-1.amazonaws.com/v1/queries/x/results?limit=3&cursor=y"
    headers = sign("GET", target, {"User-Agent": "x", "Accept": "a/b"}, b"")
    scope = "Credential=AKIDEXAMPLE/"
    assert scope in headers["Authorization"] and "/eu-central-1/execute-api/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token"
    assert "user-agent" not in headers["Authorization"]


def test_no_credentials(monkeypatch):
    pytest.importorskip("botocore")
    from botocore.session import Session

    session = Session()
    session._credentials = None
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(ValueError, match="credentials"):
        fidelog.connect("https://a.execute-api.eu-central-1.amazonaws.com", aws=session)
    with pytest.raises(ValueError, match="not both"):
        fidelog.connect("https://a", token="t", aws=True)
