"""The wheel: no dependencies, typed, and other threads run while the codec works."""

import subprocess
import sys
import threading
from importlib import metadata, resources

import fidelog


def test_nothing_else_is_needed():
    assert not metadata.requires("fidelog")
    # -S: no site packages but the one folder that fidelog is in, from which only fidelog may come.
    code = (
        "import sys; before = set(sys.modules); import fidelog;"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    folder = str(resources.files("fidelog").joinpath(".."))
    out = subprocess.run([sys.executable, "-S", "-c", code], env={"PYTHONPATH": folder}, capture_output=True, text=True)
    assert out.stdout.strip() == "['fidelog']", out.stderr


def test_it_is_typed():
    files = {file.name for file in resources.files("fidelog").iterdir()}
    assert {"py.typed", "_fidelog.pyi"} <= files


def test_the_stub_names_what_there_is():
    stub = resources.files("fidelog").joinpath("_fidelog.pyi").read_text()
    for name in fidelog.__all__:
        assert f"def {name}(" in stub or f"class {name}" in stub or f"{name}:" in stub
    for name in vars(fidelog.Block):
        if not name.startswith("_"):
            assert f"def {name}(self)" in stub


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
