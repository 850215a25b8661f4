#!/usr/bin/env bash
# `make bench`: one run, one table for each data set, and bench/results.json.
. "$(dirname "$0")/common.sh"

need 'cc --version' gcc libc6-dev
say "building (release; minutes the first time)"
cargo build --quiet --release -p fidelog-bench --features run
"${CARGO_TARGET_DIR:-target}/release/bench" --out bench/results.json "$@"
scripts/bench-wasm.sh
scripts/bench-python.sh
scripts/bench-read.sh
