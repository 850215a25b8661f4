"""What a query answers: rows and, where it is exact, records, for whatever wants them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Optional, Union

from ._arrow import needs, table
from ._errors import NotExactError
from ._fidelog import Block, Error, Stream

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Times = Literal["utc", "text"]

_DOUBLES = ("NaN", "Infinity", "-Infinity")


class Stats:
    """What a query cost, and what its answer weighed."""

    def __init__(self, blocks: list[Block], payload_bytes: int, engine: dict[str, Any], seconds: float) -> None:
        self._blocks = blocks
        self._json_bytes: Optional[int] = None
        #: Bytes of the payloads that were received.
        self.payload_bytes = payload_bytes
        #: Bytes that the engine read: on Athena, what is billed.
        self.bytes_scanned = int(engine.get("bytes_scanned") or 0)
        #: Milliseconds that the engine took.
        self.engine_ms = int(engine.get("engine_ms") or 0)
        #: Seconds from the question to the last row.
        self.seconds = seconds

    @property
    def json_bytes(self) -> int:
        """Bytes of the same answer as JSON lines. It is counted when asked for: that takes as long as spelling it."""
        if self._json_bytes is None:
            self._json_bytes = sum(block.ndjson_size() for block in self._blocks)
        return self._json_bytes

    def __repr__(self) -> str:
        return (
            f"Stats(bytes_scanned={self.bytes_scanned}, engine_ms={self.engine_ms}, "
            f"payload_bytes={self.payload_bytes}, seconds={self.seconds:.3f})"
        )


class Rows:
    """Rows of an answer. Data frame libraries take it directly: `polars.DataFrame(rows)`, DuckDB's `FROM rows`."""

    def __init__(self, blocks: list[Block], exact: bool) -> None:
        self._blocks = blocks
        #: Whether the rows are whole records.
        self.exact = exact
        #: How many rows.
        self.rows = sum(block.rows for block in blocks)

    @property
    def types(self) -> dict[str, str]:
        """The columns' encodings (`integer`, `hex`, `timestamp` and so on) by their names."""
        types: dict[str, str] = {}
        for block in reversed(self._blocks):
            types.update(block.types)
        return {name: types[name] for name in self.columns}

    @property
    def columns(self) -> list[str]:
        """The columns' names."""
        return list(dict.fromkeys(chain.from_iterable(block.columns for block in self._blocks)))

    def __len__(self) -> int:
        return self.rows

    def __repr__(self) -> str:
        from ._show import text

        return text(self)

    def _repr_html_(self) -> str:
        from ._show import html

        return html(self)

    def records(self) -> Iterator[bytes]:
        """The exact records, one at a time; raises `NotExactError` if these are rows."""
        if not self.exact:
            raise NotExactError
        return chain.from_iterable(block.records() for block in self._blocks)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Each record, or row, as a dict: all its members, integers of any size. A record that is no JSON object raises."""
        # In rows, though not in records, a number column's NaN and infinities are numbers: JSON has none for them.
        doubles = [] if self.exact else [_key(name) for name, type in self.types.items() if type == "number"]
        for i, record in enumerate(chain.from_iterable(block.records() for block in self._blocks)):
            try:
                value = json.loads(record)
            except ValueError:
                value = None
            if not isinstance(value, dict):
                raise Error(f"record {i} is no JSON object: take records()")
            for name in doubles:
                if value.get(name) in _DOUBLES:
                    value[name] = float(value[name])
            yield value

    def json(self, column: str) -> list[Any]:
        """A JSON column's values, parsed; `None` where it is null."""
        values: list[Any] = []
        for i, text in enumerate(self._texts(column)):
            if text is None:
                values.append(None)
                continue
            try:
                values.append(json.loads(text))
            except ValueError as error:
                kind = self.types[column]
                raise Error(f"row {i} of {column}, a column of type {kind}, is no JSON: {text[:60]!r}") from error
        return values

    def _texts(self, column: str, limit: Optional[int] = None) -> list[Optional[str]]:
        if column not in self.columns:
            raise KeyError(f"{column}: the columns are {', '.join(self.columns)}")
        texts: list[Optional[str]] = []
        for block in self._blocks:
            left = None if limit is None else limit - len(texts)
            if left == 0:
                break
            if column in block.columns:
                texts += block.texts(column, left)
            else:
                texts += [None] * (block.rows if left is None else min(left, block.rows))
        return texts

    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        return Stream(self._blocks).__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return Stream(self._blocks).__arrow_c_schema__()

    def to_arrow(self, *, times: Times = "utc") -> pyarrow.Table:
        """A `pyarrow.Table`: ids as dictionaries, times as timestamp[us, UTC] or (`times="text"`) as they were sent."""
        # Each page has a dictionary of its own; one for all suits everything that comes after.
        return table(Stream(self._blocks, times)).unify_dictionaries()

    def to_pandas(self, *, times: Times = "utc") -> pandas.DataFrame:
        """A `pandas.DataFrame`: ids are categories, integers with nulls are Int64, null is null in every column."""
        needs("pandas", "pandas")
        frame: pandas.DataFrame = self.to_arrow(times=times).to_pandas(types_mapper=_nullable().get)
        return frame

    def to_polars(self, *, times: Times = "utc") -> polars.DataFrame:
        """A `polars.DataFrame`; ids are categoricals."""
        frame: polars.DataFrame = needs("polars", "polars").DataFrame(Stream(self._blocks, times))
        return frame

    def to_parquet(self, path: Union[str, os.PathLike[str]], *, times: Times = "utc") -> None:
        """Writes the columns as a Parquet file (zstd)."""
        needs("pyarrow.parquet", "arrow").write_table(self.to_arrow(times=times), path, compression="zstd")

    def to_jsonl(self, path: Union[str, os.PathLike[str], BinaryIO]) -> None:
        """Writes the records' exact bytes (or the rows), each followed by a newline, to a path or a binary file.

        A record that holds a newline itself makes lines ambiguous; `records()` never is.
        """
        if isinstance(path, (str, os.PathLike)):
            with open(path, "wb") as file:
                return self.to_jsonl(file)
        for block in self._blocks:
            path.write(block.ndjson())
        return None


class Page(Rows):
    """One page of an answer."""


class Result(Rows):
    """A query's whole answer."""

    def __init__(self, query_id: str, blocks: list[Block], exact: bool, stats: Stats) -> None:
        super().__init__(blocks, exact)
        #: The query's id on the server.
        self.query_id = query_id
        #: What it cost.
        self.stats = stats

    def _repr_html_(self) -> str:
        from ._show import html

        return html(self, self.stats)


def _key(name: str) -> str:
    """A column's name as `json` reads it: names are as the record spells them."""
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name


def _nullable() -> dict[Any, Any]:
    """The pandas types that keep a null a null."""
    import pandas
    import pyarrow

    return {
        pyarrow.int64(): pandas.Int64Dtype(),
        pyarrow.bool_(): pandas.BooleanDtype(),
        pyarrow.string(): pandas.StringDtype(),
        pyarrow.float64(): pandas.Float64Dtype(),
    }
