"""The client against a live server: answers, pages, parameters, errors, cancelling."""

import asyncio
import json
import os
import pickle
import signal
import threading
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import islice
from uuid import UUID

import fidelog
import pytest
import server
from conftest import ODD

# 10^10 comparisons: nobody waits for this one.
SLOW = "SELECT count(*) FROM logs a CROSS JOIN logs b WHERE a.url < b.gamer_id"


def test_a_large_result_is_exact(client, records):
    result = client.query("SELECT * FROM logs")
    assert result.exact and result.rows == len(result) == len(records)
    assert Counter(result.records()) == Counter(records)
    assert set(result.columns) >= {"game_id", "gamer_id", "inDate", "url", "method", "tableAndColumn"}


def test_an_exact_result_as_a_file(client, tmp_path):
    result = client.query("SELECT * FROM logs WHERE method IS NULL OR method = 'ODD'")
    assert sorted(result.records()) == sorted(ODD)
    result.to_jsonl(tmp_path / "odd.jsonl")
    lines = (tmp_path / "odd.jsonl").read_bytes()
    assert sorted(lines.splitlines()) == sorted(ODD)
    assert result.stats.json_bytes == len(lines)
    assert 0 < result.stats.payload_bytes
    assert 0 < result.stats.bytes_scanned < 1 << 24
    assert result.stats.seconds > 0


def test_rows_are_no_records(client):
    result = client.query("SELECT method, count(*) AS n FROM logs WHERE method IS NOT NULL GROUP BY method ORDER BY n DESC")
    assert not result.exact
    assert result.columns == ["method", "n"]
    with pytest.raises(fidelog.NotExactError, match="select \\*") as raised:
        result.records()
    assert raised.value.code == "not_exact"
    rows = list(result.dicts())
    assert rows[-1] == {"method": "ODD", "n": 1}
    assert all(isinstance(row["n"], int) for row in rows)


def test_dicts_keep_integers_of_any_size(client):
    odd = client.query("SELECT * FROM logs WHERE gamer_id = 'odd' OR url = ''")
    assert list(odd.dicts()) == [json.loads(ODD[0])]
    with pytest.raises(fidelog.Error, match="no JSON object"):
        list(client.query("SELECT * FROM logs WHERE url IS NULL").dicts())


def test_no_rows(client):
    result = client.query("SELECT * FROM logs WHERE game_id = -1")
    assert (result.rows, list(result.records()), list(result.dicts())) == (0, [], [])
    assert "inDate" in result.columns
    rows = client.query("SELECT url FROM logs WHERE game_id = -1")
    assert (rows.rows, rows.columns) == (0, ["url"])
    assert "0 rows" in rows._repr_html_()


def test_json_columns(client):
    result = client.query("SELECT tableAndColumn FROM logs WHERE url = ''")
    assert result.json("tableAndColumn") == [{"a": [1.0, "é"]}]
    exact = client.query("SELECT * FROM logs WHERE url = '' OR method = 'ODD' ORDER BY url")
    assert exact.json("tableAndColumn") == [{"a": [1.0, "é"]}, None]
    with pytest.raises(KeyError, match="elsewhere: the columns are tableAndColumn"):
        result.json("elsewhere")
    with pytest.raises(fidelog.Error, match="row 0 of method, a column of type text, is no JSON: 'ODD'"):
        client.query("SELECT method FROM logs WHERE method = 'ODD'").json("method")


@pytest.mark.parametrize(
    "value,row",
    [
        (None, None),
        (True, True),
        (-3, -3),
        (2.5, 2.5),
        ("it's", "it's"),
        (b"\x0f", "0f"),
        (UUID(int=1), str(UUID(int=1))),
        (datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))), "2024-01-02T02:00:00Z"),
        (datetime(2024, 1, 2, 3), "2024-01-02T03:00:00Z"),
        (datetime(2024, 1, 2).date(), "2024-01-02"),
    ],
)
def test_parameters(client, value, row):
    (got,) = client.query("SELECT ? AS v", [value]).dicts() if value is not None else [{"v": None}]
    assert got["v"] == row
    matching = client.query("SELECT count(*) AS n FROM logs WHERE method = ? OR url = ?", ["ODD", "'; --"])
    assert list(matching.dicts()) == [{"n": 1}]


def test_parameters_of_numpy_and_pandas(client):
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    sql = "SELECT ? AS a, ? AS b, ? AS c, ? AS d"
    (row,) = client.query(sql, [np.int64(-3), np.float32(0.5), np.bool_(True), pd.Timestamp("2024-01-02T03:00Z")]).dicts()
    assert list(row.values()) == [-3, 0.5, True, "2024-01-02T03:00:00Z"]
    assert row["c"] is True
    # Missing to pandas, though not to SQL: None says what is meant.
    for missing in (pd.NaT, pd.NA, np.nan, np.float32("nan")):
        with pytest.raises(TypeError):
            client.query("SELECT ? AS a", [missing])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], {"a": 1}, object(), 1j])
def test_what_is_no_parameter(client, value):
    with pytest.raises(TypeError):
        client.query("SELECT * FROM logs WHERE game_id = ?", [value])


@pytest.mark.parametrize("params", ["ODD", b"x", {"method": "ODD"}, 7])
def test_what_is_no_list_of_parameters(client, params):
    with pytest.raises(TypeError, match="a list, one value for each"):
        client.query("SELECT * FROM logs WHERE method = ?", params)


def test_wrong_arguments_are_noticed_before_the_loop(client):
    with pytest.raises(ValueError, match="from 1 to 100,000, not 0"):
        client.pages("SELECT * FROM logs", page_rows=0)
    with pytest.raises(TypeError, match="the query is text"):
        client.pages(None)


def test_pages(client, records):
    pages = list(client.pages("SELECT * FROM logs", page_rows=30_000))
    assert len(pages) >= 4
    assert max(page.rows for page in pages) <= 30_000
    assert Counter(r for page in pages for r in page.records()) == Counter(records)
    assert pages[0].to_arrow().num_rows == pages[0].rows


def test_the_next_page_is_fetched_meanwhile(url):
    with server.proxy(url) as proxy, fidelog.connect(proxy.url) as client:
        pages = client.pages("SELECT * FROM logs", page_rows=20_000)
        next(pages)
        until = time.monotonic() + 20
        while sum("/results" in path for _, path, _, _ in proxy.seen) < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        pages.close()


def test_the_next_page_is_decoded_meanwhile(client, monkeypatch):
    threads = []

    def decode(payload):
        threads.append(threading.current_thread())
        return fidelog.decode(payload)

    monkeypatch.setattr("fidelog._client.decode", decode)
    pages = client.pages("SELECT * FROM logs", page_rows=20_000)
    next(pages)
    until = time.monotonic() + 20
    while len(threads) < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    # One page ahead, not all of them.
    time.sleep(0.5)
    assert len(threads) == 2 and threading.current_thread() not in threads
    pages.close()


def test_a_damaged_page_is_an_error_and_cancels(client, monkeypatch):
    monkeypatch.setattr("fidelog._client.decode", lambda payload: fidelog.decode(payload[:-1]))
    with pytest.raises(fidelog.DecodeError):
        client.query("SELECT * FROM logs LIMIT 10")


def test_a_loop_may_be_left_early(client):
    first = list(islice(client.pages("SELECT * FROM logs", page_rows=10), 1))
    assert first[0].rows == 10


@pytest.mark.parametrize(
    "sql,code,position",
    [
        ("SELECT * FROM", "sql_syntax", None),
        ("SELECT *\nFROM elsewhere", "sql_refused", (2, 6)),
        ("DROP TABLE logs", "sql_refused", None),
        ("SELECT 1/0 FROM logs", "query_failed", None),
    ],
)
def test_errors_of_queries(client, sql, code, position):
    with pytest.raises(fidelog.QueryError) as raised:
        client.query(sql)
    error = raised.value
    assert error.code == code, error
    assert position is None or error.position == position
    assert isinstance(error, fidelog.Error) and code in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.code, copy.position, copy.status) == (str(error), error.code, error.position, error.status)


def test_a_token(url, tmp_path):
    folder = server.store(tmp_path / "logs", [b'{"a": 1}'])
    with server.serving(folder, "--token", "secret") as url:
        with pytest.raises(fidelog.QueryError) as raised:
            fidelog.connect(url).query("SELECT * FROM logs")
        assert (raised.value.code, raised.value.status) == ("unauthorized", 401)
        assert list(fidelog.connect(url, token="secret").query("SELECT * FROM logs").records()) == [b'{"a": 1}']


def state(client, proxy):
    """The state of the query that a DELETE was for."""
    (path,) = {path for method, path, _, _ in proxy.seen if method == "DELETE"}
    return client._http.request("GET", path).json()["state"]


@pytest.fixture
def interruptible():
    """What a shell runs in the background ignores Ctrl-C, and Python then leaves that as it is."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_cancels_the_query(client, proxy):
    def interrupt():
        while not any("/v1/queries/" in path for _, path, _, _ in proxy.seen):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        fidelog.connect(proxy.url).query(SLOW)
    assert state(client, proxy) == "CANCELLED"


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_of_the_start_cancels_what_was_started(client, proxy):
    proxy.faults = ["wait"]

    def interrupt():
        while not proxy.seen:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        proxy.release.set()

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        fidelog.connect(proxy.url).query(SLOW)
    starts = [headers["Idempotency-Key"] for method, _, headers, _ in proxy.seen if method == "POST"]
    assert len(starts) == 2 and len(set(starts)) == 1
    assert state(client, proxy) == "CANCELLED"


def test_time_runs_out(client, proxy):
    with pytest.raises(fidelog.QueryError, match="0.2 s") as raised:
        fidelog.connect(proxy.url).query(SLOW, timeout=0.2)
    assert raised.value.code == "timeout"
    assert state(client, proxy) == "CANCELLED"


def test_many_threads_share_a_client(client):
    def count(results, i):
        results[i] = list(client.query("SELECT count(*) AS n FROM logs WHERE game_id > ?", [i]).dicts())[0]["n"]

    results = {}
    threads = [threading.Thread(target=count, args=(results, i)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len(set(results.values())) == 1


def test_the_schema(client):
    columns = {column["name"]: column["type"] for column in client.schema()["columns"]}
    assert columns["inDate"] == "timestamp"


def test_a_progress_bar(client, monkeypatch):
    tqdm = pytest.importorskip("tqdm.auto")
    bars = []

    class Bar(tqdm.tqdm):
        def __init__(self, **options):
            super().__init__(**{**options, "disable": False, "delay": 0})
            bars.append(self)

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    client.query("SELECT * FROM logs LIMIT 100", progress=False)
    assert not bars
    client.query("SELECT * FROM logs LIMIT 100")
    assert [bar.n for bar in bars] == [100]


def test_asyncio(url, records):
    async def main():
        async with fidelog.AsyncClient(url) as client:
            result, pages = await asyncio.gather(
                client.query("SELECT * FROM logs LIMIT 1000"), collect(client.pages("SELECT * FROM logs", page_rows=50_000))
            )
            return result.rows, sum(page.rows for page in pages)

    async def collect(pages):
        return [page async for page in pages]

    assert asyncio.run(main()) == (1000, len(records))


def test_asyncio_has_the_rest(url):
    async def main():
        async with fidelog.AsyncClient(url) as client:
            assert repr(client) == f"<fidelog.AsyncClient of {url}>"
            result = await client.query("SELECT 1 AS one")
            await client.cancel(result.query_id)
            return await client.schema()

    assert {column["name"] for column in asyncio.run(main())["columns"]} >= {"inDate"}


def test_asyncio_cancels(client, proxy):
    async def main():
        async with fidelog.AsyncClient(proxy.url) as client:
            await asyncio.wait_for(client.query(SLOW), 1)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(main())
    assert state(client, proxy) == "CANCELLED"


def test_html_is_escaped_and_short(client):
    html = client.query("SELECT * FROM logs WHERE method = 'ODD'")._repr_html_()
    assert "&lt;b&gt;&amp;" in html and "<b>" not in html
    assert "1 exact record " in html and "null" in html
    assert len(client.query("SELECT * FROM logs LIMIT 5000")._repr_html_()) < 20_000


def test_a_page_in_a_notebook(client):
    (page,) = client.pages("SELECT url, game_id FROM logs WHERE url = '<b>&'")
    assert "&lt;b&gt;&amp;" in page._repr_html_() and "1 row" in page._repr_html_()


def test_a_result_in_a_terminal(client, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    result = client.query("SELECT method, url, game_id, gamer_id, inDate FROM logs WHERE method = 'ODD'")
    lines = repr(result).splitlines()
    assert lines[0] == "<fidelog.Result of 1 row>"
    assert [line.split() for line in lines[1:]] == [
        ["method", "url", "game_id", "gamer_id", "inDate"],
        ["text", "text", "integer", "hex", "timestamp"],
        ["ODD", "<b>&", "null", "null", "null"],
    ]
    wide = repr(client.query("SELECT * FROM logs WHERE method IS NOT NULL LIMIT 5000"))
    assert "5,000 exact records; 6 columns" in wide and max(map(len, wide.splitlines())) <= 60
    assert len(wide.splitlines()) == 13
    # Nothing that a record holds moves the cursor or rings the bell.
    nasty = repr(client.query("SELECT chr(27) || '[2J' || chr(10) || chr(7) || rpad('x', 99, 'x') AS s"))
    assert nasty.splitlines()[3].startswith("\\x1b[2J\\n\\x07xx") and len(nasty.splitlines()) == 4


def test_types(client):
    exact = client.query("SELECT * FROM logs LIMIT 1")
    assert exact.types["gamer_id"] == "hex" and exact.types["inDate"] == "timestamp"
    assert list(exact.types) == exact.columns
    assert client.query("SELECT count(*) AS n, avg(game_id) AS x FROM logs").types == {"n": "integer", "x": "number"}


@pytest.mark.parametrize("url", ["ftp://x", "localhost:80", "http://", "http://user:secret@x", "http://x?token=1"])
def test_what_is_no_url(url):
    with pytest.raises(ValueError):
        fidelog.connect(url)
