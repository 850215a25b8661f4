"""The other side of section 9: the models run with a coder that is told each decision, and so make a stream."""

from fidelog_reference import Reject
from fidelog_reference.mixing.range_decoder import M32


class Encoder:
    """Stands where a range decoder does; its decisions are those given."""

    def __init__(self, decisions):
        self.decisions = iter(decisions)
        self.low, self.high = 0, M32
        self.out = bytearray()

    def bit(self, p):
        split = self.low + ((self.high - self.low) * p >> 16)
        b = next(self.decisions)
        if b:
            self.high = split
        else:
            self.low = split + 1
        while self.low >> 24 == self.high >> 24:
            self.out.append(self.low >> 24)
            self.low = self.low << 8 & M32
            self.high = (self.high << 8 | 0xFF) & M32
        return b

    def stream(self):
        """One more byte tells the rest, as the missing ones are 0."""
        return bytes(self.out) + (bytes([(self.low >> 24) + 1]) if self.low else b"")


def encode(decisions, model):
    """The stream of these decisions of `model`, up to where it refuses them."""
    encoder = Encoder(decisions)
    try:
        model(encoder)
    except Reject:
        pass
    if next(encoder.decisions, None) is not None:
        raise ValueError("decisions are left")
    return encoder.stream()


def of_number(v):
    """The decisions of a number without a sign."""
    n = v.bit_length()
    return [1] * n + [0] + bits(v, n - 1)


def bits(v, n):
    return [v >> i & 1 for i in reversed(range(n))]
