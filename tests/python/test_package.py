"""The wheel: no dependencies, typed, and other threads run while the codec works."""

import contextlib
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
