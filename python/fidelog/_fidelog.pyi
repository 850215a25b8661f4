from collections.abc import Iterable
from typing import Literal, Optional, Union, final

Payload = Union[bytes, bytearray, memoryview, str]
Level = Literal["fast", "default", "small"]

__version__: str

class Error(Exception):
    """What went wrong, in which stage of the codec, and at which byte."""

    kind: str
    stage: str
    offset: int

class DecodeError(Error):
    """The payload is damaged, cut short, over a limit, or not one at all."""

@final
class Block:
    """A decoded payload. `len(block)` is its number of records."""

    @property
    def rows(self) -> int:
        """How many records."""

    @property
    def columns(self) -> list[str]:
        """The names of the fields that have a column, in the schema's order."""

    def records(self) -> list[bytes]:
        """The records, exactly as they were sent."""

    def ndjson(self) -> bytes:
        """All records, each followed by a newline."""

    def __len__(self) -> int: ...

def decode(payload: Payload) -> Block:
    """Decodes a payload (a block or a `.fdl` file; `str` is base64)."""

def unpack(payload: Payload) -> bytes:
    """Gives a packed file back, byte for byte."""

def encode(records: Iterable[Union[bytes, bytearray]], schema: Optional[str] = None, *, level: Level = "default") -> bytes:
    """Encodes records as one payload, under a schema document or one that is inferred from them."""
