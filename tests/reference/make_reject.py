"""Writes tests/vectors/v1/reject: containers that break one rule each, and say in a `.json` which, and why.

`RIGHT` of each module has what its cases are made from; that the decoder takes those shows that a case is refused
for its one fault. Run it after a change of the cases; a test compares what is there.
"""

import json
import pathlib

from rejects import columns, container, mixing, ranks, schema, text

DIRECTORY = pathlib.Path(__file__).parent.parent / "vectors" / "v1" / "reject"
MODULES = (container, schema, columns, ranks, text, mixing)


def files():
    """The bytes of each file of the directory."""
    made = {}
    for module in MODULES:
        for rule, name, why, bytes_ in module.CASES:
            name = f"r{int(rule[1:]):02}-{name}"
            if f"{name}.fdl" in made:
                raise ValueError(f"two cases are named {name}")
            made[f"{name}.fdl"] = bytes_
            made[f"{name}.json"] = (json.dumps({"rule": rule, "why": why}) + "\n").encode()
    return made


def right():
    return {f"{module.__name__}.{name}": bytes_ for module in MODULES for name, bytes_ in module.RIGHT.items()}


def main():
    made = files()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for old in DIRECTORY.iterdir():
        if old.name not in made:
            old.unlink()
    for name, bytes_ in made.items():
        (DIRECTORY / name).write_bytes(bytes_)


if __name__ == "__main__":
    main()
