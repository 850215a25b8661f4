"""The example notebook runs from top to bottom, and is kept without outputs."""

import os

import pytest
from server import ROOT

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")


def test_the_notebook_runs(url, monkeypatch):
    book = nbformat.read(ROOT / "python/examples/logs.ipynb", as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    monkeypatch.setitem(os.environ, "FIDELOG_URL", url)
    monkeypatch.setitem(os.environ, "MPLBACKEND", "module://matplotlib_inline.backend_inline")
    nbclient.NotebookClient(book, timeout=120).execute()
    outputs = [output for cell in code for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert any("text/html" in output.get("data", {}) for output in outputs)
