"""The wheel: no dependencies, typed, and other threads run while the codec works."""

import contextlib
import re
import resource
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata, resources

import fidelog
from server import ROOT


def test_nothing_else_is_needed():
    assert all("extra ==" in requirement for requirement in metadata.requires("fidelog"))
    # -S: no site packages but the one folder that fidelog is in, from which only fidelog may come.
    code = (
        "import sys; before = set(sys.modules); import fidelog;"
        "fidelog.connect, fidelog.read, fidelog.AsyncClient;"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    folder = str(resources.files("fidelog").joinpath(".."))
    out = subprocess.run([sys.executable, "-S", "-c", code], env={"PYTHONPATH": folder}, capture_output=True, text=True)
    assert out.stdout.strip() == "['fidelog']", out.stderr


def test_it_is_typed():
    files = {file.name for file in resources.files("fidelog").iterdir()}
    assert {"py.typed", "_fidelog.pyi"} <= files


def run(*command):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_says_what_there_is():
    run("mypy.stubtest", "fidelog", "--ignore-disjoint-bases", "--mypy-config-file", "tests/python/mypy.ini", "--allowlist", "tests/python/stubtest.txt")


def test_the_client_is_typed():
    run("mypy", "--config-file", "tests/python/mypy.ini", "--strict", "--python-version", "3.10", "python/fidelog")


def test_type_checkers_see_what_programs_use(tmp_path):
    (tmp_path / "right.py").write_text("""
import asyncio
from collections.abc import Iterator
import fidelog

logs: fidelog.Client = fidelog.connect("http://127.0.0.1:8080", token="x")
result: fidelog.Result = logs.query("SELECT 1", [1, "a", None], timeout=3)
records: Iterator[bytes] = result.records()
one: int = result.stats.bytes_scanned
types: dict[str, str] = result.types
pages: list[int] = [page.rows for page in logs.pages("SELECT 1", page_rows=10)]
payload: bytes = fidelog.encode(records, fidelog.Schema.infer([b"x"]), level="small")
text: list[str | None] = fidelog.decode(payload, max_bytes=1 << 20).texts("a")
try:
    fidelog.read("x.fdl")
except fidelog.DecodeError as error:
    place: tuple[str, str, int] = (error.kind, error.stage, error.offset)
except fidelog.QueryError as error:
    line: tuple[int, int] | None = error.position

async def main() -> int:
    async with fidelog.AsyncClient("http://127.0.0.1:8080") as client:
        return (await client.query("SELECT 1")).rows + sum([page.rows async for page in client.pages("SELECT 1")])

asyncio.run(main())
""")
    run("mypy", "--config-file", "tests/python/mypy.ini", "--strict", str(tmp_path / "right.py"))
    wrong = ["fidelog.conect('x')", "fidelog.connect(7)", "fidelog.encode([b'x'], level='tiny')", "fidelog.decode(7)"]
    wrong += ["fidelog.connect('x').query('x', progres=1)", "fidelog.read('x').record()"]
    (tmp_path / "wrong.py").write_text("\n".join(["import fidelog", *wrong]))
    command = [sys.executable, "-m", "mypy", "--config-file", "tests/python/mypy.ini", tmp_path / "wrong.py"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout
    assert set(re.findall(r"wrong\.py:(\d+): error", said)) == {str(i + 2) for i in range(len(wrong))}, said


def test_the_import_waits_for_nothing():
    code = "import sys, fidelog; print(*(m for m in ('ssl', 'http.client', 'asyncio', 'json') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_nothing_leaks():
    payload = fidelog.encode([b'{"n": %d, "id": "%08x"}' % (i, i) for i in range(200)])

    def work(times):
        for _ in range(times):
            block = fidelog.decode(payload)
            for _ in block.records():
                break
            block.__arrow_c_stream__()
            with contextlib.suppress(fidelog.Error):
                fidelog.decode(payload[:-1])

    def resident():
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    work(1000)
    before = resident()
    work(10_000)
    # A block of these takes 20 kB: one that leaks each time would be 200 MB.
    assert resident() - before < 8 << 20


def test_threads_decode_at_once():
    cases = [b'{"n": %d, "text": "%d"}' % (i, i * i) for i in range(5000)]
    payload = fidelog.encode(cases)
    with ThreadPoolExecutor(8) as pool:
        for block in pool.map(fidelog.decode, [payload] * 40):
            assert block.rows == len(cases)
    block = fidelog.decode(payload)
    with ThreadPoolExecutor(8) as pool:
        for records in pool.map(lambda _: list(block.records()), range(16)):
            assert records == cases


def test_other_threads_run_during_codec_work():
    records = [b'{"n": %d, "text": "%d"}' % (i, i * i) for i in range(100_000)]
    ticks = 0
    is_done = threading.Event()

    def tick():
        nonlocal ticks
        while not is_done.wait(0.0005):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks
    fidelog.encode(records)
    during = ticks - before
    is_done.set()
    thread.join()
    # Were the GIL held, the thread could run at most once or twice: as the call begins and as it ends.
    assert during > 10


# Python without what others have installed beside this package.
HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
import fidelog
"""


def without(hidden, code):
    """Runs code where these packages are not there; a warning is an error."""
    text = f"HIDDEN = {hidden!r}\n{HIDE}\n{code}"
    done = subprocess.run([sys.executable, "-W", "error::ResourceWarning", "-c", text], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.splitlines()


def test_a_client_that_nobody_closes(url):
    code = f"fidelog.connect({url!r}).query('SELECT * FROM logs LIMIT 1').records()"
    assert without([], code) == []


def test_what_is_missing_is_named(url):
    code = f"""
result = fidelog.connect({url!r}).query("SELECT * FROM logs LIMIT 2")
block = fidelog.decode(fidelog.encode([b"{{}}"]))
for work in (result.to_arrow, result.to_pandas, result.to_polars, lambda: result.to_parquet("x"), block.to_arrow):
    try:
        work()
    except ImportError as error:
        print(error)
try:
    fidelog.connect("https://x", aws=True)
except ImportError as error:
    print(error)
print(len(list(result.records())), len(list(result.dicts())))
"""
    said = without(["pyarrow", "pandas", "polars", "botocore", "tqdm", "numpy"], code)
    extras = [("pyarrow", "arrow"), ("pandas", "pandas"), ("polars", "polars"), ("pyarrow", "arrow"), ("pyarrow", "arrow")]
    assert said[:5] == [f"this needs {package}: pip install 'fidelog[{extra}]'" for package, extra in extras]
    assert said[5:] == ["aws=True needs botocore: pip install 'fidelog[aws]'", "2 2"]


def test_each_library_does_without_the_others(url, tmp_path):
    start = f"result = fidelog.connect({url!r}).query('SELECT * FROM logs LIMIT 2')\n"
    polars = "print(result.to_polars().lazy().select('url').collect().height)"
    assert without(["pyarrow", "pandas"], start + polars) == ["2"]
    parquet = f"result.to_parquet({str(tmp_path / 'x')!r}); import pyarrow.parquet as pq; print(pq.read_table({str(tmp_path / 'x')!r}).num_rows)"
    assert without(["pandas", "polars"], start + parquet) == ["2"]
    # Half a second that nobody asked for.
    assert without([], start + "result.to_arrow(); import sys; print('pandas' in sys.modules)") == ["False"]
