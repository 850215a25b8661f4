"""Sections 1 to 3 of the page: rules R1 to R10, R16 and R32."""

from .build import (
    END,
    N,
    block,
    container,
    field,
    framing,
    header,
    integers,
    prefixed,
    run,
    schema,
    section,
    varint,
)

PLAIN_N = [b"\0\1"] + integers(1, 2, 3)
HEADER = header([N], PLAIN_N)
BLOCK = block(HEADER)
RIGHT = {"block": container(BLOCK), "framing": container(BLOCK, framing(b"\0\0\0\1\1\1x"))}

# Its schema, column 0 without a stream in the group, and no field: all that a header needs that has no streams.
NO_FIELDS = schema() + b"\2\0\1\0\1\0"
FINAL, OPEN = b"\1", b"\0"


def deflated(data, final=FINAL, declared=None, after=b""):
    """A run of one stored block of DEFLATE."""
    n = len(data)
    stream = final + n.to_bytes(2, "little") + (n ^ 0xFFFF).to_bytes(2, "little") + data + after
    return varint(n if declared is None else declared) + b"\1" + prefixed(stream)


def with_run(header_run):
    return container(block(b"", header_run=header_run))


RIGHT["deflate"] = with_run(deflated(NO_FIELDS))
RIGHT["no-fields"] = container(block(NO_FIELDS))


def first_varint(data):
    """A block whose number of rows is `data`."""
    return container(section(1, data + b"\0" + run(NO_FIELDS) + run(b"")))


def with_stream(entry, **parts):
    """The integers' stream is told by this entry."""
    return container(block(HEADER[:-1] + [entry], **parts))


RIGHT["outside"] = with_stream(b"\x0c", outside=b"\1\2\3")

CASES = [
    ("R1", "magic", "the first bytes are FDM", b"FDM" + RIGHT["block"][3:]),
    ("R1", "version-0", "version 0", b"FDL\0" + RIGHT["block"][4:]),
    ("R1", "version-2", "version 2", b"FDL\2" + RIGHT["block"][4:]),
    ("R1", "short", "nothing after FDL", b"FDL"),
    ("R2", "kind-3", "a section of kind 3", container(section(3, b""))),
    ("R2", "kind-127", "a section of kind 127", container(section(127, b""))),
    ("R2", "past-end", "a section is longer than the container", b"FDL\x01\x01\x7f\0"),
    ("R2", "no-checksum", "the container ends inside the end section's checksum", RIGHT["block"][:-1]),
    ("R2", "checksum", "a block's checksum is wrong", container(section(1, b"", checksum=1))),
    ("R2", "optional-checksum", "an optional section's checksum is wrong", container(section(128, b"x", 1 << 31))),
    ("R3", "no-end", "no end section", container(BLOCK, end=b"")),
    ("R3", "end-body", "the end section has a body", container(BLOCK, end=section(0, b"x"))),
    ("R3", "after-end", "a byte after the end section", container(BLOCK, end=END + b"\0")),
    ("R4", "block-after-framing", "a block after the framing", container(framing(), BLOCK)),
    ("R4", "two-framings", "two framings", container(BLOCK, framing(), framing())),
    ("R5", "left", "a byte after the exceptions", container(BLOCK, framing(b"\0\0\0\0\0"))),
    ("R5", "left-after-run", "a byte after the framing's run", container(BLOCK, framing(after=b"\0"))),
    ("R5", "step-0", "an exception before record 0", container(BLOCK, framing(b"\0\0\0\1\0\1x"))),
    ("R5", "no-record", "an exception before record 3 of three", container(BLOCK, framing(b"\0\0\0\1\3\1x"))),
    ("R6", "varint-11", "a varint of 11 bytes", first_varint(b"\x80" * 10 + b"\0")),
    ("R6", "varint-2-64", "a varint is 2^64", first_varint(b"\x80" * 9 + b"\2")),
    ("R6", "run", "a run's bytes end beyond the section", container(section(1, b"\0\0\x7f\0"))),
    ("R6", "header", "the header ends inside a column", container(block(HEADER[:-2] + [b"\0"]))),
    ("R6", "group", "a stream ends beyond the group", with_stream(b"\x0e")),
    ("R6", "part-5", "a stream ends beyond part 5", with_stream(b"\x0c", outside=b"\1\2")),
    ("R6", "framing", "a suffix ends beyond the framing", container(BLOCK, framing(b"\0\0\4"))),
    ("R7", "coding-2", "coding 2", container(block(NO_FIELDS, coding=2))),
    ("R7", "run-3", "a run of kind 3", with_run(run(NO_FIELDS, kind=3))),
    ("R8", "invalid", "DEFLATE with a block of type 3", with_run(varint(len(NO_FIELDS)) + b"\1\1\7")),
    ("R8", "no-final", "DEFLATE without a final block", with_run(deflated(NO_FIELDS, OPEN))),
    ("R8", "after-final", "a byte after the final block", with_run(deflated(NO_FIELDS, after=b"\0"))),
    ("R8", "longer", "DEFLATE of a byte more than declared", with_run(deflated(NO_FIELDS, declared=len(NO_FIELDS) - 1))),
    ("R8", "shorter", "DEFLATE of a byte less than declared", with_run(deflated(NO_FIELDS, declared=len(NO_FIELDS) + 1))),
    ("R8", "expansion", "a byte of DEFLATE for 1033 bytes", with_run(varint(1033) + b"\1\1\3")),
    ("R8", "stream", "a byte after the final block of a stream", with_stream(b"\x0d\x09", outside=b"\1\3\0\xfc\xff\1\2\3\0")),
    ("R8", "mixed-2-20", "a run of 2^20 + 1 mixed bytes", with_run(varint((1 << 20) + 1) + b"\2\0")),
    ("R10", "header", "a byte after the last column", container(block(HEADER + [b"\0"]))),
    ("R10", "group", "a byte left in the group", container(block(HEADER, group=b"\0"))),
    ("R10", "part-5", "a byte left in part 5", container(block(HEADER, outside=b"\0"))),
    ("R16", "index", "field 1 of one", container(block(header([N], [b"\1"] + PLAIN_N[1:])))),
    ("R16", "twice", "field 0 twice", container(block(header([N, field(b"m")], [*PLAIN_N, *PLAIN_N])))),
    ("R32", "rows", "2^40 rows", first_varint(varint(1 << 40))),
]
