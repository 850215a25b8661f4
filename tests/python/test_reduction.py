"""A schema that leaves something out does so in Python, too, and never silently."""

import json
import warnings

import fidelog
import pytest

RECORDS = [b'{"at": %d, "url": "/a?user=%d#top", "user": {"id": %d, "name": "n%d"}, "secret": "s"}' % (i, i, i, i) for i in range(50)]
ODD = [b"no json, secret", b'{"secret": 1}', b'{"at": 1.0, "url": null}']


@pytest.fixture
def schema():
    document = json.loads(fidelog.Schema.infer(RECORDS).to_json())
    document["keep"] = [["at"], ["url"], ["user", "id"]]
    document["fields"] = [field for field in document["fields"] if field["path"] in document["keep"]]
    next(field for field in document["fields"] if field["path"] == ["url"])["strip"] = "query"
    return fidelog.Schema(json.dumps(document))


def test_what_is_left(schema):
    with pytest.warns(fidelog.ReductionWarning):
        payload = fidelog.encode(RECORDS + ODD, schema)
    expected = [b'{"at": %d, "url": "/a#top", "user": {"id": %d}}' % (i, i) for i in range(50)]
    expected += [b"no json, secret", b"{}", b'{"at": 1.0, "url": null}']
    assert list(fidelog.decode(payload).records()) == expected
    assert [schema.reduce(record) for record in RECORDS + ODD] == expected
    assert schema.reduce(bytearray(RECORDS[0])) == expected[0]


def test_it_says_so(schema):
    says = "only at, url, user.id are kept; the query of url is cut"
    assert schema.reduction == says and says in repr(schema)
    for given in (schema, schema.to_json()):
        with pytest.warns(fidelog.ReductionWarning) as warned:
            fidelog.encode(RECORDS, given)
        (warning,) = warned
        assert says in str(warning.message) and warning.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", fidelog.ReductionWarning)
        with pytest.raises(fidelog.ReductionWarning):
            fidelog.encode(RECORDS, schema)


def test_all_else_stays_whole():
    schema = fidelog.Schema.infer(RECORDS)
    assert schema.reduction is None
    assert schema.reduce(RECORDS[0]) == RECORDS[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(fidelog.decode(fidelog.encode(RECORDS, schema)).records()) == RECORDS
    with pytest.raises(TypeError, match="bytes"):
        schema.reduce("text")


def test_a_schema_with_a_reduction_is_another_one(schema):
    assert fidelog.Schema(schema.to_json()) == schema
    document = json.loads(schema.to_json())
    del document["keep"]
    assert fidelog.Schema(json.dumps(document)) != schema
