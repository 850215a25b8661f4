"""Section 1, runs; section 3, the entries of streams."""

from .elements import MIXED_MOST, inflate
from .mixing.bytes import mixed_bytes
from .reject import need

STORED, DEFLATE, MIXED = 0, 1, 2


def read_run(reader, caps):
    n, kind = reader.varint(), reader.byte()
    need(kind <= MIXED, "R7", f"a run of kind {kind}")
    if kind == STORED:
        caps.take("column_bytes", n)
        return reader.take(n)
    return unpacked(reader.bytes(), n, kind == DEFLATE, caps)


def unpacked(data, n, is_deflate, caps):
    """`n` bytes out of DEFLATE or mixed bytes."""
    if not is_deflate:
        need(n <= MIXED_MOST, "R8", f"{n} mixed bytes")
    caps.take("column_bytes", n)
    return inflate(data, n) if is_deflate else mixed_bytes(data, n)


class Streams:
    """The group and part 5 of a block, taken from as the header's entries come up."""

    def __init__(self, header, group, outside, caps):
        self.header = header
        self.group = group
        self.outside = outside
        self.caps = caps

    def next(self):
        entry = self.header.varint()
        n, kind = entry >> 2, entry & 3
        if kind == 0:
            self.caps.take("column_bytes", n)
            return self.outside.take(n)
        if kind == 2:
            return self.group.take(n)
        return unpacked(self.outside.take(self.header.varint()), n, kind == 1, self.caps)
