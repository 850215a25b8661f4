"""A store made by `fidelog consume` is an ordinary Iceberg table: PyIceberg, which nobody here wrote, reads it."""

import json
import os
import subprocess
from collections import Counter
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import BinaryType, IntegerType, LongType, StringType, TimestampType

ROOT = Path(__file__).parent.parent.parent
FIDELOG = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "fidelog"
SAMPLE = 3000


def fidelog(*arguments):
    assert FIDELOG.exists(), f"{FIDELOG} is not there: cargo build -p fidelog-producer"
    subprocess.run([FIDELOG, *arguments], check=True, stdin=subprocess.DEVNULL)


def open_table(store):
    catalog = SqlCatalog("sql", uri=f"sqlite:///{store}/catalog.db", warehouse=f"file://{store}/warehouse")
    return catalog.load_table("fidelog.logs")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample's records and the table that they went into."""
    folder = tmp_path_factory.mktemp("sample")
    fidelog("sample", "-n", str(SAMPLE), "--seed", "7", "-o", str(folder / "sample.json"))
    fidelog("consume", "--from", str(folder / "sample.json"), "--to", str(folder / "store"))
    return json.loads((folder / "sample.json").read_text()), open_table(folder / "store")


def instant(text):
    """A record's time as the table has it: UTC without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def test_columns_have_their_natural_types(sample):
    _, table = sample
    types = {field.name: field.field_type for field in table.schema().fields}
    assert types == {
        "game_id": LongType(),
        "gamer_id": BinaryType(),
        "indate": TimestampType(),
        "url": StringType(),
        "method": StringType(),
        "tableandcolumn": StringType(),
        "fidelog_arrived": TimestampType(),
        "fidelog_schema": IntegerType(),
        "fidelog_skeleton": BinaryType(),
    }
    assert table.scan().to_arrow().schema.field("indate").type == pa.timestamp("us")


def test_every_value_is_there(sample):
    records, table = sample
    rows = table.scan().to_arrow().to_pylist()
    assert len(rows) == len(records) == SAMPLE
    nested = json.JSONEncoder(sort_keys=True).encode
    expected = Counter(
        (
            r["game_id"],
            bytes.fromhex(r["gamer_id"]),
            instant(r["inDate"]),
            r["url"],
            r["method"],
            nested(r["tableAndColumn"]),
        )
        for r in records
    )
    got = Counter(
        (
            r["game_id"],
            r["gamer_id"],
            r["indate"],
            r["url"],
            r["method"],
            nested(r["tableandcolumn"] and json.loads(r["tableandcolumn"])),
        )
        for r in rows
    )
    assert got == expected


def test_nulls_are_nulls_and_ordinary_rows_have_no_skeleton(sample):
    records, table = sample
    rows = table.scan().to_arrow()
    assert rows["tableandcolumn"].null_count == sum(r["tableAndColumn"] is None for r in records) > 0
    assert rows["fidelog_skeleton"].null_count == SAMPLE
    assert rows["fidelog_arrived"].null_count == 0
    assert rows["fidelog_schema"].unique().to_pylist() == [1]
    assert {len(value) for value in rows["gamer_id"].to_pylist()} == {32}


def test_a_time_predicate_selects(sample):
    records, table = sample
    times = sorted(instant(r["inDate"]) for r in records)
    middle = times[len(times) // 2]
    rows = table.scan(row_filter=f"indate >= '{middle.isoformat()}'").to_arrow()
    assert rows.num_rows == sum(time >= middle for time in times)
    assert 0 < rows.num_rows < SAMPLE


def test_misfits_are_null_and_appends_add_up(tmp_path):
    ordinary = '{"id": "00ff00ff00ff00ff", "at": "2024-02-29T12:00:00Z", "n": 1}'
    misfit = '{"id": "not hex", "at": "yesterday", "n": "one"}'
    absent = '{"n": 2}'
    lines = tmp_path / "logs.ndjson"
    lines.write_text("\n".join([ordinary] * 50) + "\n")
    fidelog("consume", "--from", str(lines), "--to", str(tmp_path / "store"))
    lines.write_text("\n".join([misfit, absent, ordinary]) + "\n")
    fidelog("consume", "--from", str(lines), "--to", str(tmp_path / "store"))

    rows = open_table(tmp_path / "store").scan().to_arrow().to_pylist()
    assert len(rows) == 53
    odd = [r for r in rows if r["fidelog_skeleton"] is not None]
    assert Counter((r["id"], r["at"], r["n"]) for r in odd) == Counter([(None, None, None), (None, None, 2)])
    assert b"not hex" in b"".join(r["fidelog_skeleton"] for r in odd)
    plain = [r for r in rows if r["fidelog_skeleton"] is None]
    assert {(r["id"], r["at"], r["n"]) for r in plain} == {(bytes.fromhex("00ff" * 4), datetime(2024, 2, 29, 12), 1)}
