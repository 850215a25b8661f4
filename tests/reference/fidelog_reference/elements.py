"""Section 1: the elements of which all else is made."""

import zlib

from .reject import need

EXPANSION = 1032
MIXED_MOST = 1 << 20


class Reader:
    """Bytes, read from front to back; `short` is the rule that is broken when they end too early."""

    def __init__(self, data, short="R6"):
        self.data = data
        self.at = 0
        self.short = short

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        need(n <= self.left(), self.short, f"{n} bytes wanted, {self.left()} left")
        self.at += n
        return self.data[self.at - n : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value = 0
        for i in range(10):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * i)
            if byte < 0x80:
                need(value < 1 << 64, "R6", "a varint is over 2^64 - 1")
                return value
        need(False, "R6", "a varint is longer than 10 bytes")

    def zigzag(self):
        return unzigzag(self.varint())

    def bytes(self):
        return self.take(self.varint())

    def finish(self, rule, what):
        need(self.left() == 0, rule, f"{what}: {self.left()} bytes left")


def unzigzag(u):
    return u >> 1 if u & 1 == 0 else -(u >> 1) - 1


def i64(x):
    """`x` wrapped modulo 2^64, as a signed number."""
    return ((x + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


def bits(data, n):
    need(len(data) == (n + 7) // 8, "R21", f"{n} bits in {len(data)} bytes")
    return [bool(data[i // 8] >> (i % 8) & 1) for i in range(n)]


def inflate(data, n):
    """A raw DEFLATE stream of exactly `data`, and of exactly `n` bytes."""
    need(n <= EXPANSION * len(data), "R8", f"{n} bytes declared for {len(data)} bytes of DEFLATE")
    stream = zlib.decompressobj(-15)
    try:
        out = stream.decompress(data, n + 1)
    except zlib.error as error:
        need(False, "R8", f"invalid DEFLATE: {error}")
    need(len(out) == n, "R8", f"DEFLATE of {len(out)} bytes or more, {n} declared")
    need(stream.eof, "R8", "DEFLATE without its end")
    need(stream.unused_data == b"", "R8", "bytes after the end of DEFLATE")
    return out
