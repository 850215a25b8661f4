"""Section 8: values, of every encoding; strings in their layouts."""

import struct
from collections import namedtuple

from .elements import Reader, bits, i64, unzigzag
from .encodings import BOOLEAN, INTEGER
from .mixing.integers import mixed_differences
from .reject import need
from .text import TEXT_LAYOUT, MIXED_TEXT_LAYOUT, read_text

# What mixing knows of a plain column's values: the row of each, and up to two atoms.
PlainRows = namedtuple("PlainRows", "rows atoms")
# What it knows of a ranked column's texts: the column's number, the row of first use of each, and an atom or None.
TextRows = namedtuple("TextRows", "column rows atom")

ROWS, PLANES, LENGTHS = 0, 1, 2
DELTA, FALLING, SIGNED = 1, 2, 4


def read_values(columns, encoding, count, plain, text):
    if encoding.code == INTEGER:
        return integers(columns, count, plain)
    if encoding.code == BOOLEAN:
        return bits(columns.streams.next(), count)
    if encoding.is_number:
        return numbers(columns, count, plain)
    if encoding.is_timestamp:
        return timestamps(columns, count, plain)
    return strings(columns, count, text)


def integers(columns, count, plain):
    shape, base = columns.header.byte(), columns.header.zigzag()
    width = shape >> 3
    need(width <= 8, "R22", f"numbers of {width} planes")
    need(shape & DELTA or not shape & (FALLING | SIGNED), "R22", "falling or signed, but not delta")
    signed = bool(shape & SIGNED)
    data = columns.streams.next()
    if plain:
        differences = mixed_differences(data, signed, plain)
    else:
        differences = plain_numbers(data, width, count)
        if signed:
            differences = map(unzigzag, differences)
    last, values = base, []
    for d in differences:
        value = i64(last - d if shape & FALLING else last + d)
        if shape & DELTA:
            last = value
        values.append(value)
    return values


def plain_numbers(data, width, count):
    if width == 0:
        return varints(data, count, "R23")
    return [int.from_bytes(number, "big") for number in from_planes(data, width, count, "R23")]


def varints(data, count, rule):
    reader = Reader(data, short=rule)
    numbers = [reader.varint() for _ in range(count)]
    reader.finish(rule, "numbers")
    return numbers


def from_planes(data, width, count, rule):
    need(len(data) == width * count, rule, f"{len(data)} bytes for {count} times {width}")
    return [data[i::count] for i in range(count)]


def numbers(columns, count, plain):
    e = columns.header.byte()
    if e == 255:
        planes = from_planes(columns.streams.next(), 8, count, "R23")
        return [struct.unpack(">d", double)[0] for double in planes]
    need(e <= 22, "R22", f"numbers with e = {e}")
    return [float(m) / float(10**e) for m in integers(columns, count, plain)]


def timestamps(columns, count, plain):
    byte = columns.header.byte()
    e, nanos = byte & 0x7F, byte & 0x80
    need(e <= 6, "R22", f"times with e = {e}")
    us = [i64(m * 10**e) for m in integers(columns, count, plain)]
    ns = integers(columns, count, plain) if nanos else [0] * count
    need(all(0 <= n <= 65535 for n in ns), "R22", "ns are over 65535")
    return list(zip(us, ns))


def strings(columns, count, text):
    layout = columns.header.byte()
    need(layout <= MIXED_TEXT_LAYOUT, "R24", f"layout {layout}")
    if layout in (TEXT_LAYOUT, MIXED_TEXT_LAYOUT):
        mixing = columns.text_model is not None
        need(mixing == (layout == MIXED_TEXT_LAYOUT), "R24", f"layout {layout} with the other coding")
        return read_text(columns, count, text)
    if layout == LENGTHS:
        lengths = varints(columns.streams.next(), count, "R23")
        data = columns.streams.next()
        need(sum(lengths) == len(data), "R24", f"lengths of {sum(lengths)} bytes, {len(data)} bytes")
        reader = Reader(data)
        return [reader.take(n) for n in lengths]
    width = columns.header.varint()
    need(1 <= width < 1 << 32, "R24", f"width {width}")
    data = columns.streams.next()
    if layout == PLANES:
        return from_planes(data, width, count, "R24")
    need(len(data) == width * count, "R24", f"{len(data)} bytes for {count} times {width}")
    return [data[i * width : (i + 1) * width] for i in range(count)]
