"""Sections 6 and 7 of the page under DEFLATE: rules R19, R20 and R23."""

from .build import Stream, block, container, field, integers, one_column, prefixed, schema, varint
from .columns import INTEGER, RANKED

ALWAYS, NO_SECOND = b"\0", b"\0"
LISTS = ALWAYS + NO_SECOND + b"\2\4"  # a context: 2^4 lists of two ids


def ids(m, *codes, escapes=b"", contexts=(), rows=3):
    """A ranked column of integers."""
    head = RANKED + varint(m) + bytes([len(contexts)]) + b"".join(contexts)
    return one_column(INTEGER, head, *map(Stream, codes), Stream(escapes), *integers(*[1] * m, shape=1), rows=rows)


def context(first=ALWAYS, second=NO_SECOND, size=b"\2", bits=b"\4"):
    return ids(2, b"\0\0\1", contexts=[first + second + size + (bits if size != b"\0" else b"")])


def beside_holes():
    """The context is the value of a plain column, which every second row has no hole for: it tells nothing all the same."""
    both = prefixed(b'{"a":') + b"\0" + prefixed(b',"b":') + b"\1" + prefixed(b"}")
    one = prefixed(b'{"b":') + b"\1" + prefixed(b"}")
    skeletons = [b"\0\2\0", Stream(b"\0\0\2\2"), Stream(), b"\2", Stream([len(both), len(one)]), Stream(both + one)]
    plain = [b"\0\1"] + integers(1, 2)
    ranked = [b"\1" + RANKED + b"\2\1\4\0\2\4", Stream(b"\0\0\1\1"), Stream(), *integers(5, 6)]
    return container(block([schema(field(b"a"), field(b"b")), *skeletons, *plain, *ranked], rows=4))


RIGHT = {
    "beside-holes": beside_holes(),
    "ids": ids(2, b"\0\0\2"),
    "escape": ids(300, bytes(300) + b"\xff", escapes=b"\x2d", rows=301),
    "context": context(),
    "two-atoms": ids(2, b"\0\0\xff", escapes=b"\0", contexts=[b"\2\4\2\4"]),
    "distance": ids(3, b"\0\0\0\xff", escapes=b"\2", contexts=[LISTS], rows=4),
    "contexts": ids(2, b"\0\1", b"", b"\0", contexts=[LISTS] * 8),
}

CASES = [
    ("R19", "atom", "an atom is of column 2 of two", context(first=b"\6")),
    ("R19", "previous", "the atom previous is of column 2 of two", context(first=b"\7")),
    ("R19", "second", "a second atom is of column 2 of two", context(second=b"\7")),
    ("R19", "contexts-9", "nine contexts", ids(2, b"\0\1", b"", b"\0", contexts=[LISTS] * 9)),
    ("R19", "size-64", "lists of 64 ids", context(size=b"\x40")),
    ("R19", "bits-0", "2^0 lists", context(bits=b"\0")),
    ("R19", "bits-17", "2^17 lists", context(bits=b"\x11")),
    ("R19", "no-lists", "a context without lists", context(size=b"\0")),
    ("R20", "more", "a third id of two", ids(2, b"\0\0\0")),
    ("R20", "fewer", "two ids of three", ids(3, b"\0\0\1")),
    ("R20", "first", "the first row's id is the last one", ids(2, b"\1\0\0")),
    ("R20", "rank", "recency rank 2 of two ids used", ids(2, b"\0\0\3")),
    ("R20", "escaped-rank", "recency rank 299 of 299 ids used", ids(300, bytes(299) + b"\xff\0", escapes=b"\x2d", rows=301)),
    ("R20", "candidate", "candidate 2 of two", ids(2, b"\0\0\3", contexts=[LISTS])),
    ("R20", "code-251", "code 251, with lists", ids(2, b"\0\0\xfb", contexts=[LISTS])),
    ("R20", "distance", "a distance of three rows after three", ids(3, b"\0\0\0\xff", escapes=b"\3", contexts=[LISTS], rows=4)),
    ("R23", "codes-left", "four codes for three rows", ids(2, b"\0\0\2\1")),
    ("R23", "codes-few", "two codes for three rows", ids(2, b"\0\0")),
    ("R23", "escapes-left", "an escape that no code asks for", ids(2, b"\0\0\2", escapes=b"\0")),
    ("R23", "escapes-few", "code 255 without an escape", ids(3, b"\0\0\0\xff", escapes=b"", contexts=[LISTS], rows=4)),
    ("R23", "second-stream", "a code in the stream that no row takes one from",
     ids(2, b"\0\1", b"\0\0", contexts=[LISTS] * 2)),
]
