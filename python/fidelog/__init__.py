"""SQL over logs, and every record back byte for byte: `fidelog.connect(url).query(sql)`; `decode` and `encode` payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import NotExactError, QueryError, TransportError
from ._fidelog import (
    Block,
    DecodeError,
    EncodeError,
    Error,
    ReductionWarning,
    Schema,
    __version__,
    decode,
    encode,
    unpack,
)

if TYPE_CHECKING:
    from ._aio import AsyncClient
    from ._client import Client, connect
    from ._read import read
    from ._result import Page, Result, Stats

__all__ = [
    "AsyncClient",
    "Block",
    "Client",
    "DecodeError",
    "EncodeError",
    "Error",
    "NotExactError",
    "Page",
    "QueryError",
    "ReductionWarning",
    "Result",
    "Schema",
    "Stats",
    "TransportError",
    "__version__",
    "connect",
    "decode",
    "encode",
    "read",
    "unpack",
]

# What needs http.client and ssl is imported when it is first used: half of the import time is theirs.
_LATER = {
    "AsyncClient": "_aio",
    "Client": "_client",
    "connect": "_client",
    "read": "_read",
    "Page": "_result",
    "Result": "_result",
    "Stats": "_result",
}


# Type checkers would take any name for one that is there.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError(f"module 'fidelog' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
