"""The reference decoder against the vectors, the page's example, and what the command-line tool writes."""

import base64
import json
import os
import pathlib
import subprocess

import make_reject
import pytest

import fidelog_reference as reference

TESTS = pathlib.Path(__file__).parent.parent
PAGE = (TESTS.parent / "codec" / "FORMAT.md").read_text("utf-8")
VECTORS = sorted((TESTS / "vectors").glob("v*/*.fdl"))
RIGHT = make_reject.right()
REJECTS = sorted(make_reject.DIRECTORY.glob("*.fdl"))
SHAPES = ("audit", "web", "siem", "device", "pipeline", "container")
# Mixed text is slow here, so there is less of it.
RECORDS = {"fast": 300, "default": 300, "small": 25}


def fenced(after):
    """The lines of the example's fenced block after these words, without their comments."""
    example = PAGE.split("Example\n", 1)[1]
    block = example.split(after, 1)[1].split("```\n", 1)[0]
    return [line.split("  #")[0].rstrip() for line in block.splitlines()]


def example():
    return bytes.fromhex(" ".join(fenced("outside:\n```\n")))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_vectors_decode_to_their_records(path):
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))["records"]
    assert reference.decode(path.read_bytes()) == [base64.b64decode(record) for record in expected]


def test_the_example_is_its_records():
    lines = [line.encode() for line in fenced("```json\n")]
    assert len(lines) == 3
    assert reference.decode(example()) == lines
    assert reference.unpack(example()) == b"".join(line + b"\n" for line in lines)


def test_every_bit_of_the_example_counts():
    container = example()
    for bit in range(8 * len(container)):
        damaged = bytearray(container)
        damaged[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(reference.Reject):
            reference.unpack(bytes(damaged))


def test_every_byte_of_the_example_is_needed():
    container = example()
    for end in range(len(container)):
        with pytest.raises(reference.Reject):
            reference.unpack(container[:end])


def test_the_rejects_are_those_that_the_script_makes():
    made = make_reject.files()
    assert {path.name: path.read_bytes() for path in make_reject.DIRECTORY.iterdir()} == made


@pytest.mark.parametrize("container", RIGHT.values(), ids=RIGHT)
def test_what_the_rejects_are_made_from_is_right(container):
    reference.unpack(container)


@pytest.mark.parametrize("path", REJECTS, ids=lambda path: path.stem)
def test_rejects_are_refused_for_their_rule(path):
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))["rule"]
    with pytest.raises(reference.Reject) as refused:
        reference.unpack(path.read_bytes())
    assert refused.value.rule == expected


def test_every_rule_of_the_page_has_a_reject():
    rules = {line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| R")}
    assert rules == {f"R{n}" for n in range(1, 35)}
    assert {json.loads(path.with_suffix(".json").read_text("utf-8"))["rule"] for path in REJECTS} == rules


@pytest.fixture(scope="module")
def tool():
    """Runs a program of the project."""
    binaries = os.environ.get("FIDELOG_BINARIES")
    if not binaries or not pathlib.Path(binaries, "fidelog").exists():
        pytest.skip("FIDELOG_BINARIES is not a directory with fidelog")

    def run(name, *arguments, **options):
        command = [str(pathlib.Path(binaries, name)), *map(str, arguments)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout

    return run


@pytest.mark.parametrize("level", RECORDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_tool_packs_is_unpacked(tool, shape, level):
    log = tool("shapes", shape, RECORDS[level], 7)
    assert log.count(b"\n") == RECORDS[level]
    packed = tool("fidelog", "pack", "--level", level, "-", "-o", "-", input=log)
    assert reference.unpack(packed) == log


@pytest.mark.parametrize("level", RECORDS)
@pytest.mark.parametrize("file", [b"", b"\n", b"[]", b"no record at all\x00\xff", b'[{"a": 1},\n {"a": 2} , {"b": "\xc3\xa9"}]\n'])
def test_any_file_that_the_tool_packs_is_unpacked(tool, file, level):
    packed = tool("fidelog", "pack", "--level", level, "-", "-o", "-", input=file)
    assert reference.unpack(packed) == file


@pytest.mark.parametrize("container", RIGHT.values(), ids=RIGHT)
def test_the_tool_unpacks_the_same_from_what_is_right(tool, container):
    assert tool("fidelog", "unpack", "-", "-o", "-", input=container) == reference.unpack(container)


@pytest.mark.parametrize("path", REJECTS, ids=lambda path: path.stem)
def test_the_tool_refuses_the_rejects(tool, path):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        tool("fidelog", "unpack", path, "-o", "-")
    assert refused.value.returncode == 1
