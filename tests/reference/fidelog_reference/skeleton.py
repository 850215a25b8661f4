"""Section 5: skeletons: `parts` are literals (bytes) and holes (a field's index), `fields` those that have a hole."""

from collections import namedtuple

from .elements import Reader
from .reject import need
from .schema import STEP
from .spelling import escape_in_strings


Skeleton = namedtuple("Skeleton", "parts fields")


def parse_skeleton(data, fields):
    reader = Reader(data, short="R33")
    parts, named = [reader.bytes()], set()
    while reader.left():
        field = reader.varint()
        need(field < fields, "R33", f"a hole for field {field}, which is none")
        need(field not in named, "R33", f"two holes for field {field}")
        named.add(field)
        parts += [field, reader.bytes()]
    return Skeleton(parts, named)


def default_skeleton(schema):
    """All fields in the schema's order; `depth` is the number of strings that `out` is inside of."""
    out, depth, open_ = [], 0, []

    def write(text):
        out.append(escape_in_strings(schema, text, depth))

    def style():
        return schema.inner if depth else schema.outer

    def write_name(key):
        write(b'"' + key + b'"' + style().colon)

    def close(objects):
        nonlocal depth
        for _, in_string in reversed(objects):
            write(b"}")
            if in_string:
                depth -= 1
                write(b'"')

    write(b"{")
    for i, field in enumerate(schema.fields):
        parents = parents_of(field.path)
        common = 0
        while common < min(len(open_), len(parents)) and open_[common] == parents[common]:
            common += 1
        close(open_[common:])
        if i > 0:
            write(style().item)
        for key, in_string in parents[common:]:
            write_name(key)
            if in_string:
                write(b'"')
                depth += 1
            write(b"{")
        write_name(field.path[-1])
        out.append(i)
        open_ = parents
    close(open_)
    write(b"}")
    return Skeleton(out, set(range(len(schema.fields))))


def parents_of(path):
    """The keys before the last one, each with whether a step follows it: its object is in a string."""
    return [(key, after == STEP) for key, after in zip(path, path[1:]) if key != STEP]
