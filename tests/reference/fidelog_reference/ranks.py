"""Sections 6 and 7: atoms, contexts, recency, and the ids as streams of codes."""

from .elements import Reader
from .reject import need

M32 = 0xFFFFFFFF
ALWAYS, LAST = 0, 1
ONE_ATOM = 0x5BD1
NEW, ESCAPE = 0, 255
LAST_CANDIDATE = 250


def mix(a, b):
    x = (a * 0x85EBCA6B + b * 0xC2B2AE35) & M32
    x = ((x ^ x >> 16) * 0x7FEB352D) & M32
    x = ((x ^ x >> 15) * 0x846CA68B) & M32
    return x ^ x >> 16


class Atom:
    """What it remembers goes with one pass over the rows of one column."""

    def __init__(self, code, columns):
        self.code = code
        self.column = columns.read.get((code - 2) // 2) if code > LAST else None
        if self.column and not self.column.tells:
            self.column = None
        self.is_previous = code > LAST and code % 2 == 1
        self.last = {}

    def told(self, row, nothing=1):
        """v(j): `nothing` where the column tells nothing; section 9 takes 0 for it."""
        if self.column is None:
            return nothing
        identity = self.column.of_row[row]
        return 0 if identity is None else identity + 1

    def place(self, row):
        return self.told(row) if self.is_previous else LAST

    def value(self, row):
        if self.code == ALWAYS:
            return 1
        if self.code == LAST or self.is_previous:
            return self.last.get(self.place(row), 0)
        return self.told(row)

    def used(self, row, identity):
        self.last[self.place(row)] = 1 + identity


class Context:
    def __init__(self, first, second, size, bits):
        self.atoms = [first, second] if second else [first]
        self.size = size
        self.bits = bits
        self.lists = {}  # by place: the mark and the ids, the latest first

    def key(self, row):
        values = [atom.value(row) for atom in self.atoms] + [ONE_ATOM]
        return mix(values[0], values[1])

    def list(self, key):
        """This key's list, or None if another's, or nothing, is in its place."""
        mark, ids = self.lists.get(key >> (32 - self.bits), (None, None))
        return ids if mark == key | 1 else None

    def used(self, key, row, identity):
        if self.size:
            ids = self.list(key) or []
            ids = [identity] + [other for other in ids if other != identity]
            self.lists[key >> (32 - self.bits)] = (key | 1, ids[: self.size])
        for atom in self.atoms:
            atom.used(row, identity)


def read_contexts(columns):
    header, contexts = columns.header, []
    count = header.byte()
    need(count <= 8, "R19", f"{count} contexts")
    for _ in range(count):
        first = columns.atom(header.varint())
        second = header.varint()
        second = columns.atom(second - 1) if second else None
        size = header.byte()
        need(size <= 63, "R19", f"lists of {size} ids")
        need(size > 0 or columns.text_model, "R19", "a context without lists")
        bits = header.byte() if size else 0
        need(size == 0 or 1 <= bits <= 16, "R19", f"2^{bits} lists")
        contexts.append(Context(first, second, size, bits))
    return contexts


def candidates(contexts, keys):
    """All ids of these keys' lists, each once, in order."""
    lists = [context.list(key) or [] for context, key in zip(contexts, keys) if context.size]
    return list(dict.fromkeys(identity for ids in lists for identity in ids))


class Recency:
    """The ids used, the latest first, and all uses in order."""

    def __init__(self, m):
        self.m = m
        self.order = []
        self.uses = []

    @property
    def known(self):
        return len(self.order)

    def new(self):
        need(self.known < self.m, "R20", f"rows use more than {self.m} ids")
        return self.known

    def of_rank(self, rank):
        need(rank < self.known, "R20", f"recency rank {rank} of {self.known} ids used")
        return self.order[rank]

    def of_distance(self, distance):
        need(distance < len(self.uses), "R20", f"distance {distance} after {len(self.uses)} rows")
        return self.uses[-1 - distance]

    def used(self, identity):
        if identity < self.known:
            self.order.remove(identity)
        self.order.insert(0, identity)
        self.uses.append(identity)


def coded_ids(streams, contexts, recency, holes):
    """The ids under DEFLATE, where all contexts have lists."""
    codes = [Reader(streams.next(), short="R23") for _ in range(max(1, min(3, len(contexts))))]
    escapes = Reader(streams.next(), short="R23")
    ids = []
    for row in holes:
        keys = [context.key(row) for context in contexts]
        mine = [context.list(key) is not None for context, key in zip(contexts, keys)]
        first = (mine + [True]).index(True)
        code = codes[min(first, len(codes) - 1)].byte()
        if code == NEW:
            identity = recency.new()
        elif not contexts:
            identity = recency.of_rank(escapes.varint() + 254 if code == ESCAPE else code - 1)
        elif code == ESCAPE:
            identity = recency.of_distance(escapes.varint())
        else:
            found = candidates(contexts, keys)
            need(code <= min(len(found), LAST_CANDIDATE), "R20", f"code {code} of {len(found)} candidates")
            identity = found[code - 1]
        for context, key in zip(contexts, keys):
            context.used(key, row, identity)
        recency.used(identity)
        ids.append(identity)
    for stream in codes + [escapes]:
        stream.finish("R23", "codes or escapes")
    return ids
