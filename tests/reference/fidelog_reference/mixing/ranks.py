"""Section 9.3: the ids of a ranked column."""

from ..ranks import candidates
from .integers import Numbers
from .mixer import Bits, log2_up
from .range_decoder import RangeDecoder, join

MOST_CANDIDATES = 20


def mixed_ids(data, contexts, recency, holes):
    coder = RangeDecoder(data)
    ids = code_ids(coder, contexts, recency, holes)
    coder.finish()
    return ids


def code_ids(coder, contexts, recency, holes):
    c = len(contexts)
    l = log2_up(2 * max(len(holes), 64))
    hit = Bits(c + 1, l, 4, 35 if c <= 3 else 25, 4, 160)
    fresh = Bits(c + 3, min(l, 15), 1, 30, 3, 250)
    numbers = Numbers(3, 12)
    history = last = 0
    ids = []
    for place, row in enumerate(holes):
        keys = [context.key(row) for context in contexts]

        def new():
            after = [1, 2 + (history & 15), 100 + (place >> 9)]
            return fresh.code(coder, after + [key + j for j, key in enumerate(keys)])

        identity = answer = None
        for i, candidate in enumerate(candidates(contexts, keys)[:MOST_CANDIDATES]):
            if i == 1:
                answer = new()
                if answer == 1:
                    break
            if hit.code(coder, [i + 1] + [join(key, candidate + 1) for key in keys], min(i, 3)) == 1:
                identity = candidate
                break
        if identity is None and recency.known > 0 and answer is None:
            answer = new()
        is_new = identity is None and (recency.known == 0 or answer == 1)
        history = 2 * history + is_new & 15
        if is_new:
            identity = recency.new()
        elif identity is None:
            recent = last.bit_length()
            known = recency.known.bit_length()
            last = numbers.unsigned(coder, [recent, known, join(keys[0] if c else 0, recent)], 32)
            identity = recency.of_rank(last)
        for context, key in zip(contexts, keys):
            context.used(key, row, identity)
        recency.used(identity)
        ids.append(identity)
    return ids
