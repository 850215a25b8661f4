"""Section 9: the binary range decoder, and the hashes of contexts."""

from ..reject import need

M32 = 0xFFFFFFFF


class RangeDecoder:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.low = 0
        self.high = M32
        self.window = 0
        for _ in range(4):
            self.shift()

    def shift(self):
        byte = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        need(self.at <= len(self.data) + 4, "R9", "over 4 bytes of a range coded stream are missing")
        self.window = (self.window << 8 | byte) & M32

    def bit(self, p):
        split = self.low + ((self.high - self.low) * p >> 16)
        b = 1 if self.window <= split else 0
        if b:
            self.high = split
        else:
            self.low = split + 1
        while self.low >> 24 == self.high >> 24:
            self.low = self.low << 8 & M32
            self.high = (self.high << 8 | 0xFF) & M32
            self.shift()
        return b

    def finish(self):
        need(self.at >= len(self.data), "R9", f"{len(self.data) - self.at} bytes of a range coded stream are left")


def raw(coder, n):
    v = 0
    for _ in range(n):
        v = 2 * v + coder.bit(32768)
    return v


def join(a, b):
    b = b * 0xC2B2AE35 & M32
    rotated_a = (a << 7 | (a & M32) >> 25) & M32
    return ((a * 0x85EBCA6B ^ (b << 15 | b >> 17)) * 0x27D4EB2F ^ rotated_a) & M32


def spread(x):
    return x * 0x9E3779B1 & M32
