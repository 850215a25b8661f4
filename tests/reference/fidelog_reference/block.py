"""Section 3: a block, from its parts to its records."""

from .column import Columns
from .elements import Reader
from .mixing.text import TextModel
from .reject import need
from .run import Streams, read_run
from .schema import read_schema
from .skeleton import default_skeleton, parse_skeleton
from .spelling import spell_in_strings

DEFLATE, MIXING = 0, 1


def decode_block(body, caps):
    outside = Reader(body)
    rows = outside.varint()
    caps.take("rows", rows)
    coding = outside.byte()
    need(coding <= MIXING, "R7", f"coding {coding}")
    header = Reader(read_run(outside, caps))
    group = Reader(read_run(outside, caps))
    streams = Streams(header, group, outside, caps)

    schema = read_schema(header)
    text_model = TextModel(header.varint()) if coding == MIXING else None
    columns = Columns(streams, text_model, 1 + len(schema.fields))
    skeletons = columns.read_skeletons(rows)
    default = default_skeleton(schema)
    parsed = {None: default}
    for value in skeletons.values:
        if value is not None:
            parsed[value] = parse_skeleton(value, len(schema.fields))
    of_row = [parsed[skeletons.value(row)] for row in range(rows)]

    for _ in schema.fields:
        f = header.varint()
        need(f < len(schema.fields), "R16", f"field {f} is none")
        need(f + 1 not in columns.read, "R16", f"field {f} comes twice")
        holes = [row for row in range(rows) if f in of_row[row].fields]
        columns.read_field(f + 1, schema.fields[f].encoding, holes, rows)
    header.finish("R10", "header")
    group.finish("R10", "group")
    outside.finish("R10", "part 5")
    return records(schema, columns.read, of_row, caps)


def records(schema, columns, skeleton_of_row, caps):
    for row, skeleton in enumerate(skeleton_of_row):
        record = b"".join(
            part if isinstance(part, bytes) else spell_in_strings(schema, part, columns[part + 1].value(row))
            for part in skeleton.parts
        )
        caps.take("record_bytes", len(record))
        yield record
