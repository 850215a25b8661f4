#!/usr/bin/env bash
# Part of `make bench`: measures what `fidelog cost` reckons with, into the file that is named.
# scripts/bench-cost.sh producer/src/cost/facts.json puts new facts into the command.
. "$(dirname "$0")/common.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "the cost model's facts were not measured: Python 3.11 is needed"; exit 0; }
out=${1:?the file to write}
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$(dirname "$out")"
# What was there stays until there is something better.
new=$(mktemp)
trap 'rm -f "$new"' EXIT
cargo build --quiet --features fidelog-lambda/athena -p fidelog-producer -p fidelog-lambda --bins
scripts/local-aws.sh "$(scripts/python-env.sh)/python" tests/bench/python/cost.py "$target/debug" >"$new"
cat "$new" >"$out"
say "wrote $out"
