"""Section 4, spelling: from a value to the bytes of the record. Null is None."""

import datetime

from .encodings import BOOLEAN, EPOCH, FIXED, HEX, INTEGER, JSON, TEXT, TRIMMED, UPPER, UUID
from .number import spell_fixed, spell_number
from .reject import Reject, need

SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799


def spell_in_strings(schema, field, value):
    """The value of field number `field`, inside as many strings as its path has steps."""
    field = schema.fields[field]
    style = schema.inner if field.depth else schema.outer
    return escape_in_strings(schema, spell(field.encoding, value, style), field.depth)


def escape_in_strings(schema, spelled, depth):
    for i in range(depth):
        spelled = escape(spelled, schema.outer if i == depth - 1 else schema.inner)
    return spelled


def spell(encoding, value, style):
    code = encoding.code
    if value is None:
        return b"null"
    if code == INTEGER:
        return b"%d" % value
    if code == BOOLEAN:
        return b"true" if value else b"false"
    if code == TEXT:
        return b'"' + escape(value, style) + b'"'
    if code == JSON:
        return value
    if code in UUID + HEX:
        need(encoding.bytes in (0, len(value)), "R34", f"{len(value)} bytes for {encoding.bytes}")
        return b'"' + spell_hex(value, code in UUID, code in UPPER) + b'"'
    if code == FIXED:
        return spell_fixed(value, encoding.decimals)
    if encoding.is_number:
        return spell_number(value, code)
    if code in EPOCH:
        return spell_epoch(*value, unit=10 ** (9 - 3 * EPOCH.index(code)))
    return b'"' + spell_calendar(*value, encoding.calendar) + b'"'


def spell_hex(value, hyphens, upper):
    digits = value.hex()
    if hyphens:
        digits = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return (digits.upper() if upper else digits).encode()


def escape(content, style):
    """The content of a text, between its quotation marks."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Reject("R34", "content is not UTF-8") from error
    return "".join(escape_character(c, style) for c in text).encode("utf-8")


def escape_character(c, style):
    if c in SHORT:
        return SHORT[c]
    if c == "/":
        return "\\/" if style.slash else c
    if c < " " or (style.markup and c in "<>&\u2028\u2029") or (style.escaped and c > "\x7f"):
        units = c.encode("utf-16-be")
        digits = "%04X" if style.escaped == 2 else "%04x"
        return "".join("\\u" + digits % int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2))
    return c


def spell_epoch(us, ns, unit):
    """`unit` is in ns."""
    checked_second(us, ns)
    count, rest = divmod(us * 1000 + ns, unit)
    need(rest == 0, "R34", "not a whole count of units")
    return b"%d" % count


def checked_second(us, ns):
    second = us // 1_000_000
    need(FIRST_SECOND <= second <= LAST_SECOND and 0 <= ns <= 999, "R34", "a time out of range")
    return second


def spell_calendar(us, ns, calendar):
    second = checked_second(us, ns)
    try:
        local = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second + 60 * calendar.minutes)
    except OverflowError as error:
        raise Reject("R34", "a time outside the years 1 to 9999") from error
    between = calendar.between.decode()
    spelled = f"{local.year:04}-{local:%m-%d}{between}{local:%H:%M:%S}"
    spelled += spell_fraction(us % 1_000_000 * 1000 + ns, calendar.digits)
    return (spelled + spell_zone(calendar.zone, calendar.minutes)).encode()


def spell_fraction(ns, digits):
    all_digits = f"{ns:09}"
    if digits == TRIMMED:
        digits = len(all_digits.rstrip("0"))
    need(all_digits[digits:].strip("0") == "", "R34", "digits that would be cut are not zero")
    return "." + all_digits[:digits] if digits else ""


def spell_zone(zone, minutes):
    if zone < 2:
        return "Z" if zone else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{':' if zone == 3 else ''}{rest:02}"
