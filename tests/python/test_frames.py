"""Data frame libraries take blocks and results as they are, and see the types and nulls that are promised."""

from datetime import datetime, timezone

import fidelog
import pytest
from conftest import ODD

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")

RECORDS = [
    b'{"id": "00ff%04x", "uuid": "00000000-0000-0000-0000-00000000%04x", "at": "2024-01-02T03:04:05.%03dZ", "n": %d, "x": %d.5,'
    b' "ok": %s, "s": "caf\\u00e9", "j": {"a": [%d]}}' % (i % 7, i % 5, i, i, i, b"true" if i % 2 else b"false", i)
    for i in range(100)
]
MISFITS = [b'{"id": "odd", "at": "then", "n": 1E5, "ok": null, "s": "", "j": null}', b"no json"]
SCHEMA = fidelog.Schema.infer(RECORDS)


@pytest.fixture(scope="module")
def block():
    return fidelog.decode(fidelog.encode(RECORDS + MISFITS, SCHEMA))


def test_types(block):
    text, ids = pa.string(), pa.dictionary(pa.int32(), pa.string())
    expected = [ids, ids, pa.timestamp("us", "UTC"), pa.int64(), pa.float64(), pa.bool_(), text, text]
    table = block.to_arrow()
    assert table.schema.names == ["id", "uuid", "at", "n", "x", "ok", "s", "j.a"]
    assert table.schema.types == expected
    assert table.validate(full=True) is None
    assert table.slice(3, 1).to_pylist() == [
        {
            "id": "00ff0003",
            "uuid": "00000000-0000-0000-0000-000000000003",
            "at": datetime(2024, 1, 2, 3, 4, 5, 3000, tzinfo=timezone.utc),
            "n": 3,
            "x": 3.5,
            "ok": True,
            "s": "café",
            "j.a": "[3]",
        }
    ]
    assert table.slice(100).to_pylist() == [dict.fromkeys(table.schema.names) | {"s": ""}, dict.fromkeys(table.schema.names)]
    assert len(table["id"].chunk(0).dictionary) == 7


def test_original_spelling_of_times(block):
    table = block.to_arrow(times="text")
    assert table["at"].to_pylist()[:2] == ["2024-01-02T03:04:05.000Z", "2024-01-02T03:04:05.001Z"]
    with pytest.raises(ValueError, match="utc"):
        block.to_arrow(times="local")


def test_members_that_no_schema_names_are_in_the_records_alone(block):
    extended = [record[:-1] + b', "later": %d}' % i for i, record in enumerate(RECORDS)]
    grown = fidelog.decode(fidelog.encode(extended, SCHEMA))
    assert list(grown.records()) == extended
    assert grown.to_arrow().equals(block.to_arrow().slice(0, len(RECORDS)))


def test_pyarrow(block):
    assert pa.table(block).equals(block.to_arrow())
    reader = pa.RecordBatchReader.from_stream(block)
    assert reader.read_all().num_rows == 102
    # A stream may be asked for again, and thrown away unread.
    block.__arrow_c_stream__()
    assert pa.table(block).num_rows == 102


def test_polars(block):
    frame = pl.DataFrame(block)
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert isinstance(frame.schema["id"], pl.Categorical)
    assert frame.filter(pl.col("id") == "00ff0003").height == 14
    assert frame["s"].to_list()[-3:] == ["café", "", None]
    assert frame["n"].null_count() == 2


def test_duckdb(block):
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        logs = block  # duckdb finds it by its name
        rows = db.sql('SELECT count(*), count(n), max(n), min("at")::varchar, count(DISTINCT id) FROM logs').fetchall()
        assert rows == [(102, 100, 99, "2024-01-02 03:04:05+00", 7)]
        assert logs is block


@pytest.fixture(scope="module")
def result(url):
    return fidelog.connect(url).query("SELECT * FROM logs")


def test_pandas(result, records):
    frame = result.to_pandas()
    assert len(frame) == len(records)
    assert str(frame.dtypes["inDate"]) == "datetime64[us, UTC]"
    assert isinstance(frame.dtypes["gamer_id"], pd.CategoricalDtype)
    assert frame.dtypes["game_id"] == pd.Int64Dtype()
    odd = frame[frame["method"].isna() | (frame["method"] == "ODD")]
    assert len(odd) == len(ODD)
    assert odd["game_id"].isna().all() and odd["gamer_id"].isna().all() and odd["inDate"].isna().all()
    assert sorted(odd["url"].fillna("<null>")) == ["", "<b>&", "<null>"]
    assert not frame.map(lambda v: isinstance(v, str) and v.lower() == "nan").to_numpy().any()


def test_all_libraries_agree(client, result):
    sql = "SELECT method, count(*) AS n, min(inDate) AS first FROM logs WHERE gamer_id IS NOT NULL GROUP BY method ORDER BY method"
    here = client.query(sql)
    expected = here.to_arrow().to_pylist()
    assert here.to_polars().to_dicts() == expected
    frame = result.to_polars().filter(pl.col("gamer_id").is_not_null())
    grouped = frame.group_by("method").agg(pl.len().alias("n"), pl.col("inDate").min().alias("first")).sort("method")
    assert grouped.to_dicts() == expected
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        rows = db.sql(sql.replace("logs", "result")).to_arrow_table().to_pylist()
    assert rows == expected
    assert here.to_pandas()["n"].tolist() == [row["n"] for row in expected]


def test_parquet(result, tmp_path):
    result.to_parquet(tmp_path / "logs.parquet")
    table = pa.parquet.read_table(tmp_path / "logs.parquet")
    assert table.num_rows == result.rows
    assert table.schema.field("inDate").type == pa.timestamp("us", "UTC")
    assert table["game_id"].equals(result.to_arrow()["game_id"])


def test_no_rows_keep_their_columns(client):
    empty = client.query("SELECT game_id, inDate FROM logs WHERE game_id = -1")
    assert empty.to_arrow().schema.types == [pa.int64(), pa.timestamp("us", "UTC")]
    assert empty.to_pandas().empty and empty.to_polars().is_empty()


def test_no_blocks():
    nothing = fidelog.decode(fidelog.encode([]))
    assert pa.table(nothing).num_rows == 0


def test_a_missing_library_names_its_extra(result, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(ImportError, match=r"fidelog\[polars\]"):
        result.to_polars()
