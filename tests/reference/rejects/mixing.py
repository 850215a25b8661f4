"""Section 9 of the page: rules R9 and R31, and of the others what mixing alone breaks."""

from fidelog_reference.mixing.bytes import code_bytes
from fidelog_reference.mixing.integers import code_differences
from fidelog_reference.mixing.ranks import code_ids
from fidelog_reference.mixing.text import TextModel, code_line
from fidelog_reference.ranks import Recency
from fidelog_reference.values import PlainRows

from .build import MIXING, MODEL_SIZE, Stream, block, container, integers, one_column, prefixed, varint
from .columns import INTEGER, PLAIN, RANKED, TEXT
from .container import NO_FIELDS
from .encoder import bits, encode, of_number

NO_ATOMS = b"\0"
NO_CONTEXTS = b"\0"
NO_TEXT_CONTEXT = b"\0"


def mixed(encoding, *column, rows=3):
    return one_column(encoding, *column, rows=rows, coding=MIXING)


def plain(*numbers, atoms=NO_ATOMS, left=b"", cut=None):
    """A plain column of integers."""
    decisions = [b for number in numbers for b in of_number(number)]
    stream = encode(decisions, lambda coder: code_differences(coder, False, PlainRows([0] * len(numbers), [])))
    return mixed(INTEGER, PLAIN + atoms + b"\0\0", Stream(stream[:cut] + left), rows=len(numbers))


def ids(m, *rows, contexts=NO_CONTEXTS, text_context=NO_TEXT_CONTEXT):
    """A ranked column of integers. Of each row but the first: None for a new id, else a recency rank."""
    decisions = []
    for rank in rows:
        decisions += [1] if rank is None else [0] + of_number(rank)
    holes = list(range(len(rows) + 1))
    stream = encode(decisions, lambda coder: code_ids(coder, [], Recency(m), holes))
    return mixed(INTEGER, RANKED + varint(m) + contexts, Stream(stream), text_context, *integers(*range(m)), rows=len(holes))


def text(lines, decisions, length, size=1):
    """A column of one string, in mixed text; size is that of the string."""
    model = TextModel(MODEL_SIZE)
    stream = encode(decisions, lambda coder: [code_line(model, coder, 1, 0, 1 << 32) for _ in range(lines)])
    head = b"\0\1" + varint(size) + b"\0"
    column = RANKED + b"\1" + NO_TEXT_CONTEXT + b"\4\2"
    return mixed(TEXT, column, Stream(head), varint(length) + varint(lines), Stream(stream), rows=1)


def of_line(line, ends=True):
    """A line's decisions, of the bytes and of the last one's being its end; or not."""
    return [b for byte in line + b"\n" for b in bits(byte, 8) + [int(ends)] * (byte == 0x0A)]


def mixed_run(left=b""):
    decisions = [b for byte in NO_FIELDS for b in bits(byte, 8)]
    stream = encode(decisions, lambda coder: code_bytes(coder, len(NO_FIELDS))) + left
    return container(block(b"", header_run=varint(len(NO_FIELDS)) + b"\2" + prefixed(stream)))


RIGHT = {
    "plain": plain(1, 2, 3),
    "two-atoms": plain(1, 2, 3, atoms=b"\2\2\5"),
    "few-numbers": plain(*range(200, 240)),
    "ids": ids(2, None, 1, 1),
    "text": text(1, of_line(b"a"), 2),
    "line-end-in-line": text(1, of_line(b"\0", ends=False) + of_line(b""), 3),
    "mixed-run": mixed_run(),
}

CASES = [
    ("R9", "left", "a byte is left in a range coded stream", plain(1, 2, 3, left=bytes(4))),
    ("R9", "missing", "over four bytes of a range coded stream are missing", plain(*range(200, 240), cut=3)),
    ("R9", "mixed-bytes", "a byte is left after mixed bytes", mixed_run(left=bytes(4))),
    ("R19", "atoms-3", "three atoms of a plain column", plain(1, 2, 3, atoms=b"\3\0\0\0")),
    ("R19", "plain-atom", "an atom of a plain column is of column 2 of two", plain(1, 2, 3, atoms=b"\1\6")),
    ("R19", "text-context", "the text context is column 2 of two", ids(2, None, 1, text_context=b"\3")),
    ("R20", "mixed-more", "a third id of two, mixed", ids(2, None, None)),
    ("R20", "mixed-fewer", "two ids of three, mixed", ids(3, None, 0)),
    ("R20", "mixed-rank", "recency rank 2 of two ids used, mixed", ids(2, None, 2)),
    ("R24", "layout-3", "text that is not mixed, under mixing",
     mixed(TEXT, RANKED + b"\1" + NO_TEXT_CONTEXT + b"\3\2", Stream(b"\0\1\1\0"), Stream(b"a\n"), rows=1)),
    ("R31", "shorter", "mixed text of two bytes, three declared", text(1, of_line(b"a"), 3)),
    ("R31", "longer", "a line of mixed text is longer than declared", text(1, of_line(b"abc"), 3, size=3)),
    ("R31", "no-room", "an empty line of mixed text where no byte is left", text(2, of_line(b"a") + of_line(b""), 2)),
    ("R31", "lines", "more lines of mixed text than bytes", text(3, of_line(b"a") + 2 * of_line(b""), 2)),
]
