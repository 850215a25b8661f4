"""A small payload may stand for records without end: whoever reads it sets the end, and memory stays small."""

import subprocess
import sys

import fidelog
import pytest

LARGE = b'{"s": "' + b"x" * (1 << 16) + b'"}'
START = """
import sys, fidelog

def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) >> 10

def refused(work):
    try:
        work()
    except fidelog.DecodeError as error:
        assert error.kind == "limit", error
    except Exception as error:
        # What pyarrow makes of it.
        assert "limit" in str(error), error
    else:
        raise AssertionError("it was not refused")

payload, large = sys.stdin.buffer.read(), %r
""" % LARGE
CASES = {
    "one": "assert next(fidelog.decode(payload).records()) == large",
    "thousand": "assert all(record == large for record, _ in zip(fidelog.decode(payload).records(), range(1000)))",
    "records": "refused(lambda: sum(1 for _ in fidelog.decode(payload, max_bytes=1 << 26).records()))",
    "ndjson": "refused(lambda: fidelog.decode(payload, max_bytes=1 << 26).ndjson())",
    "size": "refused(lambda: fidelog.decode(payload, max_bytes=1 << 26).ndjson_size())",
    "unpack": "refused(lambda: fidelog.unpack(payload, max_bytes=1 << 26))",
    "texts": "refused(lambda: fidelog.decode(payload, max_bytes=1 << 26).texts('s'))",
    "first texts": "assert len(fidelog.decode(payload, max_bytes=1 << 26).texts('s', 10)) == 10",
    "arrow": "refused(lambda: fidelog.decode(payload, max_bytes=1 << 26).to_arrow())",
    "decode": "refused(lambda: fidelog.decode(payload, max_bytes=1 << 10))",
}

@pytest.fixture(scope="module")
def bomb():
    """A few bytes for 256 MB."""
    payload = fidelog.encode([LARGE] * (1 << 12), level="fast")
    assert len(payload) < 1 << 13
    return payload


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("case", CASES)
def test_memory_stays_small(case, bomb):
    if case == "arrow":
        pytest.importorskip("pyarrow")
    imports = "import pyarrow" if case == "arrow" else ""
    code = f"{START}{imports}\nbefore = peak()\n{CASES[case]}\nprint(peak() - before)"
    done = subprocess.run([sys.executable, "-c", code], input=bomb, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    # The 64 MB that are allowed, and what is rendered ahead.
    assert int(done.stdout) < 150, done.stdout


def test_the_error_is_typed():
    payload = fidelog.encode([b'{"s": "%s"}' % (b"x" * 1000)] * 1000)
    records = fidelog.decode(payload, max_bytes=100_000).records()
    with pytest.raises(fidelog.DecodeError) as raised:
        list(records)
    assert (raised.value.kind, raised.value.stage) == ("limit", "container")
    assert list(fidelog.decode(payload, max_bytes=2_000_000).records())[999].endswith(b'x"}')


def test_records_up_to_the_limit_come():
    records = [b"%04d" % i for i in range(1000)]
    block = fidelog.decode(fidelog.encode(records), max_bytes=100_000)
    assert list(block.records()) == records


@pytest.mark.parametrize("most", [-1, "1", None, 1.5])
def test_what_is_no_limit(most):
    with pytest.raises((TypeError, OverflowError)):
        fidelog.decode(fidelog.encode([]), max_bytes=most)
