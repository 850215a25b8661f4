"""Payloads from files and from the web."""

from __future__ import annotations

import os
from typing import Union

from ._fidelog import Block, decode


def read(path_or_url: Union[str, os.PathLike[str]], *, timeout: float = 30.0) -> Block:
    """Decodes a `.fdl` file, or a payload that an http(s) URL answers with."""
    if isinstance(path_or_url, str) and path_or_url.startswith(("http://", "https://")):
        from urllib.error import URLError
        from urllib.request import Request, urlopen

        from ._errors import TransportError

        accept = {"Accept": "application/vnd.fidelog.block, */*;q=0.1"}
        try:
            with urlopen(Request(path_or_url, headers=accept), timeout=timeout) as response:
                return decode(response.read())
        except URLError as error:
            raise TransportError(f"{path_or_url}: {error}") from error
    with open(path_or_url, "rb") as file:
        return decode(file.read())
