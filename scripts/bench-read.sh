#!/usr/bin/env bash
# Part of `make bench`: how fast the read path makes pages, and how long a cold Lambda takes to answer; RECORDS says how many.
. "$(dirname "$0")/common.sh"

records=${RECORDS:-100000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
target=${CARGO_TARGET_DIR:-target}
cargo build --quiet -p fidelog-producer --bin fidelog
"$target/debug/fidelog" sample -n "$records" --format lines -o "$folder/sample.jsonl" 2>/dev/null
"$target/debug/fidelog" infer "$folder/sample.jsonl" -o "$folder/schema.json" >/dev/null 2>&1
cargo build --quiet --release -p fidelog-lambda --no-default-features --features athena --bin fidelog-query --example read_speed
"$target/release/examples/read_speed" "$folder/sample.jsonl" "$folder/schema.json"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "the function's cold start was not measured: Python 3.11 is needed"; exit 0; }
strip -o "$folder/fidelog-query" "$target/release/fidelog-query"
AUTH=true scripts/local-aws.sh "$(scripts/python-env.sh)/python" tests/read/deployed.py cold "$folder/fidelog-query"
