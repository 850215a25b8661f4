"""Puts the parts of `make bench` into one file. Arguments: the folder of the parts, the file."""

import datetime
import json
import pathlib
import sys


def main(parts, out):
    results = {"date": datetime.date.today().isoformat(), "command": "make bench", "parts": {}}
    for path in sorted(pathlib.Path(parts).iterdir()):
        if path.suffix == ".json":
            part = json.loads(path.read_text())
            # One machine for all parts.
            if "machine" in part:
                results["machine"] = part.pop("machine")
            results["parts"].setdefault(path.stem, {}).update(part)
        elif path.suffix == ".txt" and not path.with_suffix(".json").exists():
            lines = [line for line in path.read_text().splitlines() if line.strip()]
            if lines:
                results["parts"].setdefault(path.stem, {})["lines"] = lines
    pathlib.Path(out).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(f"wrote {out}: {', '.join(results['parts'])}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
