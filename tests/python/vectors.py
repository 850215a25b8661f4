"""The vector directory that Rust, Python and JavaScript read: tests/vectors."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

VECTORS = Path(__file__).parent.parent / "vectors"


@dataclass(frozen=True)
class Container:
    name: str
    payload: bytes
    records: list


def records():
    """The record cases as (name, bytes)."""
    cases = json.loads((VECTORS / "records.json").read_text())
    assert cases, f"no cases in {VECTORS}"
    return [(case["name"], base64.b64decode(case["base64"])) for case in cases]


def containers():
    """The golden containers of all format versions."""
    files = sorted(VECTORS.glob("v*/*.fdl"))
    assert files, f"no containers under {VECTORS}"
    return [
        Container(
            f"{file.parent.name}/{file.stem}",
            file.read_bytes(),
            [base64.b64decode(r) for r in json.loads(file.with_suffix(".json").read_text())["records"]],
        )
        for file in files
    ]
