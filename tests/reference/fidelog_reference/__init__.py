"""A second decoder of the container format, written from `codec/FORMAT.md` alone: slow, plain, one subject a file.

It keeps the page honest. `decode` gives a container's records, `unpack` the file it stands for; both raise `Reject`.
"""

from .container import decode, unpack
from .reject import Caps, Reject

__all__ = ["Caps", "Reject", "decode", "unpack"]
