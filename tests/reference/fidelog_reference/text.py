"""Section 8, text: a column's strings as templates with tokens."""

from collections import namedtuple

from .elements import Reader
from .mixing.text import mixed_text
from .reject import need
from .tokens import code_columns, read_dictionaries, read_kinds, resolve

TEXT_LAYOUT, MIXED_TEXT_LAYOUT = 3, 4
HEAD, TEXT, NAMES, NUMBERS, RANDOM, BYTES, WORDS, OWN = range(8)
MARKERS = bytes(range(0x01, 0x09)) + bytes(range(0x0E, 0x20))
LITERAL, END = 0x00, 0x0A
HASH_BASE = 0x9E3779B97F4A7C15
M64 = (1 << 64) - 1

# A token in a template: its kind's number and its slot's.
Token = namedtuple("Token", "kind slot")


def read_text(columns, count, rows):
    streams = text_streams(columns, count, rows)
    head = Reader(streams[HEAD], short="R29")
    reach, strings, size = head.byte(), head.varint(), head.varint()
    need(size < 1 << 32, "R32", f"{size} bytes of strings")
    columns.streams.caps.take("column_bytes", size)
    kinds = read_kinds(head)

    slots = Slots(reach, len(kinds))
    templates = read_templates(streams[TEXT], kinds, slots)
    if reach == 0:
        need(streams[NAMES] == b"", "R26", "flat text has names")
        order = list(range(len(templates)))
    else:
        order = read_names(streams[NAMES], strings, len(templates))
    need(strings == len(order) == count, "R30", f"{len(order)} strings, {strings} in the head, {count} wanted")

    tokens = [[part for part in template if isinstance(part, Token)] for template in templates]
    lengths = [0] * len(slots.kinds)
    for template in order:
        for token in tokens[template]:
            lengths[token.slot] += 1
    numbers = Reader(streams[NUMBERS], short="R29")
    coded = code_columns(head, kinds, list(zip(slots.kinds, lengths)), numbers, streams[OWN:])
    resolve(kinds, slots.kinds, coded)
    read_dictionaries(head, kinds, streams[RANDOM], streams[BYTES], streams[WORDS])
    head.finish("R29", "head")
    numbers.finish("R29", "numbers")
    return spell_strings(templates, order, kinds, [iter(values) for values in coded], size)


def text_streams(columns, count, rows):
    header = columns.header
    n = header.varint()
    need(n >= 1, "R25", "a text without streams")
    streams = []
    for i in range(n):
        if i == TEXT and columns.text_model:
            length, lines = header.varint(), header.varint()
            columns.streams.caps.take("column_bytes", length)
            streams.append(mixed_text(columns.text_model, columns.streams.next(), length, lines, rows))
        else:
            streams.append(columns.streams.next())
    return streams + [b""] * (OWN - n)


class Slots:
    """Flat text has a slot for each kind; else the kind and what stands before tell the slot."""

    def __init__(self, reach, kinds):
        self.reach = reach
        self.kinds = [] if reach else list(range(kinds))  # by slot
        self.numbers = {}

    def slot(self, kind, before):
        if self.reach == 0:
            return kind
        before = before[-self.reach :]
        hashed = sum(byte * pow(HASH_BASE, i, 1 << 64) for i, byte in enumerate(reversed(before))) & M64
        if (kind, hashed) not in self.numbers:
            self.numbers[kind, hashed] = len(self.kinds)
            self.kinds.append(kind)
        return self.numbers[kind, hashed]


def read_templates(text, kinds, slots):
    """The templates, or the strings of flat text: lists of literals and tokens."""
    templates, parts, start, at = [], [], 0, 0
    while at < len(text):
        byte = text[at]
        if byte == END:
            templates.append(parts)
            parts, start = [], at + 1
        elif byte == LITERAL:
            at += 1
            need(at < len(text), "R26", "00 is the text's last byte")
            parts.append(text[at : at + 1])
        elif byte in MARKERS:
            kind = MARKERS.index(byte)
            need(kind < len(kinds), "R26", f"the marker {byte:02X} is of no kind")
            parts.append(Token(kind, slots.slot(kind, text[start:at])))
        else:
            parts.append(text[at : at + 1])
        at += 1
    need(start == len(text), "R26", "the text does not end with 0A")
    return templates


def read_names(data, strings, templates):
    names, order, used = Reader(data, short="R27"), [], 0
    for _ in range(strings):
        name = names.varint()
        if name == 0:
            need(used < templates, "R27", "a name is of a new template, and there is none")
            order.append(used)
            used += 1
        else:
            need(name <= used, "R27", f"a name is of template {name - 1}, not used yet")
            order.append(name - 1)
    need(used == templates, "R27", f"{used} templates of {templates} are used")
    names.finish("R27", "names")
    return order


def spell_strings(templates, order, kinds, columns, size):
    out, left = [], size
    for template in order:
        string = b"".join(
            kinds[part.kind].spell(next(columns[part.slot])) if isinstance(part, Token) else part
            for part in templates[template]
        )
        left -= len(string)
        need(left >= 0, "R30", f"the strings have more than {size} bytes")
        out.append(string)
    need(left == 0, "R30", f"the strings have {left} bytes less than {size}")
    return out
