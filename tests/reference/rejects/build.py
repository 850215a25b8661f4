"""Builds containers by hand, right or wrong: what is not said is right."""

import zlib

DEFLATE, MIXING = 0, 1
MODEL_SIZE = 512


class Stream:
    """A stream's bytes, where the header has its entry; they go into the group."""

    def __init__(self, data=b""):
        self.data = bytes(data)


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out) + bytes([n])


def zigzag(v):
    return varint(2 * v if v >= 0 else -2 * v - 1)


def prefixed(data):
    return varint(len(data)) + data


def section(kind, body, checksum=0):
    """`checksum` is what is wrong with it."""
    data = bytes([kind]) + prefixed(body)
    return data + (zlib.crc32(data) ^ checksum).to_bytes(4, "little")


END = section(0, b"")


def container(*sections, end=END):
    return b"FDL\x01" + b"".join(sections) + end


def run(data, kind=0):
    return varint(len(data)) + bytes([kind]) + data


def framing(body=b"\0\0\0\0", after=b""):
    return section(2, run(body) + after)


def block(header, rows=3, coding=DEFLATE, group=b"", outside=b"", header_run=None):
    """A block section; `header` is bytes and streams, `group` what is left over in it."""
    pieces = header if isinstance(header, list) else [header]
    streams = b"".join(piece.data for piece in pieces if isinstance(piece, Stream))
    entries = b"".join(varint(len(p.data) << 2 | 2) if isinstance(p, Stream) else p for p in pieces)
    head = varint(rows) + bytes([coding])
    return section(1, head + (header_run or run(entries)) + run(streams + group) + outside)


def field(*keys, encoding=b"\0", name=None, shared=0):
    """Encoding is the code and its parameters."""
    path = varint(shared) + varint(len(keys)) + b"".join(map(prefixed, keys))
    if name is None:
        return path + encoding
    return path + bytes([encoding[0] | 0x80]) + encoding[1:] + prefixed(name)


def schema(*fields, version=1, style=b"\0", event_time=0, count=None, declared=None):
    count = len(fields) if count is None else count
    declared = count if declared is None else declared
    return varint(version) + style + b"".join(map(varint, (event_time, count, declared))) + b"".join(fields)


N = field(b"n")


def default_skeletons(rows, coding=DEFLATE):
    """Column 0, null in all rows; no text context under mixing, and no strings."""
    flags_and_ids = b"\2\0\1" if rows else b"\0\0"
    return [flags_and_ids + b"\0" * coding + b"\0\1", Stream()]


def header(fields, columns, coding=DEFLATE, rows=3, **of_schema):
    """The header of rows that all have the default skeleton."""
    size = varint(MODEL_SIZE) if coding == MIXING else b""
    return [schema(*fields, **of_schema) + size] + default_skeletons(rows, coding) + columns


def one_column(encoding, *column, rows=3, coding=DEFLATE):
    """A container with one field, whose column is bytes and streams."""
    pieces = header([field(b"a", encoding=encoding)], [b"\0"] + list(column), coding, rows)
    return container(block(pieces, rows=rows, coding=coding))


def integers(*numbers, shape=0):
    """The values of an integer column: numbers of at most 7 bits, base 0."""
    return [bytes([shape]) + b"\0", Stream(numbers)]
