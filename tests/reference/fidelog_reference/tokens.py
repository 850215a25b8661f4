"""Section 8, text: the kinds of tokens, their columns and their dictionaries."""

from .elements import Reader, i64, unzigzag
from .encodings import Calendar, read_minutes
from .reject import Reject, need
from .spelling import spell_calendar, spell_hex

NUMBER, WORD, TIME = 0, 1, 6
UUID = (2, 3)
UPPER = (3, 5)
MODE_FROM = 8
VARINTS, DIFFERENCES, ONE, DISTINCT = range(4)
OWN_STREAM = 4
M64 = (1 << 64) - 1


class Kind:
    def __init__(self, code):
        self.code = code
        self.width = 16 if code in UUID else 0
        self.calendar = None
        self.used = 0
        self.dictionary = []
        self.last = 0  # of the column of this kind before, as coded

    def spell(self, value):
        if self.code == NUMBER:
            return spell_number(value)
        if self.code == TIME:
            return spell_time(i64(value), self.calendar)
        if self.code == WORD:
            return self.dictionary[value]
        return spell_hex(self.dictionary[value], self.code in UUID, self.code in UPPER)


def read_kinds(head):
    count = head.byte()
    need(count <= 26, "R25", f"{count} kinds")
    kinds = []
    for _ in range(count):
        kind = Kind(head.byte())
        need(kind.code <= TIME, "R25", f"kind {kind.code}")
        if kind.code in (4, 5):
            kind.width = head.byte()
            need(kind.width >= 1, "R25", "hex of 0 bytes")
        elif kind.code == TIME:
            between, digits, zone = head.take(1), head.byte(), head.byte()
            need(between in (b"T", b" ") and digits <= 9 and zone <= 3, "R25", "a time that section 8 does not know")
            kind.calendar = Calendar(between, digits, zone, read_minutes(zone, head, "R25"))
        kinds.append(kind)
    return kinds


def spell_number(c):
    digits, shorter = 1, 0
    while c - shorter >= 10**digits:
        shorter += 10**digits
        digits += 1
    need(digits <= 19, "R30", f"number {c} has over 19 digits")
    return b"%0*d" % (digits, c - shorter)


def spell_time(value, calendar):
    second, fraction = divmod(value, 10**calendar.digits)
    ns = fraction * 10 ** (9 - calendar.digits)
    try:
        return spell_calendar(second * 1_000_000 + ns // 1000, ns % 1000, calendar)
    except Reject as reject:
        raise Reject("R30", f"a time token: {reject.why}") from reject


def code_columns(head, kinds, columns, numbers, own):
    """The values of each column, as coded. `columns` are pairs of a kind's number and a number of values."""
    own, coded = iter(own), []
    for kind, count in columns:
        kind = kinds[kind]
        mode, source, own_stream = (DIFFERENCES if kind.code == TIME else VARINTS), numbers, None
        if count >= MODE_FROM:
            mode = head.byte()
            need(mode <= OWN_STREAM | DISTINCT, "R28", f"mode {mode}")
            if mode & OWN_STREAM:
                own_stream = next(own, None)
                need(own_stream is not None, "R28", "a column's own stream is missing")
                source = own_stream = Reader(own_stream, short="R28")
            mode &= DISTINCT
        values = read_column(mode, count, source, kind.last)
        if own_stream:
            own_stream.finish("R28", "a column's own stream")
        if values:
            kind.last = values[-1]
        coded.append(values)
    need(next(own, None) is None, "R28", "a column's own stream is left")
    return coded


def read_column(mode, count, source, last):
    if mode == VARINTS:
        return [source.varint() for _ in range(count)]
    if mode == ONE:
        return [source.varint()] * count
    values = []
    if mode == DIFFERENCES:
        for _ in range(count):
            last = (last + unzigzag(source.varint())) & M64
            values.append(last)
        return values
    distinct, last = [], 0
    n = source.varint()
    need(n <= count, "R28", f"{n} distinct values of {count}")
    for _ in range(n):
        last = (last + source.varint()) & M64
        distinct.append(last)
    for _ in range(count):
        index = source.varint()
        need(index < n, "R28", f"distinct value {index} of {n}")
        values.append(distinct[index])
    return values


def resolve(kinds, kind_of, coded):
    """Makes places in the kind's dictionary out of coded indexes."""
    for kind, values in zip((kinds[number] for number in kind_of), coded):
        if kind.code in (NUMBER, TIME):
            continue
        for i, b in enumerate(values):
            need(b <= kind.used, "R29", f"string {b} before, of {kind.used} used")
            values[i] = kind.used - b
            kind.used += b == 0


def read_dictionaries(head, kinds, random, plain, words):
    random, plain = Reader(random, short="R29"), Reader(plain, short="R29")
    words = Reader(words, short="R29")
    for kind in kinds:
        if kind.code == WORD:
            kind.dictionary = [read_word(words) for _ in range(kind.used)]
        elif kind.width:
            mask = head.take((kind.width + 7) // 8)
            planes = []
            for k in range(kind.width):
                source = random if mask[k // 8] >> (k % 8) & 1 else plain
                planes.append(source.take(kind.used))
            kind.dictionary = [bytes(plane[i] for plane in planes) for i in range(kind.used)]
    for reader, what in (random, "random"), (plain, "bytes"), (words, "words"):
        reader.finish("R29", what)


def read_word(words):
    end = words.data.find(b"\n", words.at)
    need(end >= 0, "R29", "a dictionary's word is missing")
    word = words.take(end - words.at)
    words.take(1)
    return word
