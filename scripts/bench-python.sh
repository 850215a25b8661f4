#!/usr/bin/env bash
# Part of `make bench`: the Python package beside json, gzip and pandas, on samples; RECORDS says how many.
. "$(dirname "$0")/common.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "the Python package's speed was not measured: Python 3.11 is needed"; exit 0; }
records=${RECORDS:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
scripts/build-python.sh --release
"$(scripts/python-env.sh)/pip" install --quiet --disable-pip-version-check --no-deps --target "$folder/site" "$(ls -t dist/fidelog-*.whl | head -1)"
cargo build --quiet -p fidelog-producer --bin fidelog
"${CARGO_TARGET_DIR:-target}/debug/fidelog" sample -n "$records" --format lines -o "$folder/sample.jsonl"
PYTHONPATH=$folder/site "$(scripts/python-env.sh)/python" tests/bench/python/notebook.py "$folder/sample.jsonl" "$folder"
