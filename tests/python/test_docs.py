"""What the documents say works: every Python snippet of the READMEs and of the page for PyAthena's users runs."""

import os
import re
import subprocess
import sys
import venv

import fidelog
import pytest
from server import ROOT, sample

PAGES = ["README.md", "python/README.md", "docs/from-pyathena.md"]


def snippets(page):
    """A page's Python snippets that are fidelog's own (the page for PyAthena's users has others' beside them)."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)
    return "\n".join(block for block in blocks if "awswrangler" not in block and "pyathena" not in block)


@pytest.mark.parametrize("page", PAGES)
def test_snippets_run(page, url, tmp_path, monkeypatch):
    (tmp_path / "answer.fdl").write_bytes(fidelog.encode(sample(100)))
    monkeypatch.chdir(tmp_path)
    text = snippets(page)
    assert "fidelog" in text
    exec(compile(text.replace("http://127.0.0.1:8080", url), page, "exec"), {"__name__": page})


@pytest.mark.skipif(sys.platform != "linux", reason="the wheel of this machine")
def test_a_fresh_environment(url, tmp_path):
    """The wheel alone, nothing else installed."""
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    (wheel,) = (ROOT / target / "python/wheels").glob("fidelog-*-abi3-*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", wheel], check=True)
    (tmp_path / "answer.fdl").write_bytes(fidelog.encode(sample(100)))
    code = snippets("README.md").replace("http://127.0.0.1:8080", url).replace(".to_pandas()", ".rows")
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
