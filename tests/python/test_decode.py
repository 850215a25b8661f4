"""Every golden container decodes to its records, from whatever holds the payload."""

import base64

import fidelog
import pytest
from vectors import containers

each_container = pytest.mark.parametrize("container", containers(), ids=lambda c: c.name)


@each_container
def test_records_are_exact(container):
    block = fidelog.decode(container.payload)
    assert block.records() == container.records
    assert block.rows == len(block) == len(container.records)
    assert block.ndjson() == b"".join(record + b"\n" for record in container.records)


@each_container
def test_any_holder_of_bytes_will_do(container):
    text = base64.b64encode(container.payload).decode()
    wrapped = "\n".join(text[i : i + 76] for i in range(0, len(text), 76)) + "\n"
    for payload in (
        bytearray(container.payload),
        memoryview(container.payload),
        memoryview(b"?" + container.payload)[1:],
        text,
        text.rstrip("="),
        wrapped,
    ):
        assert fidelog.decode(payload).records() == container.records


def test_columns_are_named_as_the_records_name_them():
    names = {name for container in containers() for name in fidelog.decode(container.payload).columns}
    assert "inDate" in names


def test_a_packed_file_comes_back():
    array = next(c for c in containers() if c.name == "v0/packed-array")
    assert fidelog.unpack(array.payload) == b"[" + b", ".join(array.records) + b"]\n"


@pytest.mark.parametrize("payload", [3, None, 1.5, [1], object()])
def test_what_holds_no_bytes_is_a_type_error(payload):
    with pytest.raises(TypeError):
        fidelog.decode(payload)
