"""HTTP with kept connections, timeouts and retries, on the standard library alone."""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

from ._errors import QueryError, TransportError
from ._fidelog import __version__
from ._proxy import proxy_of

# Answers after which the same request may do better: each is safe to send again (POST has an Idempotency-Key).
RETRIED = frozenset({429, 500, 502, 503})

# The longest wait between two tries.
MAX_WAIT = 20.0

Sign = Callable[[str, str, dict[str, str], bytes], dict[str, str]]


class Response:
    """An answer that was read whole."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise TransportError(f"the server answered {self.status} with something that is no JSON") from error

    def problem(self) -> Optional[dict[str, Any]]:
        """The problem document, if there is one (a proxy's own error has none)."""
        if "problem+json" not in self.headers.get("content-type", ""):
            return None
        problem = self.json()
        return problem if isinstance(problem, dict) else None


class Http:
    """Requests to one server; threads may share it."""

    def __init__(self, url: str, sign: Sign, timeout: float, retries: int) -> None:
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"http://HOST or https://HOST expected, not {url!r}")
        if parts.username or parts.query or parts.fragment:
            raise ValueError("the URL has no user, query or fragment: a token goes to connect(token=…)")
        self.base = parts.path.rstrip("/")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._host, self._port = parts.hostname, parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._proxy = proxy_of(parts, self._tls)
        self._sign, self._timeout, self._retries = sign, timeout, retries

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Optional[dict[str, str]] = None,
        retries: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> Response:
        """Sends a request, again where that may help; raises what the server says is wrong."""
        tries = self._retries if retries is None else retries
        for attempt in range(tries + 1):
            wait = min(MAX_WAIT, 0.1 * 2**attempt)
            try:
                response = self._once(method, self.base + path, body, headers or {}, timeout or self._timeout)
            except (OSError, http.client.HTTPException) as error:
                if attempt == tries or isinstance(error, ssl.SSLCertVerificationError):
                    why = str(error) or type(error).__name__
                    times = f"{attempt + 1} time{'s' if attempt else ''}"
                    raise TransportError(f"{self.origin}{self._through()}: {why} (tried {times})") from error
            else:
                problem = response.problem() if response.status >= 400 else None
                is_retried = response.status in RETRIED or (response.status == 504 and not problem)
                if response.status < 400 or not is_retried or attempt == tries:
                    return self._checked(response, problem)
                after = response.headers.get("retry-after", "")
                wait = max(wait, min(MAX_WAIT, float(after))) if after.isdigit() else wait
            # Not all clients at the same moment.
            time.sleep(wait * random.uniform(0.5, 1.0))
        raise AssertionError("unreachable")

    def _through(self) -> str:
        return "" if self._proxy is None else f" through the proxy {self._proxy.name} (NO_PROXY names hosts without)"

    def _checked(self, response: Response, problem: Optional[dict[str, Any]]) -> Response:
        if response.status < 300:
            return response
        if problem:
            raise QueryError.of({"status": response.status, **problem})
        if response.status in (401, 403):
            # The gateway's own answer.
            detail = response.body[:200].decode("utf-8", "replace")
            raise QueryError("unauthorized", detail, hint="connect with token= or aws=True", status=response.status)
        raise TransportError(f"{self.origin}{self._through()} answered {response.status}: {response.body[:200]!r}")

    def _once(self, method: str, target: str, body: bytes, headers: dict[str, str], timeout: float) -> Response:
        headers = {"User-Agent": f"fidelog-python/{__version__}", "Accept-Encoding": "identity", **headers}
        headers.update(self._sign(method, self.origin + target, headers, body))
        if self._proxy is not None:
            headers.update(self._proxy.headers)
            target = self._proxy.prefix + target
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            is_new = connection is None
            connection = connection or self._connect(timeout)
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            is_kept = False
            try:
                connection.request(method, target, body or None, headers)
                raw = connection.getresponse()
                # A body that ends early raises IncompleteRead.
                response = Response(raw.status, {k.lower(): v for k, v in raw.getheaders()}, raw.read())
                is_kept = not raw.will_close
                return response
            except (OSError, http.client.HTTPException) as error:
                # An idle connection that was closed says nothing about the server; one that hangs does.
                if is_new or isinstance(error, socket.timeout):
                    raise
            finally:
                if is_kept:
                    with self._lock:
                        self._idle.append(connection)
                else:
                    connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._proxy is not None:
            return self._proxy.connect(timeout)
        if self._tls:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __del__(self) -> None:
        # Who forgets `close()` leaves no open sockets behind.
        self.close()
