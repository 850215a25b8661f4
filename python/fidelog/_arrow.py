"""Arrow streams become tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._fidelog import Stream

if TYPE_CHECKING:
    import pyarrow


def table(stream: Stream) -> pyarrow.Table:
    """What a stream brings; without pandas, which `pyarrow.table()` would import to see whether this is a frame."""
    read: pyarrow.Table = needs("pyarrow", "arrow").RecordBatchReader.from_stream(stream).read_all()
    return read


def needs(module: str, extra: str) -> Any:
    """A package that is no part of this one."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise ImportError(f"this needs {package}: pip install 'fidelog[{extra}]'") from error
