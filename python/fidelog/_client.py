"""The SQL API's client: starts a query, waits for it, fetches its pages, and cancels what is no longer wanted."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Optional, Union
from urllib.parse import quote

from ._errors import QueryError
from ._fidelog import Block, Error, decode, decode_rows
from ._http import Http, Response
from ._params import Param, plain_all
from ._progress import Progress
from ._result import Page, Result, Stats

# What a page of an answer comes as.
ACCEPT = {"Accept": "application/vnd.fidelog.block"}

# Seconds between two looks at a running query, at first and at most.
FIRST_LOOK, LAST_LOOK = 0.02, 1.0

# Rows asked for at a time: the most that the API gives, unless a page's bytes end it earlier.
PAGE_ROWS = 100_000


def connect(
    url: str,
    token: Optional[str] = None,
    aws: Union[None, bool, Any] = None,
    *,
    timeout: float = 30.0,
    retries: int = 4,
) -> Client:
    """A client for the API at `url`.

    `token` is sent as a bearer token; `aws=True` signs with your AWS credentials (or pass a boto3 or botocore session).
    `timeout` is for one request, which is sent up to `retries` more times if the server cannot be reached or is busy.
    A proxy is taken from HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, unless NO_PROXY names the host.
    """
    return Client(url, token, aws, timeout=timeout, retries=retries)


class Client:
    """Asks one server. Threads may share it; `close()` it, or use it in a `with` statement."""

    def __init__(
        self,
        url: str,
        token: Optional[str] = None,
        aws: Union[None, bool, Any] = None,
        *,
        timeout: float = 30.0,
        retries: int = 4,
    ) -> None:
        if token is not None and aws:
            raise ValueError("token or aws, not both")
        if aws:
            from ._sigv4 import signer

            sign = signer(url, None if aws is True else aws)
        else:
            authorization = {} if token is None else {"Authorization": f"Bearer {token}"}

            def sign(method: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
                return authorization

        self._http = Http(url, sign, timeout, retries)

    def query(
        self,
        sql: str,
        params: Optional[Sequence[Param]] = None,
        *,
        progress: bool = True,
        timeout: Optional[float] = None,
    ) -> Result:
        """Runs a query and fetches its whole answer. An interrupt, or `timeout` seconds, cancels it on the server."""
        started = time.monotonic()
        query = self._query(sql, params, progress=progress, timeout=timeout)
        blocks = list(query.blocks())
        stats = Stats(blocks, query.payload_bytes, query.stats, time.monotonic() - started)
        return Result(query.id, blocks, query.exact, stats)

    def pages(
        self,
        sql: str,
        params: Optional[Sequence[Param]] = None,
        *,
        page_rows: int = PAGE_ROWS,
        progress: bool = False,
        timeout: Optional[float] = None,
    ) -> Iterator[Page]:
        """Runs a query and gives its answer page by page, fetching the next while you work on one.

        Leaving the loop early cancels what still runs.
        """
        # What is wrong with the arguments is said here, not when the loop begins.
        query = self._query(sql, params, progress=progress, timeout=timeout, page_rows=page_rows)
        return (Page([block], query.exact) for block in query.blocks())

    def _query(self, sql: str, params: Optional[Sequence[Param]], **options: Any) -> Query:
        return Query(self._http, sql, params, **options)

    def cancel(self, query_id: str) -> None:
        """Cancels a query; one that has ended stays as it is."""
        self._http.request("DELETE", f"/v1/queries/{quote(query_id)}")

    def schema(self) -> dict[str, Any]:
        """The log table's columns as SQL sees them, and its schema document."""
        schema: dict[str, Any] = self._http.request("GET", "/v1/schema").json()
        return schema

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<fidelog.Client of {self._http.origin}{self._http.base}>"


def is_exact(page: Response) -> bool:
    """Whether a page's rows are whole records."""
    return page.headers.get("fidelog-exact") == "true"


class Query:
    """One query on its way."""

    def __init__(
        self,
        http: Http,
        sql: str,
        params: Optional[Sequence[Param]],
        *,
        timeout: Optional[float],
        progress: bool = False,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        if not isinstance(sql, str):
            raise TypeError(f"the query is text, not {type(sql).__name__}")
        if not 1 <= page_rows <= PAGE_ROWS:
            raise ValueError(f"page_rows is a number from 1 to {PAGE_ROWS:,}, not {page_rows}")
        self._http = http
        body = {"sql": sql, "params": plain_all(params)}
        self._body = json.dumps(body, allow_nan=False).encode()
        self._key = uuid.uuid4().hex
        self._progress = progress
        self._until = None if timeout is None else time.monotonic() + timeout
        self._timeout = timeout
        self._page_rows = page_rows
        self._ended = False
        self.id = ""
        self.exact = False
        self.stats: dict[str, Any] = {}
        self.payload_bytes = 0

    def blocks(self) -> Iterator[Block]:
        """Starts the query, waits for it and decodes its pages."""
        progress = Progress(self._progress)
        try:
            self._start()
            self._wait(progress)
            progress.total(self.stats.get("rows"))
            for page, decoding in self._pages():
                self.exact = is_exact(page)
                self.payload_bytes += len(page.body)
                block = decoding.result()
                progress.add(block.rows)
                yield block
        except BaseException:
            self.abandon()
            raise
        finally:
            progress.close()

    def _start(self) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": self._key}
        try:
            self.id = str(self._http.request("POST", "/v1/queries", self._body, headers).json()["id"])
        except QueryError:
            # The server has said no: there is nothing to cancel.
            self._ended = True
            raise

    def _wait(self, progress: Progress) -> None:
        pause = FIRST_LOOK
        while True:
            status = self._http.request("GET", self._path()).json()
            self.stats = status.get("stats") or {}
            state = status["state"]
            self._ended = state not in ("QUEUED", "RUNNING")
            progress.state(state)
            if state == "SUCCEEDED":
                return
            if self._ended:
                raise QueryError.of(status.get("error") or {"code": state.lower(), "detail": f"the query {state.lower()}"})
            self._check_time()
            time.sleep(pause)
            pause = min(LAST_LOOK, pause * 1.5)

    def _check_time(self) -> None:
        if self._until is not None and time.monotonic() > self._until:
            raise QueryError("timeout", f"the query took more than {self._timeout} s", hint="raise timeout=, or ask for less")

    def _pages(self) -> Iterator[tuple[Response, Future[Block]]]:
        """The pages as they come; while the caller works on one, the next is fetched and decoded."""
        workers = ThreadPoolExecutor(2, "fidelog-page")

        def fetch(cursor: Optional[str]) -> tuple[Response, Future[Block]]:
            at = "" if cursor is None else f"&cursor={quote(cursor)}"
            page = self._http.request("GET", f"{self._path()}/results?limit={self._page_rows}{at}", headers=ACCEPT)
            return page, workers.submit(decode if is_exact(page) else decode_rows, page.body)

        try:
            coming: Optional[Future[tuple[Response, Future[Block]]]] = workers.submit(fetch, None)
            while coming is not None:
                page, decoding = coming.result()
                self._check_time()
                cursor = page.headers.get("fidelog-next")
                coming = None if cursor is None else workers.submit(fetch, cursor)
                yield page, decoding
        finally:
            # Whoever leaves does not wait for a page that nobody wants.
            workers.shutdown(wait=False, cancel_futures=True)

    def _path(self) -> str:
        return f"/v1/queries/{quote(self.id)}"

    def abandon(self) -> None:
        """Cancels the query if it may still run. What stopped us matters more than whether that works."""
        if self._ended:
            return
        with suppress(Error, OSError, KeyError):
            if not self.id:
                # The request may have got through, though its answer did not: the same key gives the same query's id.
                headers = {"Content-Type": "application/json", "Idempotency-Key": self._key}
                answer = self._http.request("POST", "/v1/queries", self._body, headers, retries=0, timeout=3.0)
                self.id = str(answer.json()["id"])
            self._http.request("DELETE", self._path(), retries=1, timeout=3.0)
