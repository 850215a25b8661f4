"""Section 9.4: the text model."""

from ..reject import need
from .mixer import Mixer, clamp, fresh, learn
from .range_decoder import RangeDecoder, join, spread

TABLES = 11
END = 0x0A
LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | frozenset(range(0x80, 0x100))
OF_SEGMENTS = LETTERS | frozenset(b"0123456789_") | frozenset(range(8))


class TextModel:
    """The state that all texts of a block share."""

    def __init__(self, size):
        l = clamp((max(size, 512) // 8).bit_length(), 9, 14)
        self.shift = 32 - l
        self.tables = [{} for _ in range(TABLES)]  # by line: its mark and its slots
        self.matches = [[fresh() for _ in range(21)] for _ in range(2)]
        self.mixer = Mixer(12, 6, 256, 18, 4, 40)
        self.end = fresh()
        self.history = bytearray(8 * [END])
        self.latest = [0] * (1 << 16)

    def slots(self, table, context):
        u = spread(context)
        mark = u & 0xFFFF | 1
        line = self.tables[table].get(u >> self.shift)
        if line is None or line[0] != mark:
            line = self.tables[table][u >> self.shift] = (mark, [fresh() for _ in range(16)])
        return line[1]

    def match(self, at):
        h, n = self.history, 0
        while n < 20 and n < at and h[at - 1 - n] == h[-1 - n]:
            n += 1
        return n


def mixed_text(model, data, length, lines, rows):
    """`rows` are the TextRows of the column."""
    coder = RangeDecoder(data)
    out = bytearray()
    for i in range(lines):
        row = rows.atom.told(rows.rows[i], nothing=0) if rows.atom and i < len(rows.rows) else 0
        out += code_line(model, coder, rows.column, row, length - len(out)) + b"\n"
    need(len(out) == length, "R31", f"mixed text of {len(out)} bytes, {length} declared")
    coder.finish()
    return bytes(out)


def code_line(model, coder, column, row, room):
    history, line = model.history, bytearray()
    word = segment = before = earlier = count = 0
    length = at = 0
    while True:
        need(len(line) < room, "R31", "a line of mixed text is longer than what is left of the declared length")
        last4 = int.from_bytes(history[-4:], "big")
        h = spread(last4) >> 16
        if length == 0:
            at = model.latest[h]
            length = model.match(at)
        model.latest[h] = len(history)
        expected = history[at] if length > 0 else None

        one, three, match = last4 & 0xFF, last4 & 0xFFFFFF, min(length, 20)
        contexts = [
            join(column, 99),
            join(one, 1 + 16 * column),
            join(last4 & 0xFFFF, 2),
            join(three, 3),
            join(last4, 4),
            join(word, one if word == 0 else 5),
            join(row, segment + 6),
            join(row, three + 0x07000000),
            join(segment, count + 0x900000),
            join(join(earlier, before), segment ^ 9),
            join(join(0 if expected is None else expected + 1, match), one + 11),
        ]
        y = code_byte(model, coder, contexts, expected, match)

        if history[at] == y:
            length += 1
            at += 1
        else:
            length = 0
        history.append(y)
        if y == END:
            z = coder.bit(clamp((model.end[0] >> 10) << 4, 16, 65520))
            learn(model.end, z, 1023)
            if z:
                return line
        line.append(y)
        word = join(word + 1, y) if y in LETTERS else 0
        if y in OF_SEGMENTS:
            segment = join(segment + 1, y)
        else:
            earlier, before, segment = before, join(segment, y), 0
            count += 1


def code_byte(model, coder, contexts, expected, match):
    seen = 1
    for half in (0, 1):
        if half:
            contexts = [join(context, seen + 512) for context in contexts]
        lines = [model.slots(i, context) for i, context in enumerate(contexts)]
        node = 1
        for _ in range(4):
            known = seen.bit_length() - 1
            # The next bit of what is expected, as long as it has come so far.
            if expected is not None and (expected | 256) >> (8 - known) == seen:
                g = expected >> (7 - known) & 1
                slot, a = model.matches[g][match], 1 + min(match, 12) // 3
            else:
                slot, a = model.matches[0][0], 0
            y = model.mixer.code(coder, [line[node] for line in lines] + [slot], a, seen)
            node = 2 * node + y
            seen = 2 * seen + y
    return seen - 256
