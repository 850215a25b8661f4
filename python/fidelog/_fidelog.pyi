from collections.abc import Iterable, Iterator
from typing import Any, Literal, Optional, Union, final

import pyarrow

Payload = Union[bytes, bytearray, memoryview, str]
Level = Literal["fast", "default", "small"]
Times = Literal["utc", "text"]

__version__: str

class Error(Exception):
    """What any part of fidelog raises."""

class DecodeError(Error):
    """The payload is damaged, cut short, over a limit, or not one at all: `kind`, `stage` of the codec, `offset`."""

    kind: str
    stage: str
    offset: int

class EncodeError(Error):
    """A schema document, or a level, that is none: `kind`, `stage` of the codec, `offset`."""

    kind: str
    stage: str
    offset: int

class ReductionWarning(UserWarning):
    """What is encoded is not what was given: the schema leaves something out."""

@final
class Records(Iterator[bytes]):
    """An iterator over the exact records."""

    def __iter__(self) -> Records: ...
    def __next__(self) -> bytes: ...

@final
class Schema:
    """The declared fields, their encodings and the JSON style; a document may also say what is left out of records."""

    def __new__(cls, json: str) -> Schema: ...
    @staticmethod
    def infer(records: Iterable[Union[bytes, bytearray]]) -> Schema:
        """Proposes a schema for records like these."""

    @property
    def fields(self) -> list[str]:
        """The fields' names, in order."""

    @property
    def reduction(self) -> Optional[str]:
        """What the document's `keep` and `strip` leave out of records, in words; `None` if they stay whole."""

    def reduce(self, record: Union[bytes, bytearray]) -> bytes:
        """What `encode` under this schema keeps of a record."""

    def to_json(self) -> str:
        """The schema document."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Block:
    """A decoded payload. `len(block)` is its number of records."""

    @property
    def rows(self) -> int:
        """How many records."""

    @property
    def columns(self) -> list[str]:
        """The names of the fields that have a column, in the schema's order."""

    @property
    def types(self) -> dict[str, str]:
        """The columns' encodings (`integer`, `hex`, `timestamp` and so on) by their names."""

    def records(self) -> Records:
        """The records in order, exactly as they were sent, rendered as they are asked for."""

    def ndjson(self) -> bytes:
        """All records, each followed by a newline."""

    def ndjson_size(self) -> int:
        """How long `ndjson()` is, without making it."""

    def texts(self, column: str, limit: Optional[int] = None) -> list[Optional[str]]:
        """A column's values as text, `None` where SQL sees NULL: a string's content, otherwise the JSON spelling."""

    def to_arrow(self, *, times: Times = "utc") -> pyarrow.Table:
        """The columns as a `pyarrow.Table` (extra `arrow`)."""

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> Any:
        """The columns as an Arrow stream, for any library that takes one (polars, duckdb, pyarrow, pandas)."""

    def __len__(self) -> int: ...

@final
class Stream:
    """Some payloads' columns, one after the other, as one Arrow stream."""

    def __new__(cls, blocks: list[Block], times: Times = "utc") -> Stream: ...
    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> Any: ...
    def __arrow_c_schema__(self) -> Any: ...

def decode(payload: Payload, *, max_bytes: int = 4294967296) -> Block:
    """Decodes a payload (a block or a `.fdl` file; `str` is base64) of at most `max_bytes` of columns, and of records."""

def decode_rows(payload: Payload) -> Block:
    """Decodes a payload of a query's rows, which are no records: the texts NaN and Infinity in a number column are numbers."""

def unpack(payload: Payload, *, max_bytes: int = 4294967296) -> bytes:
    """Gives a packed file of at most `max_bytes` back, byte for byte."""

def encode(
    records: Iterable[Union[bytes, bytearray]],
    schema: Optional[Union[Schema, str]] = None,
    *,
    level: Level = "default",
) -> bytes:
    """Encodes records as one payload, under a schema (or the document of one), or one that is inferred from them.

    A schema that leaves something out (`Schema.reduction`) is obeyed, with a `ReductionWarning` that says so.
    """
