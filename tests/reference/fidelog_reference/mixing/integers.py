"""Section 9.2: numbers, and the integers of plain columns."""

from .mixer import Bits, log2_up
from .range_decoder import RangeDecoder, join, raw


class Numbers:
    def __init__(self, n, l):
        self.length = Bits(n + 1, l, 64, 25, 3, 500)
        self.mantissa = Bits(n + 1, l, 1, 25, 3, 500)
        self.signs = Bits(n + 1, min(l, 12), 1, 25, 3, 500)

    def unsigned(self, coder, c, most):
        n = 0
        while n < most and self.length.code(coder, fill(c, n + 1), n) == 1:
            n += 1
        if n == 0:
            return 0
        v, m = 1, min(4, n - 1)
        for _ in range(m):
            v = 2 * v + self.mantissa.code(coder, fill(c, join(n, v)))
        return (v << (n - 1 - m)) + raw(coder, n - 1 - m)

    def signed(self, coder, c):
        s = self.signs.code(coder, [1] + [join(context, i + 2) for i, context in enumerate(c)])
        m = self.unsigned(coder, c, 63)
        return -m - 1 if s else m


def fill(c, x):
    return [x] + [join(context + 7919 * i, x) for i, context in enumerate(c)]


def mixed_differences(data, signed, plain):
    """The numbers of a stream, before falling and base; unzigzag is no part of it."""
    coder = RangeDecoder(data)
    differences = code_differences(coder, signed, plain)
    coder.finish()
    return differences


def code_differences(coder, signed, plain):
    numbers = Numbers(6, min(16, log2_up(4 * max(len(plain.rows), 64))))
    last = before = average = 0
    differences = []
    for row in plain.rows:
        x, y = ([atom.told(row, nothing=0) for atom in plain.atoms] + [0, 0])[:2]
        c = [
            min(last, 20),
            join(min(last, 6), min(before, 6)),
            average >> 2,
            join(x, 77),
            join(y, 78),
            join(join(x, y), 79),
        ]
        d = numbers.signed(coder, c) if signed else numbers.unsigned(coder, c, 64)
        differences.append(d)
        size = abs(d)
        before = last
        last = size if size < 20 else 20 + size.bit_length()
        average = average - (average >> 3) + min(size, 60)
    return differences
