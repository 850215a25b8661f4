"""Section 11: what a decoder must reject, and the caps of section 10 that each decoder sets for itself."""


class Reject(Exception):
    """The container breaks a rule of section 11; `rule` is its name, R1 … R34."""

    def __init__(self, rule, why):
        super().__init__(f"{rule}: {why}")
        self.rule = rule
        self.why = why


def need(condition, rule, why):
    if not condition:
        raise Reject(rule, why)


class Caps:
    """Section 10, last row; lower than the codec's, for this decoder is slow. What is used up is taken off."""

    def __init__(self, rows=1 << 20, column_bytes=1 << 28, record_bytes=1 << 28):
        self.rows = rows
        self.column_bytes = column_bytes
        self.record_bytes = record_bytes

    def take(self, what, n):
        left = getattr(self, what) - n
        need(left >= 0, "R32", f"over the decoder's cap of {what}")
        setattr(self, what, left)
