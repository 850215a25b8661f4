"""A damaged payload is an error that says what, where and at which byte; never wrong records, never a crash."""

import pickle
import random

import fidelog
import pytest
from vectors import containers

CONTAINERS = containers()
each_container = pytest.mark.parametrize("container", CONTAINERS, ids=lambda c: c.name)


@each_container
def test_a_prefix_is_no_payload(container):
    step = max(1, len(container.payload) // 300)
    for length in range(0, len(container.payload), step):
        with pytest.raises(fidelog.DecodeError) as raised:
            fidelog.decode(container.payload[:length])
        assert raised.value.kind in ("truncated", "malformed", "checksum")
        assert 0 <= raised.value.offset <= length


@each_container
def test_a_flipped_bit_is_noticed(container):
    chance = random.Random(1)
    for _ in range(300):
        payload = bytearray(container.payload)
        payload[chance.randrange(len(payload))] ^= 1 << chance.randrange(8)
        with pytest.raises(fidelog.DecodeError):
            fidelog.decode(payload)
        with pytest.raises(fidelog.DecodeError):
            fidelog.unpack(payload)


def test_an_error_names_its_place():
    payload = CONTAINERS[0].payload
    with pytest.raises(fidelog.Error, match="at byte 3") as raised:
        fidelog.decode(payload[:3] + b"\xff" + payload[4:])
    error = raised.value
    assert (error.kind, error.stage, error.offset) == ("unsupported", "container", 3)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.kind, copy.stage, copy.offset) == (str(error), error.kind, error.stage, error.offset)


def test_text_that_is_not_base64_is_a_decode_error():
    with pytest.raises(fidelog.DecodeError, match="base64"):
        fidelog.decode("no base64!")
