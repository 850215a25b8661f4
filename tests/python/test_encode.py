"""`decode(encode(records)) == records` for any bytes."""

import json

import fidelog
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors import VECTORS, records

SCHEMA = (VECTORS / "game.schema.json").read_text()


@pytest.mark.parametrize("name,record", records(), ids=[name for name, _ in records()])
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["inferred", "declared"])
def test_each_case_alone(name, record, schema):
    assert list(fidelog.decode(fidelog.encode([record], schema)).records()) == [record]


@pytest.mark.parametrize("level", ["fast", "default", "small"])
def test_all_cases_together(level):
    cases = [record for _, record in records()]
    assert list(fidelog.decode(fidelog.encode(cases, SCHEMA, level=level)).records()) == cases


@given(st.lists(st.binary()))
def test_any_bytes(cases):
    assert list(fidelog.decode(fidelog.encode(cases)).records()) == cases


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "id", "Zeit"]), json_values)), st.booleans(), st.booleans())
def test_any_json(values, is_ascii, is_compact):
    separators = (",", ":") if is_compact else None
    cases = [json.dumps(v, ensure_ascii=is_ascii, separators=separators) for v in values]
    cases = [case.encode("utf-8", "surrogatepass") for case in cases]
    assert list(fidelog.decode(fidelog.encode(cases)).records()) == cases


def test_no_records():
    assert list(fidelog.decode(fidelog.encode([])).records()) == []


def test_records_may_come_from_a_generator():
    assert list(fidelog.decode(fidelog.encode(bytearray(b"x") for _ in range(3))).records()) == [b"x"] * 3


def test_an_impossible_schema_is_an_error():
    with pytest.raises(fidelog.EncodeError) as raised:
        fidelog.encode([b"{}"], "{")
    assert raised.value.stage == "schema"
    assert isinstance(raised.value, fidelog.Error) and not isinstance(raised.value, fidelog.DecodeError)


def test_an_unknown_level_is_an_error():
    with pytest.raises(fidelog.Error, match="fast, default or small"):
        fidelog.encode([b"{}"], level="tiny")


@pytest.mark.parametrize(
    "records,schema,says",
    [
        ([1], None, "a record is bytes or a bytearray, not int"),
        (["text"], None, "a record is bytes or a bytearray, not str"),
        (b"{}", None, "each bytes or a bytearray, not bytes"),
        ("{}", None, "each bytes or a bytearray, not str"),
        (7, None, "each bytes or a bytearray, not int"),
        ([b"{}"], 7, "a fidelog.Schema, or a schema document as text, not int"),
    ],
)
def test_what_is_wrong_is_said(records, schema, says):
    with pytest.raises(TypeError, match=says):
        fidelog.encode(records, schema)


def test_a_schema_is_inferred_once_and_used_again():
    cases = [b'{"id": "%032x", "at": "2024-01-02T03:04:05Z", "n": %d}' % (i * 7919, i) for i in range(100)]
    schema = fidelog.Schema.infer(cases)
    assert schema.fields == ["id", "at", "n"]
    assert repr(schema) == "<fidelog.Schema id: hex, at: timestamp, n: integer>"
    assert fidelog.Schema(schema.to_json()) == schema != fidelog.Schema.infer([])
    payload = fidelog.encode(cases, schema)
    assert payload == fidelog.encode(cases, schema.to_json()) == fidelog.encode(cases)
    with pytest.raises(fidelog.EncodeError):
        fidelog.Schema("{}")
    with pytest.raises(TypeError):
        fidelog.Schema.infer([1])
