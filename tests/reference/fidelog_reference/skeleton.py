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
    """All fields in the schema's order. A step opens and closes the string that the object before it is in."""
    out = [b"{"]

    def write(text, depth):
        out.append(escape_in_strings(schema, text, depth))

    def item_and_colon(depth):
        style = schema.inner if depth else schema.outer
        return style.item, style.colon

    def close(keys, path):
        """Ends the last of `path` down to `keys` of them."""
        for k in range(len(path), keys, -1):
            depth = path[:k].count(STEP)
            if k == len(path) or path[k] != STEP:
                write(b"}", depth)
            if path[k - 1] == STEP:
                write(b'"', depth - 1)

    def name(key, depth):
        write(b'"' + key + b'"' + item_and_colon(depth)[1], depth)

    open_ = []
    for i, field in enumerate(schema.fields):
        parents, key = field.path[:-1], field.path[-1]
        common = 0
        while common < min(len(open_), len(parents)) and open_[common] == parents[common]:
            common += 1
        close(common, open_)
        if i > 0:
            depth = parents[:common].count(STEP)
            write(item_and_colon(depth)[0], depth)
        for k in range(common, len(parents)):
            depth = parents[:k].count(STEP)
            if parents[k] == STEP:
                write(b'"', depth)
                write(b"{", depth + 1)
            else:
                name(parents[k], depth)
                if k + 1 == len(parents) or parents[k + 1] != STEP:
                    write(b"{", depth)
        name(key, field.depth)
        out.append(i)
        open_ = parents
    close(0, open_)
    return Skeleton(out + [b"}"], set(range(len(schema.fields))))
