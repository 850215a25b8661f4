"""Section 4: the schema, its style, its fields and the names of their columns."""

import re

from .encodings import read_encoding
from .reject import need

STEP = b'"'
NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


class Style:
    def __init__(self, byte, reserved):
        self.item = b", " if byte & 1 else b","
        self.colon = b": " if byte & 2 else b":"
        self.escaped = byte >> 2 & 3  # 0 raw, 1 lower, 2 upper case
        self.slash = bool(byte & 0x10)
        self.markup = bool(byte & 0x20)
        need(self.escaped < 3, "R11", "style bits 2-3 are 3")
        need(byte & reserved == 0, "R11", "a reserved bit of the style is set")


class Field:
    def __init__(self, path, encoding, name):
        self.path = path
        self.encoding = encoding
        self.name = name
        self.depth = path.count(STEP)


class Schema:
    def __init__(self, outer, inner, fields):
        self.outer = outer
        self.inner = inner
        self.fields = fields


def read_schema(header):
    version = header.varint()
    need(1 <= version < 1 << 32, "R11", f"schema version {version}")
    byte = header.byte()
    outer = Style(byte, 0x80)
    inner = Style(header.byte(), 0xC0) if byte & 0x40 else outer
    event_time, count, declared = header.varint(), header.varint(), header.varint()
    need(count <= 4096, "R12", f"{count} fields")
    need(declared <= count, "R12", f"{declared} of {count} fields are declared")
    need(event_time <= count, "R12", "the event time is no field")
    fields, path = [], []
    for _ in range(count):
        path = read_path(header, path)
        code = header.byte()
        encoding = read_encoding(code & 0x7F, header)
        name = header.bytes() if code & 0x80 else None
        fields.append(Field(path, encoding, name))
    if event_time:
        need(fields[event_time - 1].encoding.is_timestamp, "R12", "the event time is not a timestamp")
    check_paths([tuple(field.path) for field in fields])
    name_columns(fields)
    return Schema(outer, inner, fields)


def read_path(header, before):
    shared, further = header.varint(), header.varint()
    need(shared <= len(before), "R13", "a path shares more keys than there are")
    need(1 <= shared + further <= 64, "R13", f"a path of {shared + further} keys")
    path = before[:shared] + [header.bytes() for _ in range(further)]
    for key in path:
        need(is_utf8(key), "R13", "a key is not UTF-8")
    steps = [i for i, key in enumerate(path) if key == STEP]
    need(len(steps) <= 2, "R13", "over two steps")
    need(not {0, len(path) - 1} & set(steps), "R13", "a step is first or last")
    need(not any(i + 1 in steps for i in steps), "R13", "two steps are next to each other")
    return path


def is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_paths(paths):
    need(len(set(paths)) == len(paths), "R13", "two paths are equal")
    beginnings = {path[:n] for path in paths for n in range(1, len(path))}
    need(not beginnings & set(paths), "R13", "a path is another's beginning")


def name_columns(fields):
    """Every field gets its rule name, in order, so that the suffixes come out the same whatever names are given."""
    taken = set()
    for field in fields:
        name = base = rule_name(field.path)
        suffix = 2
        while name in taken:
            name = f"{base}_{suffix}"
            suffix += 1
        taken.add(name)
        if field.name is None:
            field.name = name
        else:
            field.name = given_name(field.name)
    need(len({field.name for field in fields}) == len(fields), "R14", "two columns have one name")


def rule_name(path):
    joined = b"_".join(key for key in path if key != STEP).decode("utf-8")
    name = re.sub("[^a-z0-9]", "_", re.sub("[A-Z]", lambda letter: letter[0].lower(), joined))[:200]
    return "_" + name if re.match(r"[0-9]|fidelog_|\Z", name) else name


def given_name(name):
    need(is_utf8(name), "R14", "a column's name is not UTF-8")
    name = name.decode("utf-8")
    need(len(name) <= 255 and NAME.match(name), "R14", f"the column name {name!r}")
    need(not name.startswith("fidelog_"), "R14", f"the column name {name!r}")
    return name
