"""NaN and the infinities are numbers in a query's rows; null is null, and text is text, also where it says NaN."""

import math

import fidelog
import pytest

pa = pytest.importorskip("pyarrow")
pl = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")

SQL = """
    SELECT 0e0/0e0 AS "a", 1e0/0e0 AS "b""c", -1e0/0e0 AS d, CAST(NULL AS double) AS e, 'NaN' AS f, 1.5e0 AS g, '' AS h
"""


@pytest.fixture
def rows(client):
    return client.query(SQL)


def test_arrow(rows):
    table = rows.to_arrow()
    assert table.schema.types == [pa.float64()] * 4 + [pa.string(), pa.float64(), pa.string()]
    ((nan, inf, minus, *rest),) = zip(*table.to_pydict().values())
    assert math.isnan(nan) and (inf, minus) == (math.inf, -math.inf)
    assert rest == [None, "NaN", 1.5, ""]
    assert [column.null_count for column in table.columns] == [0, 0, 0, 1, 0, 0, 0]


def test_dicts(rows):
    (row,) = rows.dicts()
    assert math.isnan(row.pop("a"))
    assert row == {'b"c': math.inf, "d": -math.inf, "e": None, "f": "NaN", "g": 1.5, "h": ""}


def test_frames(rows):
    frame = rows.to_polars()
    assert frame["a"].is_nan().all() and frame["e"].is_null().all() and not frame["a"].is_null().any()
    assert duckdb.sql("SELECT isnan(a), isinf(d), e IS NULL FROM rows").fetchall() == [(True, True, True)]
    # pandas has one value for what is missing.
    pandas = rows.to_pandas()
    assert pandas["e"].isna().all() and pandas["d"].tolist() == [-math.inf]
    assert pandas["f"].tolist() == ["NaN"] and pandas["h"].tolist() == [""]


def test_how_they_look(rows):
    html = rows._repr_html_()
    assert html.count("<td>NaN</td>") == 2 and html.count(">null</td>") == 1
    assert "<td>Infinity</td>" in html and "<td>-Infinity</td>" in html
    assert "null" in repr(rows).splitlines()[-1]


def test_among_many_rows(client):
    sql = "SELECT game_id, CASE WHEN game_id % 3 = 0 THEN 0e0/0e0 WHEN game_id % 3 = 1 THEN NULL ELSE game_id / 2e0 END AS x FROM logs WHERE game_id IS NOT NULL"
    rows = client.query(sql)
    table = rows.to_arrow()
    want = {0: lambda x, _: math.isnan(x), 1: lambda x, _: x is None, 2: lambda x, n: x == n / 2}
    assert rows.rows == 100_000
    pairs = list(zip(table["game_id"].to_pylist(), table["x"].to_pylist()))
    assert {n % 3 for n, _ in pairs} == {0, 1, 2}
    assert all(want[n % 3](x, n) for n, x in pairs)
    assert [row["x"] for row in rows.dicts() if row["game_id"] % 3 != 0] == [x for n, x in pairs if n % 3 != 0]


def test_in_a_record_such_text_is_a_misfit():
    records = [b'{"x": %d.5}' % i for i in range(50)] + [b'{"x": "NaN"}']
    block = fidelog.decode(fidelog.encode(records, fidelog.Schema.infer(records[:50])))
    assert block.types == {"x": "number"}
    assert block.to_arrow()["x"].to_pylist()[-2:] == [49.5, None]
    assert block.texts("x")[-1] is None
    assert list(block.records()) == records


def test_a_page_that_was_saved(url, client, tmp_path):
    query = client.query(SQL).query_id
    block = fidelog.read(f"{url}/v1/queries/{query}/results")
    assert math.isnan(block.to_arrow()["a"][0].as_py())
