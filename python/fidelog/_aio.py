"""The client for asyncio: the same client, its requests in threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Optional, Union

from ._client import PAGE_ROWS, Client, Query
from ._fidelog import Block
from ._params import Param
from ._result import Page, Result, Stats


class AsyncClient:
    """Asks one server without blocking the event loop. Cancelling the task cancels its query on the server."""

    def __init__(
        self,
        url: str,
        token: Optional[str] = None,
        aws: Union[None, bool, Any] = None,
        *,
        timeout: float = 30.0,
        retries: int = 4,
    ) -> None:
        self._client = Client(url, token, aws, timeout=timeout, retries=retries)

    async def query(
        self, sql: str, params: Optional[Sequence[Param]] = None, *, timeout: Optional[float] = None
    ) -> Result:
        """Runs a query and fetches its whole answer."""
        started = time.monotonic()
        query = self._client._query(sql, params, timeout=timeout)
        blocks = [block async for block in _blocks(query)]
        stats = Stats(blocks, query.payload_bytes, query.stats, time.monotonic() - started)
        return Result(query.id, blocks, query.exact, stats)

    async def pages(
        self,
        sql: str,
        params: Optional[Sequence[Param]] = None,
        *,
        page_rows: int = PAGE_ROWS,
        timeout: Optional[float] = None,
    ) -> AsyncIterator[Page]:
        """Runs a query and gives its answer page by page."""
        query = self._client._query(sql, params, timeout=timeout, page_rows=page_rows)
        async for block in _blocks(query):
            yield Page([block], query.exact)

    async def cancel(self, query_id: str) -> None:
        """Cancels a query; one that has ended stays as it is."""
        await asyncio.to_thread(self._client.cancel, query_id)

    async def schema(self) -> dict[str, Any]:
        """The log table's columns as SQL sees them, and its schema document."""
        return await asyncio.to_thread(self._client.schema)

    async def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<fidelog.AsyncClient of {self._client._http.origin}{self._client._http.base}>"


async def _blocks(query: Query) -> AsyncIterator[Block]:
    blocks = query.blocks()
    while True:
        try:
            block = await asyncio.to_thread(next, blocks, None)
        except asyncio.CancelledError:
            # The thread sees that the query was cancelled, and ends.
            await asyncio.shield(asyncio.to_thread(query.abandon))
            raise
        if block is None:
            return
        yield block
