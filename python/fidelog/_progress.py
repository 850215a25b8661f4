"""A progress bar in terminals and notebooks, if tqdm is there."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Optional


class Progress:
    """Rows received, of those that are known to come."""

    def __init__(self, is_wanted: bool) -> None:
        self._bar: Optional[Any] = None
        if not is_wanted:
            return
        try:
            with warnings.catch_warnings():
                # Without ipywidgets tqdm warns, then draws text.
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm
        except ImportError:
            return
        # In a log file it would be noise; a notebook's output is no terminal, but draws it.
        disable = None if "ipykernel" not in sys.modules else False
        self._bar = tqdm(desc="query", unit=" rows", unit_scale=True, disable=disable, leave=False, delay=0.3)

    def state(self, text: str) -> None:
        if self._bar is not None:
            self._bar.set_description_str(text.lower())

    def total(self, rows: Optional[int]) -> None:
        if self._bar is not None and rows is not None:
            self._bar.total = rows
            self._bar.refresh()

    def add(self, rows: int) -> None:
        if self._bar is not None:
            self._bar.update(rows)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
