"""Section 8 of the page, text: rules R25 to R30, and R24 and R32 where they are of text."""

from .build import Stream, one_column, varint, zigzag
from .columns import RANKED, TEXT

LAYOUT_TEXT = b"\3"
NUMBER, WORD, UUID, HEX2, HEX9 = b"\0", b"\1", b"\2", b"\4\2", b"\4\x09"
DAYS = b"\6T\0\1"  # a time of whole seconds, with Z


def strings(count, *streams):
    """A column of this many different strings; their streams are head, text, names, numbers, random, bytes, words, own."""
    ids = [RANKED + varint(count)]
    if count > 1:
        ids += [b"\0", Stream(bytes(count)), Stream()]
    return one_column(TEXT, *ids, LAYOUT_TEXT + varint(len(streams)), *map(Stream, streams), rows=count)


def head(count, size, *kinds, reach=0, tail=b"", number_of_kinds=None):
    number = len(kinds) if number_of_kinds is None else number_of_kinds
    return bytes([reach]) + varint(count) + varint(size) + bytes([number]) + b"".join(kinds) + tail


def token(kind, size, numbers=b"\0", random=b"", plain=b"", words=b"", tail=b""):
    """One string, which is one token."""
    return strings(1, head(1, size, kind, tail=tail), b"\1\n", b"", numbers, random, plain, words)


def templated(names, numbers, text=b"a\1\n", count=2, size=4):
    return strings(count, head(count, size, NUMBER, reach=2), text, names, numbers)


def eight(mode, numbers, *own, tail=b""):
    """Eight flat strings, each the number of a column with this mode."""
    return strings(8, head(8, 8, NUMBER, tail=bytes([mode]) + tail), b"\1\n" * 8, b"", numbers, b"", b"", b"", *own)


EIGHT = b"\0\1\2\3\4\5\6\7"
MOST_DIGITS = int("1" * 19 + "0")  # the first number that has 20 digits
RIGHT = {
    "flat": strings(2, head(2, 3, NUMBER), b"a\1\nb\n", b"", b"\5"),
    "flat-without-kinds": strings(2, head(2, 2), b"a\n\0\n\n"),
    "templated": templated(b"\0\1", b"\5\6"),
    "number": token(NUMBER, 19, varint(MOST_DIGITS - 1)),
    "word": token(WORD, 3, words=b"abc\n"),
    "uuid": token(UUID, 36, random=b"r" * 16, tail=b"\xff\xff"),
    "hex": token(HEX9, 18, random=b"r", plain=b"p" * 8, tail=b"\1\0"),
    "time": token(DAYS, 20, zigzag(253_402_300_799)),
    "mode-0": eight(0, EIGHT),
    "mode-1": eight(1, b"\0" + b"\2" * 7),
    "mode-3": eight(3, b"\x08\0" + b"\1" * 7 + EIGHT),
    "own-stream": eight(4, b"", EIGHT),
}


def time(parameters):
    return token(b"\6" + parameters, 20, zigzag(0))


CASES = [
    ("R25", "no-streams", "a text without streams", one_column(TEXT, RANKED + b"\1" + LAYOUT_TEXT + b"\0", rows=1)),
    ("R25", "kinds-27", "27 kinds", strings(1, head(1, 1, *[NUMBER] * 27), b"a\n")),
    ("R25", "kind-7", "kind 7", strings(1, head(1, 1, b"\7"), b"a\n")),
    ("R25", "hex-0", "hex of 0 bytes", strings(1, head(1, 1, b"\4\0"), b"a\n")),
    ("R25", "time-between", "a time with x between day and hour", time(b"x\0\1")),
    ("R25", "time-digits", "a time with ten fraction digits", time(b"T\x0a\1")),
    ("R25", "time-zone", "a time with zone 4", time(b"T\0\4")),
    ("R25", "time-minutes", "a time 1440 minutes east", time(b"T\0\2" + zigzag(1440))),
    ("R26", "marker", "a marker of the second kind of one", strings(1, head(1, 1, NUMBER), b"\2\n", b"", b"\0")),
    ("R26", "high-marker", "the marker of kind 25", strings(1, head(1, 1, NUMBER), b"\x1f\n", b"", b"\0")),
    ("R26", "literal", "00 is the last byte", strings(1, head(1, 1), b"a\n\0")),
    ("R26", "flat-end", "a flat string does not end", strings(2, head(2, 2), b"a\nb")),
    ("R26", "template-end", "a template does not end", templated(b"\0\1", b"\5\6", text=b"a\1")),
    ("R26", "flat-names", "flat text has a name", strings(1, head(1, 1), b"a\n", b"\0")),
    ("R27", "not-yet", "a name is of template 0, which was not used", templated(b"\1\0", b"\5\6")),
    ("R27", "no-new", "a second new template of one", templated(b"\0\0", b"\5\6")),
    ("R27", "not-used", "a template is never used", templated(b"\0\1", b"\5\6", text=b"a\1\nb\n")),
    ("R27", "left", "three names for two strings", templated(b"\0\1\1", b"\5\6")),
    ("R27", "few", "a name for two strings", templated(b"\0", b"\5\6")),
    ("R28", "mode-8", "mode 8", eight(8, EIGHT)),
    ("R28", "missing", "a column's own stream is missing", eight(4, EIGHT)),
    ("R28", "left", "a stream of which no column is", eight(0, EIGHT, b"")),
    ("R28", "stream-left", "a byte is left in a column's own stream", eight(4, b"", EIGHT + b"\0")),
    ("R28", "stream-few", "a column's own stream has too few bytes", eight(4, b"", EIGHT[:7])),
    ("R28", "distinct", "nine distinct values of eight", eight(3, b"\x09\0" + b"\1" * 8 + EIGHT)),
    ("R28", "index", "an index of distinct value 8 of eight", eight(3, b"\x08\0" + b"\1" * 7 + EIGHT[:7] + b"\x08")),
    ("R29", "before", "a string before the first one", token(WORD, 3, b"\1", words=b"abc\n")),
    ("R29", "plane", "a dictionary's plane is missing", token(HEX2, 4, plain=b"p", tail=b"\0")),
    ("R29", "mask", "a mask is missing", token(HEX2, 4, plain=b"pp")),
    ("R29", "word", "a dictionary's word is missing", token(WORD, 3, words=b"")),
    ("R29", "word-end", "a dictionary's word does not end", token(WORD, 3, words=b"abc")),
    ("R29", "numbers-few", "a number is missing", token(NUMBER, 1, b"")),
    ("R29", "head-left", "a byte is left in the head", token(NUMBER, 1, tail=b"\0")),
    ("R29", "numbers-left", "a number is left", token(NUMBER, 1, b"\0\0")),
    ("R29", "random-left", "a byte is left in random", token(NUMBER, 1, random=b"r")),
    ("R29", "bytes-left", "a byte is left in bytes", token(NUMBER, 1, plain=b"p")),
    ("R29", "words-left", "a word is left", token(NUMBER, 1, words=b"abc\n")),
    ("R30", "number", "a number of 20 digits", token(NUMBER, 20, varint(MOST_DIGITS))),
    ("R30", "time", "a time in year 10000", token(DAYS, 21, zigzag(253_402_300_800))),
    ("R30", "fewer-strings", "two strings, three in the head", strings(2, head(3, 2), b"a\nb\n")),
    ("R30", "more-strings", "three strings, two in the head", strings(2, head(2, 2), b"a\nb\n\n")),
    ("R30", "column", "three strings, and the column needs two", strings(2, head(3, 2), b"a\nb\n\n")),
    ("R30", "fewer-bytes", "two bytes, three in the head", strings(2, head(2, 3), b"a\nb\n")),
    ("R30", "more-bytes", "three bytes, two in the head", strings(2, head(2, 2), b"a\nbc\n")),
    ("R32", "strings", "2^32 bytes of strings in the head", strings(1, head(1, 1 << 32), b"a\n")),
]
