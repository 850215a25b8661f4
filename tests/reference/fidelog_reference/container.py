"""Section 2: the container, its sections and the framing."""

import zlib

from .block import decode_block
from .elements import Reader
from .reject import Caps, Reject, need
from .run import read_run

VERSION = 1
END, BLOCK, FRAMING = 0, 1, 2


def decode(container, caps=None):
    """The container's records."""
    blocks, _ = sections(container)
    caps = caps or Caps()
    return [record for body in blocks for record in decode_block(body, caps)]


def unpack(container, caps=None):
    """The file that the container stands for."""
    _, framing = sections(container)
    records = decode(container, caps)
    if framing is None:
        return b"".join(record + b"\n" for record in records)
    return framed(records, framing, caps or Caps())


def sections(container):
    """The bodies of the blocks, and of the framing if there is one."""
    need(container[:3] == b"FDL", "R1", "not a container")
    need(len(container) > 3 and container[3] == VERSION, "R1", "of no version that this decoder knows")
    blocks, framing = [], None
    reader = Reader(container)
    reader.take(4)
    while True:
        need(reader.left(), "R3", "there is no end section")
        kind, body = section(reader)
        if kind == END:
            need(body == b"" and reader.left() == 0, "R3", "the end is not empty, or not the end")
            return blocks, framing
        if kind == BLOCK:
            need(framing is None, "R4", "a block after the framing")
            blocks.append(body)
        elif kind == FRAMING:
            need(framing is None, "R4", "two framings")
            framing = body


def section(reader):
    start = reader.at
    kind = reader.byte()
    need(kind <= FRAMING or kind >= 128, "R2", f"a section of kind {kind}")
    try:
        length = reader.varint()
        need(length <= reader.left(), "R2", "a section does not end inside the container")
        body = reader.take(length)
        checked = reader.data[start : reader.at]
        checksum = int.from_bytes(reader.take(4), "little")
    except Reject as reject:
        raise Reject("R2", "a section does not end inside the container") from reject
    need(zlib.crc32(checked) == checksum, "R2", "a section's checksum is wrong")
    return kind, body


def framed(records, body, caps):
    outer = Reader(body)
    reader = Reader(read_run(outer, caps))
    outer.finish("R5", "the framing")
    prefix, separator, suffix = reader.bytes(), reader.bytes(), reader.bytes()
    exceptions, index = {}, 0
    for _ in range(reader.varint()):
        step = reader.varint()
        need(step >= 1, "R5", "a step of 0")
        index += step
        need(index < len(records), "R5", f"an exception before record {index}, which there is not")
        exceptions[index] = reader.bytes()
    reader.finish("R5", "the framing")
    between = [exceptions.get(i, separator) for i in range(1, len(records))]
    return prefix + b"".join(a + b for a, b in zip(records, between + [b""])) + suffix
