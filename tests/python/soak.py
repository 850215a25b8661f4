"""Part of `make soak`: a million rows from a live server, each way in a process of its own, within 1 GB. ROWS=n sets how many."""

import hashlib
import os
import subprocess
import sys

import pytest
import server

ROWS = int(os.environ.get("ROWS", "1000000"))
MOST_MB = 1024
COMMON = """
import hashlib, io, sys
import fidelog

logs = fidelog.connect(sys.argv[1])
ROWS = int(sys.argv[2])

def digest(record):
    return int.from_bytes(hashlib.blake2b(record, digest_size=8).digest(), "big")

class Lines(io.RawIOBase):
    \"\"\"Adds up lines that are written, wherever they are cut.\"\"\"
    total, rest = 0, b""

    def write(self, data):
        *lines, self.rest = (self.rest + data).split(b"\\n")
        self.total += sum(map(digest, lines))
"""
# Each says the sum of the records' hashes, or 0 where it has columns.
WAYS = {
    "records": "total = sum(map(digest, logs.query('SELECT * FROM logs').records()))",
    "pages": "total = sum(digest(record) for page in logs.pages('SELECT * FROM logs') for record in page.records())",
    "jsonl": "lines = Lines(); logs.query('SELECT * FROM logs').to_jsonl(lines); assert not lines.rest; total = lines.total",
    "arrow": "table = logs.query('SELECT * FROM logs').to_arrow(); assert table.num_rows == ROWS and table.num_columns == 6; total = 0",
    "polars": "frame = logs.query('SELECT * FROM logs').to_polars(); assert frame.height == ROWS; total = 0",
    "pandas": "frame = logs.query('SELECT * FROM logs').to_pandas(); assert len(frame) == ROWS; total = 0",
    "parquet": "import os; logs.query('SELECT * FROM logs').to_parquet(os.devnull); total = 0",
}
END = """
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM"))
print(total % 2**64, peak)
"""


@pytest.fixture(scope="module")
def million(tmp_path_factory):
    """A server over so many rows, and the sum of their hashes."""
    folder = tmp_path_factory.mktemp("million")
    lines = server.sample(ROWS)
    total = sum(int.from_bytes(hashlib.blake2b(line, digest_size=8).digest(), "big") for line in lines) % 2**64
    server.store(folder / "logs", lines)
    del lines
    with server.serving(folder / "logs") as url:
        yield url, total


@pytest.mark.parametrize("way", WAYS)
def test_it_fits(million, way):
    url, total = million
    done = subprocess.run([sys.executable, "-c", COMMON + WAYS[way] + END, url, str(ROWS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got, peak = map(int, done.stdout.split())
    print(f"{way}: {ROWS:,} rows, {peak} MB at most", file=sys.stderr)
    assert got in (total, 0) and (got or way in ("arrow", "polars", "pandas", "parquet"))
    assert peak < MOST_MB
