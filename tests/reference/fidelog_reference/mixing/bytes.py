"""Section 9.5: mixed bytes."""

from .mixer import Bits, log2_up
from .range_decoder import RangeDecoder, join


def mixed_bytes(data, n):
    coder = RangeDecoder(data)
    out = code_bytes(coder, n)
    coder.finish()
    return out


def code_bytes(coder, n):
    bits = Bits(3, log2_up(8 * max(n, 16)), 1, 35, 3, 250)
    last = before = 0
    out = bytearray()
    for _ in range(n):
        node = 1
        for _ in range(8):
            after_last = join(node, last + 1)
            node = 2 * node + bits.code(coder, [node, after_last, join(after_last, before + 1)])
        before, last = last, node - 256
        out.append(last)
    return bytes(out)
