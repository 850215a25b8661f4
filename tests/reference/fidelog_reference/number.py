"""Section 4: the spelling of numbers. Python's `repr` gives the fewest digits, and the ties are mended here."""

import math
from fractions import Fraction

from .encodings import EXPONENT, FRACTION, SHORTEST
from .reject import need

# Without an exponent if low < x < high.
PLAIN = {SHORTEST: (-7, 21), FRACTION: (-5, 16), EXPONENT: (-4, 7)}
LONGEST = 48


def digits_of(v):
    """D as a string, and x, of |v|."""
    if v == 0:
        return "0", 0
    mantissa, _, exponent = f"{abs(v)!r}e0".partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(exponent.split("e")[0]) - len(fraction)
    digits = int(whole + fraction)
    while digits % 10 == 0:
        digits, exponent = digits // 10, exponent + 1
    digits = nearest(abs(v), digits, exponent)
    return str(digits), len(str(digits)) - 1 + exponent


def nearest(v, digits, exponent):
    """Of two decimals equally near to `v` that are read as it, the larger."""
    unit, exact = Fraction(10) ** exponent, Fraction(v)
    larger = (digits + 1) * unit
    tie = larger - exact == exact - digits * unit
    return digits + 1 if tie and float(larger) == v else digits


def spell_number(v, pattern):
    need(math.isfinite(v), "R34", "a number that is not finite")
    digits, x = digits_of(v)
    negative = math.copysign(1, v) < 0 and not (v == 0 and pattern == SHORTEST)
    low, high = PLAIN[pattern]
    point = pattern != SHORTEST
    body = without_exponent(digits, x, point) if low < x < high else with_exponent(digits, x, pattern)
    return (("-" if negative else "") + body).encode()


def without_exponent(digits, x, point):
    if x < 0:
        return "0." + "0" * (-x - 1) + digits
    digits += "0" * (x + 1 - len(digits))
    whole, fraction = digits[: x + 1], digits[x + 1 :]
    return f"{whole}.{fraction or '0'}" if fraction or point else whole


def with_exponent(digits, x, pattern):
    first, rest = digits[0], digits[1:]
    if pattern == EXPONENT:
        return f"{first}.{rest or '0'}E{x}"
    mantissa = f"{first}.{rest}" if rest else first
    width = 2 if pattern == FRACTION else 1
    return f"{mantissa}e{'-' if x < 0 else '+'}{abs(x):0{width}}"


def spell_fixed(v, decimals):
    """`%` rounds the exact value, halves to even."""
    need(math.isfinite(v), "R34", "a number that is not finite")
    spelled = b"%.*f" % (decimals, v)
    need(len(spelled) <= LONGEST, "R34", f"a number of {len(spelled)} bytes")
    return spelled
