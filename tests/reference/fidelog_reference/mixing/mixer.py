"""Section 9.1: slots, which are lists [p, n], the mixer and bits.

All take a `coder`, whose `bit` decides: the range decoder, or, in tests, an encoder that knows what is to come.
"""

from .range_decoder import spread

FRESH = 1 << 21
LARGEST = (1 << 22) - 1
LOW, HIGH = 1 << 10, (1 << 22) - (1 << 10)


def clamp(x, least, most):
    return least if x < least else most if x > most else x


def make_decay():
    one = step = term = 1 << 60
    for k in range(1, 10):
        term //= 256 * k
        step = step - term if k % 2 else step + term
    decay = [one]
    while len(decay) < 3072:
        decay.append(decay[-1] * step >> 60)
    return [(d << 32) // (one + d) for d in decay]


TAIL = make_decay()  # h of logistic, by |x|


def logistic(x):
    return (1 << 32) - TAIL[x] if x >= 0 else TAIL[-x]


def squash(x):
    return SQUASH[clamp(x, -3071, 3071) + 3071]


SQUASH = [clamp(logistic(x) + (1 << 15) >> 16, 2, 65534) for x in range(-3071, 3072)]


def make_stretch():
    stretch, x = [], -2047
    for q in range(4096):
        while x < 2047 and logistic(x) < (2 * q + 1) << 19:
            x += 1
        stretch.append(x)
    return stretch


STRETCH = make_stretch()
RATE = [655360 // (10 * n + 16) for n in range(1024)]
TRUST = [n if n <= 3 else 4 if n <= 5 else 5 if n <= 9 else 6 if n <= 20 else 7 if n <= 60 else 8 for n in range(1024)]


def fresh():
    return [FRESH, 0]


def learn(slot, b, limit):
    p, n = slot
    p += (((LARGEST if b else 0) - p) * RATE[n]) >> 16
    slot[0] = LOW if p < LOW else HIGH if p > HIGH else p
    if n < limit:
        slot[1] = n + 1


class Mixer:
    def __init__(self, n, a, b, w, r, limit):
        self.rate = r
        self.limit = limit
        weights = [0] + [w * (60 + 8 * t) * 65536 // 10000 for t in range(1, 9)]
        self.weights = [[[weights[:] for _ in range(n)] for _ in range(selectors)] for selectors in (a, b)]
        self.share = [[1 << 15, 1 << 15] for _ in range(a)]
        self.refine = [[[squash(192 * j - 3072) * 64, 0] for j in range(33)] for _ in range(b)]

    def code(self, coder, slots, a, b):
        s = [STRETCH[slot[0] >> 10] for slot in slots]
        t = [TRUST[slot[1]] for slot in slots]
        # Of each input the weights by trust, of which one counts.
        inputs = [list(zip(weights, t, s)) for weights in (self.weights[0][a], self.weights[1][b])]
        answer = []
        for weighed in inputs:
            total = sum([weights[ti] * si >> 8 for weights, ti, si in weighed])
            answer.append(clamp(total >> 8, -3071, 3071))
        share = self.share[a]
        mixed = clamp(answer[0] * share[0] + answer[1] * share[1] >> 16, -3071, 3071)
        q = squash(mixed)
        j, f = divmod(mixed + 3072, 192)
        below, above = self.refine[b][j], self.refine[b][j + 1]
        fine = ((below[0] >> 6) * (192 - f) + (above[0] >> 6) * f) // 192

        y = coder.bit(clamp(q + fine >> 1, 2, 65534))

        one = y << 16
        errors = []
        for k in (0, 1):
            share[k] = clamp(share[k] + (answer[k] * (one - q >> 4) >> 12), -400000, 400000)
            errors.append(one - squash(answer[k]))
        learn(above if f > 96 else below, y, 200)
        if not (abs(errors[0]) < 1800 and abs(errors[1]) < 1800):
            for weighed, error in zip(inputs, errors):
                for weights, ti, si in weighed:
                    moved = weights[ti] + (((si * error >> 10) * self.rate) >> 6)
                    weights[ti] = clamp(moved, -400000, 400000)
        for slot in slots:
            learn(slot, y, self.limit)
        return y


class Bits:
    """A table of 2^l slots for each context; slots are made when they are first asked for."""

    def __init__(self, n, l, a, w, r, limit):
        self.shift = 32 - clamp(l, 4, 17)
        self.tables = [{} for _ in range(n)]
        self.mixer = Mixer(n, a, a, w, r, limit)

    def code(self, coder, contexts, a=0):
        slots = []
        for table, context in zip(self.tables, contexts):
            place = spread(context) >> self.shift
            slot = table.get(place)
            if slot is None:
                slot = table[place] = fresh()
            slots.append(slot)
        return self.mixer.code(coder, slots, a, a)


def log2_up(x):
    return (x - 1).bit_length()
