"""Section 6: columns, in the order in which the header has them."""

from .elements import bits
from .encodings import JSON_ENCODING
from .mixing.ranks import mixed_ids
from .ranks import Atom, Recency, coded_ids, read_contexts
from .reject import need
from .values import PlainRows, TextRows, read_values

PLAIN, NULLS = 1, 2


class Column:
    """What a row of it holds. A ranked column has an id in each row with a hole; a plain one its values."""

    def __init__(self, plain, of_row, values, count=0):
        self.plain = plain
        self.of_row = of_row  # by row: an id, or a value's place if plain; None without a hole
        self.values = values
        # Whether it tells contexts something (section 7).
        self.tells = not plain and count >= 2

    def value(self, row):
        return self.values[self.of_row[row]]


class Columns:
    def __init__(self, streams, text_model, count):
        self.streams = streams
        self.header = streams.header
        self.text_model = text_model  # None unless the coding is mixing
        self.count = count
        self.read = {}

    def atom(self, code):
        need(code < 2 or (code - 2) // 2 < self.count, "R19", f"atom {code} is of no column")
        return Atom(code, self)

    def read_skeletons(self, rows):
        return self.read_field(0, JSON_ENCODING, list(range(rows)), rows)

    def read_field(self, number, encoding, holes, rows):
        flags = self.header.byte()
        need(flags <= PLAIN | NULLS, "R17", f"column flags {flags}")
        need(not (flags & PLAIN and encoding.is_string), "R17", "a column of strings is plain")
        read = self.read_plain if flags & PLAIN else self.read_ranked
        column = read(number, encoding, holes, rows, bool(flags & NULLS))
        self.read[number] = column
        return column

    def read_plain(self, number, encoding, holes, rows, nulls):
        null = bits(self.streams.next(), len(holes)) if nulls else [False] * len(holes)
        atoms = []
        if self.text_model:
            k = self.header.byte()
            need(k <= 2, "R19", f"{k} atoms")
            atoms = [self.atom(self.header.varint()) for _ in range(k)]
        with_value = [row for row, is_null in zip(holes, null) if not is_null]
        plain = PlainRows(with_value, atoms) if self.text_model else None
        values = read_values(self, encoding, len(with_value), plain, None)
        of_row = [None] * rows
        for row in holes:
            of_row[row] = len(values)  # null
        for place, row in enumerate(with_value):
            of_row[row] = place
        return Column(True, of_row, values + [None])

    def read_ranked(self, number, encoding, holes, rows, nulls):
        null = self.header.varint() if nulls else None
        m = self.header.varint()
        need(m <= len(holes) and (m > 0 or not holes), "R18", f"{m} ids in {len(holes)} rows")
        need(null is None or null < m, "R18", f"null is id {null} of {m}")
        of_row = [None] * rows
        for row, identity in zip(holes, self.read_ids(m, holes) if m > 1 else [0] * len(holes)):
            of_row[row] = identity
        text = None
        if self.text_model:
            context = self.header.varint()
            need(context <= self.count, "R19", f"the text context {context} is of no column")
            text = TextRows(number, self.first_rows(of_row, null), self.text_context(context))
        values = read_values(self, encoding, m - nulls, None, text)
        if null is not None:
            values.insert(null, None)
        return Column(False, of_row, values, m)

    def read_ids(self, m, holes):
        contexts = read_contexts(self)
        recency = Recency(m)
        if self.text_model:
            ids = mixed_ids(self.streams.next(), contexts, recency, holes)
        else:
            ids = coded_ids(self.streams, contexts, recency, holes)
        need(recency.known == m, "R20", f"{recency.known} ids of {m} are used")
        return ids

    @staticmethod
    def first_rows(of_row, null):
        """The row in which each distinct value but null is used first."""
        first = {}
        for row, identity in enumerate(of_row):
            if identity is not None and identity != null:
                first.setdefault(identity, row)
        return list(first.values())

    def text_context(self, code):
        """The atom *value* of a text's context, or None."""
        return self.atom(2 + 2 * (code - 1)) if code else None
