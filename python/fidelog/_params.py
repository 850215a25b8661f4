"""Values for a query's question marks."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any, Optional, Union
from uuid import UUID

Param = Union[None, bool, int, float, str, bytes, datetime, date, UUID]


def plain_all(params: Optional[Sequence[Param]]) -> list[Union[None, bool, int, float, str]]:
    """A query's parameters as JSON has them."""
    if params is None:
        return []
    if isinstance(params, (str, bytes, Mapping)) or not hasattr(params, "__iter__"):
        # Text would be a parameter for each letter.
        raise TypeError(f"params is a list, one value for each ? in the query, not {type(params).__name__}")
    return [plain(param) for param in params]


def plain(value: Param) -> Union[None, bool, int, float, str]:
    """A value as JSON has it: times as RFC 3339 (one without a zone is UTC, never this machine's), bytes as hex."""
    value = _scalar(value)
    if value is None or isinstance(value, (bool, str)):
        return value
    # Neither NaN nor pandas's NaT equals itself.
    if value == value:
        if isinstance(value, datetime):
            value = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
            return value.isoformat().replace("+00:00", "Z")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, float) and math.isfinite(value):
            return float(value)
        if hasattr(value, "__index__"):
            return operator.index(value)
    raise TypeError(f"a parameter is None, a boolean, a finite number, text, bytes, a time or a UUID, not {value!r}")


def _scalar(value: Any) -> Any:
    """NumPy's booleans, integers and floats as Python's."""
    is_scalar = getattr(getattr(value, "dtype", None), "kind", "") in ("b", "i", "u", "f") and value.ndim == 0
    return value.item() if is_scalar else value
