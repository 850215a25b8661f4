"""Section 4 of the page: rules R11 to R15; of spelling, R34."""

import struct

from .build import N, Stream, block, container, field, header, one_column, varint, zigzag

# Columns without rows, of integers, of other numbers and times, and of strings.
INTEGERS, NUMBERS, STRINGS = ([columns, Stream()] for columns in (b"\1\0\0", b"\1\0\0\0", b"\0\0\0\1"))
ONE_ID = b"\0\1"  # ranked


def with_schema(*fields, values=INTEGERS, **parts):
    columns = []
    for f in range(len(fields)):
        columns += [varint(f)] + values
    return container(block(header(list(fields), columns, rows=0, **parts), rows=0))


def paths(*keys):
    return with_schema(*(field(*path) for path in keys))


def named(*names):
    return with_schema(*(field(b"k%d" % i, name=name) for i, name in enumerate(names)))


def one_value(encoding, *values):
    """A record with one value, which its encoding cannot spell."""
    return one_column(encoding, ONE_ID, *values, rows=1)


def integer_value(v, before=b""):
    return [before + b"\0" + zigzag(v), Stream(b"\0")]


def string_value(data):
    return [b"\0" + varint(len(data)), Stream(data)]


def values(fields, *of_fields, **parts):
    """One record in the default skeleton."""
    columns = []
    for f, value in enumerate(of_fields):
        columns += [varint(f) + ONE_ID] + value
    return container(block(header(fields, columns, rows=1, **parts), rows=1))


# Objects in strings, in strings in strings, and beside a key of the same name; in two styles.
STRINGS_IN_STRINGS = [
    field(b"a/", b'"', b"b/<", encoding=b"\2"),
    field(b"a/", b'"', b"c", b'"', b"d", b"e", encoding=b"\2"),
    field(b"a/", b'"', b"c", b'"', b"d", b"f"),
    field(b"a/", b'"', b"g", b"h", b'"', b"i", encoding=b"\3"),
    field(b"a/", b"j"),
]
SPECIAL = '/<"\\\x01\u00e9\u2028\U0001f600'.encode()
DAY = 86_400
RIGHT = {
    "schema": with_schema(N, field(b"a", b"b"), field(b'c', b'"', b"d", name=b"x")),
    "styles": with_schema(N, style=b"\x7b\x3b"),
    "hex": with_schema(field(b"h", encoding=b"\6" + varint(1 << 20)), values=STRINGS),
    "fixed": with_schema(field(b"f", encoding=b"\x0b\x11"), values=NUMBERS),
    "calendar": with_schema(field(b"t", encoding=b"\x0f\x2a" + zigzag(-1439)), values=NUMBERS, event_time=1),
    "steps": values(
        STRINGS_IN_STRINGS, *(string_value(SPECIAL),) * 2, integer_value(1), string_value(b'"/\\n"'), integer_value(2),
        style=b"\x77\x38",
    ),
    "text-value": one_value(b"\2", *string_value(b"a")),
    "time-value": one_value(b"\x0f\x01", *integer_value(DAY, b"\6")),
    "fixed-value": one_value(b"\x0b\1", *integer_value(5, b"\1")),
}

CASES = [
    ("R11", "version-0", "schema version 0", with_schema(N, version=0)),
    ("R11", "version-2-32", "schema version 2^32", with_schema(N, version=1 << 32)),
    ("R11", "style-7", "style bit 7", with_schema(N, style=b"\x80")),
    ("R11", "style-3", "style bits 2-3 are 3", with_schema(N, style=b"\x0c")),
    ("R11", "second-6", "bit 6 of the second style byte", with_schema(N, style=b"\x40\x40")),
    ("R11", "second-7", "bit 7 of the second style byte", with_schema(N, style=b"\x40\x80")),
    ("R11", "second-3", "bits 2-3 of the second style byte are 3", with_schema(N, style=b"\x40\x0c")),
    ("R12", "fields", "4097 fields", with_schema(N, count=4097)),
    ("R12", "declared", "two declared fields of one", with_schema(N, declared=2)),
    ("R12", "event-time", "the event time is field 1 of one", with_schema(N, event_time=2)),
    ("R12", "event-integer", "the event time is an integer", with_schema(N, event_time=1)),
    ("R13", "empty", "a path of no keys", paths([])),
    ("R13", "keys-65", "a path of 65 keys", paths([b"k"] * 65)),
    ("R13", "step-first", "a step is first", paths([b'"', b"a"])),
    ("R13", "step-last", "a step is last", paths([b"a", b'"'])),
    ("R13", "steps-adjacent", "two steps next to each other", paths([b"a", b'"', b'"', b"b"])),
    ("R13", "steps-3", "three steps", paths([b"a", b'"', b"b", b'"', b"c", b'"', b"d"])),
    ("R13", "shared", "two keys shared with a path of one", with_schema(N, field(b"b", shared=2))),
    ("R13", "shared-first", "the first field shares a key", with_schema(field(b"b", shared=1))),
    ("R13", "not-utf-8", "a key is not UTF-8", paths([b"\xff"])),
    ("R13", "surrogate", "a key is half of a pair of surrogates in UTF-8", paths([b"\xed\xa0\x80"])),
    ("R13", "equal", "two paths are equal", with_schema(field(b"a", b"b"), field(b"b", shared=1))),
    ("R13", "beginning", "a path is the beginning of the next", paths([b"a"], [b"a", b"b"])),
    ("R13", "beginning-later", "a path is the beginning of one before", paths([b"a", b"b"], [b"c"], [b"a"])),
    ("R14", "capital", "a column named A", named(b"A")),
    ("R14", "digit", "a column named 1a", named(b"1a")),
    ("R14", "empty", "a column without a name", named(b"")),
    ("R14", "line-end", "a column's name ends with 0A", named(b"a\n")),
    ("R14", "long", "a name of 256 bytes", named(b"a" * 256)),
    ("R14", "reserved", "a column named fidelog_a", named(b"fidelog_a")),
    ("R14", "not-ascii", "a column named with an e acute", named("\u00e9".encode())),
    ("R14", "twice", "two columns named a", named(b"a", b"a")),
    ("R14", "rule", "a column has the name that another has by rule", with_schema(N, field(b"b", name=b"n"))),
    ("R14", "rule-taken", "a column has the name n_2, which a rule makes because n is taken",
     with_schema(field(b"n", name=b"x"), field(b"N"), field(b"c", name=b"n_2"))),
    ("R15", "code-17", "encoding 17", with_schema(field(b"a", encoding=b"\x11"))),
    ("R15", "code-127", "encoding 127, named", with_schema(field(b"a", encoding=b"\x7f", name=b"a"))),
    ("R15", "hex", "hex of 2^20 + 1 bytes", with_schema(field(b"h", encoding=b"\6" + varint((1 << 20) + 1)), values=STRINGS)),
    ("R15", "decimals-0", "a number with 0 decimals", with_schema(field(b"f", encoding=b"\x0b\0"), values=NUMBERS)),
    ("R15", "decimals-18", "a number with 18 decimals", with_schema(field(b"f", encoding=b"\x0b\x12"), values=NUMBERS)),
    ("R15", "digits-11", "11 fraction digits", with_schema(field(b"t", encoding=b"\x0f\x2c"), values=NUMBERS)),
    ("R15", "minutes", "1440 minutes east", with_schema(field(b"t", encoding=b"\x10\2" + zigzag(1440)), values=NUMBERS)),
    ("R15", "minutes-west", "1440 minutes west", with_schema(field(b"t", encoding=b"\x10\3" + zigzag(-1440)), values=NUMBERS)),
    ("R34", "text", "a text is not UTF-8", one_value(b"\2", *string_value(b"\xff"))),
    ("R34", "uuid", "a uuid of 15 bytes", one_value(b"\4", *string_value(bytes(15)))),
    ("R34", "hex", "hex of 2 bytes, declared 3", one_value(b"\6\3", *string_value(b"ab"))),
    ("R34", "infinite", "an infinite number", one_value(b"\x08", b"\xff", Stream(b"\x7f\xf0" + bytes(6)))),
    ("R34", "fixed-long", "2 · 10^46 with one decimal", one_value(b"\x0b\1", b"\xff", Stream(struct.pack(">d", 2e46)))),
    ("R34", "part-of-unit", "a microsecond in seconds", one_value(b"\x0c", *integer_value(1, b"\0"))),
    ("R34", "digits-cut", "a microsecond without fraction digits", one_value(b"\x0f\1", *integer_value(1, b"\0"))),
    ("R34", "year-0", "a second before year 1", one_value(b"\x0f\1", *integer_value(-62_135_596_801, b"\6"))),
    ("R34", "year-10000", "year 10000", one_value(b"\x0c", *integer_value(253_402_300_800, b"\6"))),
    ("R34", "local-year-10000", "year 10000 of the zone", one_value(b"\x0f\2" + zigzag(1), *integer_value(253_402_300_799, b"\6"))),
    ("R34", "ns", "1000 ns", one_value(b"\x0c", b"\x80\0\0", Stream(b"\0"), b"\0" + zigzag(1000), Stream(b"\0"))),
    ("R34", "in-string", "json in a string is not UTF-8",
     container(block(header([field(b"a", b'"', b"b", encoding=b"\3")], [b"\0" + ONE_ID] + string_value(b"\xff"), rows=1), rows=1))),
]
