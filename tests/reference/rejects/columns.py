"""Sections 5 to 8 of the page but text: rules R17, R18, R21 to R24 and R33."""

from .build import N, Stream, block, container, one_column, prefixed, schema, varint, zigzag

INTEGER, BOOLEAN, TEXT, JSON, UUID, HEX, NUMBER, EPOCH = b"\0", b"\1", b"\2", b"\3", b"\4", b"\6\0", b"\x08", b"\x0c"
PLAIN, PLAIN_NULLS, RANKED, RANKED_NULLS = b"\1", b"\3", b"\0", b"\2"
ONE_ID = RANKED + b"\1"
LAYOUT = {"rows": b"\0", "planes": b"\1", "lengths": b"\2", "text": b"\3", "mixed": b"\4", "none": b"\5"}


def integers(data, shape=0, base=0):
    return [bytes([shape]) + zigzag(base), Stream(data)]


def plain(encoding, *values, rows=3):
    return one_column(encoding, PLAIN, *values, rows=rows)


def one_string(layout, *parts, encoding=TEXT):
    """Three rows with the same string, in this layout."""
    return one_column(encoding, ONE_ID, LAYOUT[layout], *parts)


def skeleton(data):
    """Three rows of one skeleton that is not the default one, over the field n."""
    column = [b"\0\1\0" + varint(len(data)), Stream(data)]
    values = [b"\0\1"] + integers(b"\1\2\3")
    return container(block([schema(N)] + column + values))


HOLE = prefixed(b'{"n":') + b"\0" + prefixed(b"}")
RIGHT = {
    "plain": plain(INTEGER, *integers(b"\1\2\3")),
    "plain-nulls": one_column(INTEGER, PLAIN_NULLS, Stream(b"\2"), *integers(b"\1\2")),
    "ranked-null": one_column(INTEGER, RANKED_NULLS + b"\0\1", *integers(b"")),
    "planes": plain(INTEGER, *integers(b"\0\0\0\1\2\3", shape=0x10)),
    "falling": plain(INTEGER, *integers(b"\1\2\3", shape=7)),
    "boolean": plain(BOOLEAN, Stream(b"\5")),
    "number": plain(NUMBER, b"\x16", *integers(b"\1\2\3")),
    "doubles": plain(NUMBER, b"\xff", Stream(bytes(24))),
    "time": plain(EPOCH, b"\x86", *integers(b"\1\2\3"), *integers(b"\0\0\0")),
    "rows": one_string("rows", b"\2", Stream(b"ab")),
    "planes-of-strings": one_string("planes", b"\2", Stream(b"ab")),
    "lengths": one_string("lengths", Stream(b"\2"), Stream(b"ab")),
    "skeleton": skeleton(HOLE),
}

NONE = [LAYOUT["rows"] + b"\1", Stream()]

CASES = [
    ("R17", "flags", "column flags 4", one_column(INTEGER, b"\5", *integers(b"\1\2\3"))),
    ("R17", "plain-text", "a plain text column", plain(TEXT, *NONE, rows=0)),
    ("R17", "plain-json", "a plain json column", plain(JSON, *NONE, rows=0)),
    ("R17", "plain-uuid", "a plain uuid column", plain(UUID, *NONE, rows=0)),
    ("R17", "plain-hex", "a plain hex column", plain(HEX, *NONE, rows=0)),
    ("R18", "m-over-h", "four ids in three rows", one_column(INTEGER, RANKED + b"\4\0", Stream(b"\0\0\0"), Stream(), *integers(b"\1\2\3\4"))),
    ("R18", "m-0", "no ids in three rows", one_column(INTEGER, RANKED + b"\0", *integers(b""))),
    ("R18", "null", "null is id 1 of one", one_column(INTEGER, RANKED_NULLS + b"\1\1", *integers(b""))),
    ("R18", "null-of-none", "null is id 0, and there are no rows", one_column(INTEGER, RANKED_NULLS + b"\0\0", *integers(b""), rows=0)),
    ("R21", "long", "three booleans in two bytes", plain(BOOLEAN, Stream(b"\5\0"))),
    ("R21", "short", "nine booleans in one byte", plain(BOOLEAN, Stream(b"\5"), rows=9)),
    ("R21", "nulls", "three rows' nulls in two bytes", one_column(INTEGER, PLAIN_NULLS, Stream(b"\2\0"), *integers(b"\1\2"))),
    ("R22", "width-9", "numbers of nine planes", plain(INTEGER, *integers(bytes(27), shape=0x48))),
    ("R22", "falling", "falling, but not delta", plain(INTEGER, *integers(b"\1\2\3", shape=2))),
    ("R22", "signed", "signed, but not delta", plain(INTEGER, *integers(b"\1\2\3", shape=4))),
    ("R22", "number-23", "a number's e is 23", plain(NUMBER, b"\x17", *integers(b"\1\2\3"))),
    ("R22", "number-254", "a number's e is 254", plain(NUMBER, b"\xfe", *integers(b"\1\2\3"))),
    ("R22", "time-7", "a timestamp's e is 7", plain(EPOCH, b"\7", *integers(b"\0\0\0"))),
    ("R22", "ns", "ns are 65536", plain(EPOCH, b"\x80", *integers(b"\0\0\0"), *integers(b"\0\0\0", base=65536))),
    ("R22", "ns-negative", "ns are -1", plain(EPOCH, b"\x80", *integers(b"\0\0\0"), *integers(b"\0\0\0", base=-1))),
    ("R23", "numbers-left", "four numbers for three rows", plain(INTEGER, *integers(b"\1\2\3\4"))),
    ("R23", "numbers-few", "two numbers for three rows", plain(INTEGER, *integers(b"\1\2"))),
    ("R23", "planes-left", "seven bytes of two planes for three rows", plain(INTEGER, *integers(bytes(7), shape=0x10))),
    ("R23", "planes-few", "five bytes of two planes for three rows", plain(INTEGER, *integers(bytes(5), shape=0x10))),
    ("R23", "doubles", "25 bytes for three doubles", plain(NUMBER, b"\xff", Stream(bytes(25)))),
    ("R23", "lengths-left", "two lengths for one string", one_string("lengths", Stream(b"\2\0"), Stream(b"ab"))),
    ("R23", "lengths-few", "no length for one string", one_string("lengths", Stream(b""), Stream(b""))),
    ("R24", "layout-5", "layout 5", one_string("none", b"\2", Stream(b"ab"))),
    ("R24", "layout-4", "mixed text under DEFLATE", one_string("mixed", b"\1", Stream(b"\0\1\2\0"))),
    ("R24", "width-0", "rows of no bytes", one_string("rows", b"\0", Stream(b""))),
    ("R24", "width-2-32", "no rows of 2^32 bytes", one_column(TEXT, RANKED + b"\0", LAYOUT["rows"] + varint(1 << 32), Stream(), rows=0)),
    ("R24", "rows-long", "three bytes for one string of two", one_string("rows", b"\2", Stream(b"abc"))),
    ("R24", "rows-short", "a byte for one string of two", one_string("rows", b"\2", Stream(b"a"))),
    ("R24", "planes-width-0", "planes of no bytes", one_string("planes", b"\0", Stream(b""))),
    ("R24", "planes-long", "three bytes in two planes of one", one_string("planes", b"\2", Stream(b"abc"))),
    ("R24", "bytes-left", "a length of two, three bytes", one_string("lengths", Stream(b"\2"), Stream(b"abc"))),
    ("R24", "bytes-few", "a length of two, one byte", one_string("lengths", Stream(b"\2"), Stream(b"a"))),
    ("R33", "literal", "a literal is longer than the skeleton", skeleton(HOLE[:-1])),
    ("R33", "no-literal", "a hole is the last of a skeleton", skeleton(HOLE[:-2])),
    ("R33", "empty", "a skeleton without a literal", container(block(
        [schema(N) + b"\0\1\2", Stream(b"\0"), Stream(b""), b"\0\0\0\0\0", Stream()]))),
    ("R33", "no-field", "a hole for field 1 of one", skeleton(HOLE.replace(b"\0", b"\1"))),
    ("R33", "two-holes", "two holes for field 0", skeleton(HOLE + b"\0" + prefixed(b""))),
]
