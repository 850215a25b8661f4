"""Payloads from files and from the web."""

from __future__ import annotations

import os
from typing import Callable, Union

from ._fidelog import Block, DecodeError, decode, decode_rows


def read(path_or_url: Union[str, os.PathLike[str]], *, timeout: float = 30.0) -> Block:
    """Decodes a `.fdl` file, or a payload that an http(s) URL answers with."""
    if isinstance(path_or_url, str) and path_or_url.startswith(("http://", "https://")):
        from urllib.error import URLError
        from urllib.request import Request, build_opener

        from ._errors import TransportError

        accept = {"Accept": "application/vnd.fidelog.block, */*;q=0.1"}
        try:
            # `urlopen` remembers the proxies that it once saw.
            with build_opener().open(Request(path_or_url, headers=accept), timeout=timeout) as response:
                is_rows = response.headers.get("Fidelog-Exact") == "false"
                return _decoded(decode_rows if is_rows else decode, response.read(), path_or_url)
        except URLError as error:
            raise TransportError(f"{path_or_url}: {error}") from error
    with open(path_or_url, "rb") as file:
        return _decoded(decode, file.read(), path_or_url)


def _decoded(decode: Callable[[bytes], Block], payload: bytes, source: Union[str, os.PathLike[str]]) -> Block:
    try:
        return decode(payload)
    except DecodeError as error:
        error.args = (f"{os.fspath(source)}: {error}",)
        raise
