"""Values for a query's question marks."""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from datetime import date, datetime, timezone
from typing import Union
from uuid import UUID

Param = Union[None, bool, int, float, str, bytes, datetime, date, UUID]


def plain(value: Param) -> Union[None, bool, int, float, str]:
    """A value as JSON has it: times as RFC 3339 (one without a zone is UTC, never this machine's), bytes as hex."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, datetime):
        value = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if not isinstance(value, float):
        with suppress(TypeError):
            # NumPy's integers, too.
            return operator.index(value)
    elif math.isfinite(value):
        return float(value)
    raise TypeError(f"a parameter is None, a boolean, a finite number, text, bytes, a time or a UUID, not {value!r}")
