"""How a result looks in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._result import Result

ROWS = 10
COLUMNS = 20
CHARACTERS = 80

# Counting JSON bytes spells every record: done by itself only where that takes no time worth mentioning.
COUNTED = 100_000


def html(result: Result) -> str:
    """The first rows, how many there are, and what they weighed."""
    names = result.columns[:COLUMNS]
    values = [result._texts(name, ROWS) for name in names]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in zip(*values))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(_summary(result))}</p>"


def _cell(text: Optional[str]) -> str:
    if text is None:
        return '<td style="opacity:.5">null</td>'
    return f"<td>{escape(text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + '…')}</td>"


def _summary(result: Result) -> str:
    stats = result.stats
    parts = [f"{result.rows:,} {'exact records' if result.exact else 'rows'}"]
    if len(result.columns) > COLUMNS:
        parts.append(f"{len(result.columns)} columns, {COLUMNS} shown")
    if result.rows <= COUNTED and result.rows:
        parts.append(f"{stats.payload_bytes:,} bytes received for {stats.json_bytes:,} of JSON")
    else:
        parts.append(f"{stats.payload_bytes:,} bytes received")
    parts.append(f"{stats.bytes_scanned:,} bytes scanned")
    parts.append(f"{stats.seconds:.2f} s")
    return " · ".join(parts)
