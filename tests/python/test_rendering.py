"""Records come in order and whole, however they are taken: one by one, ahead in a thread, or as lines."""

import os
import sys
import threading
import time

import fidelog
import pytest

HEADER, END = 4, 6


def joined(payloads):
    """One payload of many payloads' blocks (codec/FORMAT.md, section 1)."""
    return b"".join([payloads[0][:-END], *(payload[HEADER:-END] for payload in payloads[1:]), payloads[0][-END:]])


def numbered(start, end):
    return [b'{"n": %d, "text": "%s"}' % (i, b"x" * (i % 97)) for i in range(start, end)]


@pytest.fixture(scope="module")
def blocks():
    """Blocks of very different sizes in one payload, more than is rendered at a time; and the records."""
    ends = [0, 1, 300, 300, 90_000, 90_010, 130_000]
    parts = [numbered(start, end) for start, end in zip(ends, ends[1:])]
    return joined([fidelog.encode(part, level="fast") for part in parts]), numbered(0, ends[-1])


def test_many_blocks_are_one_after_the_other(blocks):
    payload, records = blocks
    block = fidelog.decode(payload)
    assert len(block) == len(records)
    assert list(block.records()) == records
    assert block.ndjson() == fidelog.unpack(payload) == b"".join(record + b"\n" for record in records)
    assert block.ndjson_size() == len(block.ndjson())


def test_many_small_blocks():
    records = numbered(0, 30_000)
    header = fidelog.encode(records[:1])[:HEADER]
    bodies = b"".join(fidelog.encode([record], level="fast")[HEADER:-END] for record in records)
    block = fidelog.decode(header + bodies + fidelog.encode([])[-END:])
    assert list(block.records()) == records
    assert block.ndjson() == b"".join(record + b"\n" for record in records)


def test_each_iterator_has_its_own_place(blocks):
    payload, records = blocks
    block = fidelog.decode(payload)
    one, other = block.records(), block.records()
    for i, record in enumerate(records[:40_000]):
        assert next(one) == record
        if i % 2:
            assert next(other) == records[i // 2]
    assert list(other) == records[20_000:]
    assert list(one) == records[40_000:]


def test_threads_share_a_block(blocks):
    payload, records = blocks
    block = fidelog.decode(payload)
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(list(block.records()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [records] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("taken", [0, 10, 256, 257, 50_000])
def test_a_fork_goes_on_where_it_was(taken, blocks):
    payload, records = blocks
    iterator = fidelog.decode(payload).records()
    assert [next(iterator) for _ in range(taken)] == records[:taken]
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if list(iterator) == records[taken:] else 2
        finally:
            os._exit(status)
    assert list(iterator) == records[taken:]
    deadline = time.monotonic() + 60
    done = (0, 0)
    while done == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
        done = os.waitpid(child, os.WNOHANG)
    if done == (0, 0):
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert done == (child, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_no_thread_outlives_its_iterator(blocks):
    payload, _ = blocks
    block = fidelog.decode(payload)

    def threads():
        return len(os.listdir("/proc/self/task"))

    before = threads()
    for _ in range(20):
        iterator = block.records()
        for _ in range(300):
            next(iterator)
        del iterator
    deadline = time.monotonic() + 30
    while threads() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads() <= before


@pytest.mark.parametrize(("most", "length"), [(100, 10_000), (256, 10_000), (1000, 10_000), (70_000, 1000)])
def test_records_up_to_the_limit_come_before_the_error(most, length):
    record = b'{"s": "%s"}' % (b"x" * length)
    block = fidelog.decode(fidelog.encode([record] * (most + 5000), level="fast"), max_bytes=most * len(record))
    records, taken = block.records(), 0
    with pytest.raises(fidelog.DecodeError) as raised:
        for taken, one in enumerate(records, 1):
            assert one == record
    assert (taken, raised.value.kind, raised.value.stage) == (most, "limit", "container")
    assert raised.value.offset == most * len(record)
    assert next(records, None) is None


def test_newlines_count_in_lines():
    record = b'{"s": "%s"}' % (b"x" * 1000)
    payload = fidelog.encode([record] * 5000, level="fast")
    size = 5000 * (len(record) + 1)
    assert len(fidelog.decode(payload, max_bytes=size).ndjson()) == size
    for most in (size - 1, size - 5000):
        with pytest.raises(fidelog.DecodeError, match="records within the limits") as raised:
            fidelog.decode(payload, max_bytes=most).ndjson()
        assert (raised.value.kind, raised.value.stage) == ("limit", "container")
        with pytest.raises(fidelog.DecodeError, match="records within the limits"):
            fidelog.decode(payload, max_bytes=most).ndjson_size()
    assert len(list(fidelog.decode(payload, max_bytes=size - 5000).records())) == 5000
