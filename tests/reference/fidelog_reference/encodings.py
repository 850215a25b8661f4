"""Section 4: the encodings, their codes and parameters."""

from .reject import need

INTEGER, BOOLEAN, TEXT, JSON = 0, 1, 2, 3
UUID = (4, 5)
HEX = (6, 7)
UPPER = (5, 7)
SHORTEST, FRACTION, EXPONENT, FIXED = 8, 9, 10, 11
EPOCH = (12, 13, 14)
CALENDAR = (15, 16)
TRIMMED = 10


class Encoding:
    def __init__(self, code):
        self.code = code
        self.bytes = 16 if code in UUID else 0
        self.decimals = 0
        self.calendar = None
        self.is_timestamp = code in EPOCH + CALENDAR
        self.is_number = SHORTEST <= code <= FIXED
        self.is_string = code in (TEXT, JSON) + UUID + HEX


class Calendar:
    """How a calendar time is written; `minutes` is the offset, of zones 2 and 3."""

    def __init__(self, between, digits, zone, minutes):
        self.between = between
        self.digits = digits
        self.zone = zone
        self.minutes = minutes


def read_encoding(code, reader):
    need(code <= 16, "R15", f"encoding {code}")
    encoding = Encoding(code)
    if code in HEX:
        encoding.bytes = reader.varint()
        need(encoding.bytes <= 1 << 20, "R15", f"hex of {encoding.bytes} bytes")
    elif code == FIXED:
        encoding.decimals = reader.byte()
        need(1 <= encoding.decimals <= 17, "R15", f"{encoding.decimals} decimals")
    elif code in CALENDAR:
        byte = reader.byte()
        digits, zone = byte >> 2, byte & 3
        need(digits <= TRIMMED, "R15", f"{digits} fraction digits")
        minutes = read_minutes(zone, reader, "R15")
        encoding.calendar = Calendar(b"T" if code == 15 else b" ", digits, zone, minutes)
    return encoding


def read_minutes(zone, reader, rule):
    minutes = reader.zigzag() if zone >= 2 else 0
    need(-1439 <= minutes <= 1439, rule, f"{minutes} minutes east")
    return minutes


JSON_ENCODING = Encoding(JSON)
