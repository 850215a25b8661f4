"""README keeps its word: snippets run, links lead somewhere, pictures and tables are those of the results they name."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "python/README.md", "wasm/README.md")]
PAGES = [page for page in PAGES if page.exists()] + sorted((ROOT / "docs").glob("*.md"))
BINARIES = pathlib.Path(os.environ.get("FIDELOG_BINARIES", ROOT / "target/debug"))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


def snippet(language, word):
    """The one block of README in which a word is."""
    (found,) = [block for block in blocks(language) if word in block]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    content = page.read_text()
    text = re.sub(r"^```.*?^```", "", content, flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    headings = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.M)}
    for target in targets:
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        assert not file or (page.parent / file).exists(), target
        assert file or anchor in headings, target
    # Files named in passing: `docs/sql.md`, `scripts/bench.sh`.
    for name in re.findall(r"`((?:docs|scripts|codec|table|producer|lambda|wasm|tests)/[\w./-]+\.\w+)`", text):
        made = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT).returncode == 0
        # The write path's and the read path's measurements say themselves that they may be missing.
        assert made or (ROOT / name).exists() or name.startswith("scripts/bench-"), name


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text(), re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{page.name}: make {target}"


def test_pictures_and_tables_are_up_to_date():
    done = subprocess.run([sys.executable, "tests/bench/python/pictures.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_results_are_dated_and_name_their_machine():
    for file in (ROOT / "docs/bench").glob("*.json"):
        content = file.read_text()
        assert f'"date": "{file.stem}"' in content and '"processor"' in content and '"command"' in content
        assert "/home/" not in content and "/root/" not in content and "/tmp/" not in content


def weighs(printed):
    return [line for line in printed.splitlines() if re.search(r"[\d,]+ bytes +[\d.]+ %$", line)]


def test_the_demo_weighs_what_readme_says():
    printed = subprocess.run([BINARIES / "demo"], check=True, capture_output=True, text=True).stdout
    kept = (ROOT / "docs/bench/demo.txt").read_text()
    assert len(weighs(kept)) >= 5 and weighs(printed) == weighs(kept)


def test_the_cost_table_is_what_the_command_prints():
    command = [BINARIES / "fidelog", *"cost --records-per-day 10000000".split()]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == (ROOT / "docs/bench/cost.txt").read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The first snippet, run line by line; the folder it ran in and the server's port."""
    folder = tmp_path_factory.mktemp("readme")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PATH": f"{BINARIES}:{os.environ['PATH']}"}
    commands = snippet("sh", "fidelog-serve --store store ")
    assert commands.count("fidelog-serve") == 1
    setup, _, _ = commands.partition("fidelog-serve")
    subprocess.run(["bash", "-e", "-c", setup], cwd=folder, env=environment, check=True, capture_output=True)
    # Exactly the records: lines here, an array there.
    records = (folder / "same.jsonl").read_bytes().splitlines()
    assert b"[" + b", ".join(records) + b"]" == (folder / "sample.json").read_bytes()
    process = subprocess.Popen(["fidelog-serve", "--store", "store", "--listen", f"127.0.0.1:{port}"], cwd=folder, env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield folder, port
    process.terminate()
    process.wait()


def test_curl(server):
    folder, port = server
    commands = snippet("sh", "curl -G").replace("localhost:8080", f"127.0.0.1:{port}").replace("curl -G", "curl -sfG")
    printed = subprocess.run(["bash", "-e", "-c", commands], check=True, capture_output=True).stdout.splitlines()
    rows, records = printed[:-3], printed[-3:]
    assert len(rows) == 3 and all(row.startswith(b"{") for row in rows)
    assert all(record in (folder / "sample.json").read_bytes() for record in records)


def test_python(server):
    folder, port = server
    code = snippet("python", "import fidelog").replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    shutil.copy(folder / "sample.fdl", folder / "answer.fdl")
    code += "\nassert record in open('sample.json', 'rb').read() and len(frame) > 1000 and len(block) == 10_000\n"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.fixture
def javascript(server):
    """Runs a module beside the sample, as one who has installed the package; what it prints."""
    if not shutil.which("node") or not (ROOT / "wasm/pkg").exists():
        pytest.skip("wasm/pkg is built where Node is")
    folder, _ = server
    (folder / "node_modules").mkdir(exist_ok=True)
    if not (folder / "node_modules/fidelog").exists():
        (folder / "node_modules/fidelog").symlink_to(ROOT / "wasm")

    def run(code):
        (folder / "use.mjs").write_text(code)
        return subprocess.run(["node", "use.mjs"], cwd=folder, check=True, capture_output=True).stdout

    return run


def test_javascript(javascript):
    before = 'import { readFileSync } from "node:fs";\nconst bytes = readFileSync("sample.fdl");\n'
    printed = javascript(before + snippet("js", "from \"fidelog\"")).decode()
    assert printed.startswith("10000 ") and printed.splitlines()[-1].startswith('{"game_id"')


def test_javascript_that_encodes(javascript):
    before = 'const records = [\'{"a":1}\', \'{"a":2}\'];\n'
    after = "\nprocess.stdout.write(payload);\n"
    assert javascript(before + snippet("js", "fidelog/encode") + after).startswith(b"FDL")
