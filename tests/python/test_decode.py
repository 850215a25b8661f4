"""Every golden container decodes to its records, from whatever holds the payload."""

import base64
import http.server
import threading
from functools import partial

import fidelog
import pytest
from vectors import containers

each_container = pytest.mark.parametrize("container", containers(), ids=lambda c: c.name)


@each_container
def test_records_are_exact(container):
    block = fidelog.decode(container.payload)
    assert list(block.records()) == container.records
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
        assert list(fidelog.decode(payload).records()) == container.records


def test_columns_are_named_as_the_records_name_them():
    names = {name for container in containers() for name in fidelog.decode(container.payload).columns}
    assert "inDate" in names


def test_a_packed_file_comes_back():
    array = next(c for c in containers() if c.name == "v1/packed-array")
    assert fidelog.unpack(array.payload) == b"[" + b", ".join(array.records) + b"]\n"


@pytest.mark.parametrize("payload", [3, None, 1.5, [1], object()])
def test_what_holds_no_bytes_is_a_type_error(payload):
    with pytest.raises(TypeError, match="bytes, a bytearray, a memoryview or base64 text, not"):
        fidelog.decode(payload)


@each_container
def test_records_may_be_taken_one_by_one(container):
    records = fidelog.decode(container.payload).records()
    assert iter(records) is records
    assert [next(records, None) for _ in container.records] == container.records
    assert next(records, None) is None and next(records, None) is None


@each_container
def test_the_size_is_known_without_the_lines(container):
    block = fidelog.decode(container.payload)
    assert block.ndjson_size() == len(block.ndjson())


def test_how_a_block_shows_itself():
    assert repr(fidelog.decode(fidelog.encode([b'{"a": 1, "b": "x"}']))) == "<fidelog.Block of 1 record: a, b>"
    assert repr(fidelog.decode(fidelog.encode([b"x", b"y"]))) == "<fidelog.Block of 2 records>"


def test_many_records_in_order():
    cases = [b'{"n": %d, "text": "%s"}' % (i, b"x" * (i % 97)) for i in range(50_000)]
    assert list(fidelog.decode(fidelog.encode(cases, level="fast")).records()) == cases


def test_texts():
    lines = [b'{"id": "00ff", "n": 1, "s": "\\u00e9", "j": [1, 2]}', b'{"id": "0a0b", "n": "misfit", "s": ""}', b"no json"]
    block = fidelog.decode(fidelog.encode(lines * 30))
    assert block.texts("s", 3) == ["é", "", None]
    # Half of them are no integers: a json field.
    assert block.texts("n", 3) == ["1", '"misfit"', None]
    mostly = fidelog.decode(fidelog.encode(lines[:1] * 30 + lines))
    assert mostly.texts("n")[-3:] == ["1", None, None]
    assert block.texts("id", 2) == ["00ff", "0a0b"]
    assert block.texts("j", 2) == ["[1, 2]", None]
    assert len(block.texts("j")) == 90
    with pytest.raises(KeyError):
        block.texts("elsewhere")


@pytest.mark.parametrize("container", containers()[:3], ids=lambda c: c.name)
def test_files_and_urls(container, tmp_path):
    file = tmp_path / "some.fdl"
    file.write_bytes(container.payload)
    assert list(fidelog.read(file).records()) == list(fidelog.read(str(file)).records()) == container.records

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{web.server_address[1]}"
        assert list(fidelog.read(f"{url}/some.fdl").records()) == container.records
        with pytest.raises(fidelog.TransportError, match="404"):
            fidelog.read(f"{url}/other.fdl")
        web.shutdown()


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        fidelog.read(tmp_path / "some.fdl")
    (tmp_path / "some.fdl").write_bytes(b"FDL")
    with pytest.raises(fidelog.DecodeError, match=r"some\.fdl: truncated") as raised:
        fidelog.read(tmp_path / "some.fdl")
    assert (raised.value.kind, raised.value.offset) == ("truncated", 3)
