"""How rows look: a table of the first ones, in a notebook or a terminal."""

from __future__ import annotations

import shutil
from html import escape
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from ._result import Rows, Stats

ROWS = 10
COLUMNS = 20
CHARACTERS = 80

# A terminal's cells are narrower, so that more columns fit.
NARROW = 32

# Counting JSON bytes spells every record: done by itself only where that takes no time worth mentioning.
COUNTED = 100_000


def html(rows: Rows, stats: Optional[Stats] = None) -> str:
    """The first rows, how many there are, and what they weighed."""
    names = rows.columns[:COLUMNS]
    types = rows.types
    values = [rows._texts(name, ROWS) for name in names]
    head = "".join(f'<th>{escape(name)}<br><small style="opacity:.5">{types[name]}</small></th>' for name in names)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in zip(*values))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{escape(_summary(rows, stats))}</p>"


def _cell(text: Optional[str]) -> str:
    if text is None:
        return '<td style="opacity:.5">null</td>'
    return f"<td>{escape(_short(text, CHARACTERS))}</td>"


def _summary(rows: Rows, stats: Optional[Stats]) -> str:
    parts = [_count(rows)]
    if len(rows.columns) > COLUMNS:
        parts.append(f"{len(rows.columns)} columns, {COLUMNS} shown")
    if stats is not None:
        if rows.rows <= COUNTED and rows.rows:
            parts.append(f"{stats.payload_bytes:,} bytes received for {stats.json_bytes:,} of JSON")
        else:
            parts.append(f"{stats.payload_bytes:,} bytes received")
        parts.append(f"{stats.bytes_scanned:,} bytes scanned")
        parts.append(f"{stats.seconds:.2f} s")
    return " · ".join(parts)


def text(rows: Rows) -> str:
    """The first rows and columns, as many as the terminal is wide."""
    room = shutil.get_terminal_size((120, 24)).columns
    lines = [""] * (2 + min(rows.rows, ROWS))
    names = rows.columns
    types = rows.types
    shown = 0
    for name in names[:COLUMNS]:
        values = ["null" if value is None else _line(value) for value in rows._texts(name, ROWS)]
        cells = [_line(name), types[name], *values]
        width = max(map(len, cells))
        if shown and len(lines[0]) + width + 2 > room:
            break
        lines = [f"{line}{cell.ljust(width)}  " for line, cell in zip(lines, cells)]
        shown += 1
    head = f"<fidelog.{type(rows).__name__} of {_count(rows)}"
    head += f"; {len(names)} columns, {shown} shown>" if shown < len(names) else ">"
    return "\n".join([head, *(line.rstrip() for line in lines)])


def _count(rows: Rows) -> str:
    return f"{rows.rows:,} {'exact record' if rows.exact else 'row'}{'' if rows.rows == 1 else 's'}"


def _line(text: str) -> str:
    """A text on one line: what moves a terminal's cursor is escaped."""
    text = text[: NARROW + 1]
    return _short(text if text.isprintable() else ascii(text)[1:-1], NARROW)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
