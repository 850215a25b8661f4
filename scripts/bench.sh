#!/usr/bin/env bash
# `make bench`: one run, one table for each data set, ratios first, and bench/results.json.
#
# Each part leaves what it measured in bench/parts: NAME.json, or NAME.txt if it prints lines for people. The codec's
# part is the table beside other formats; scripts/bench-write.sh and scripts/bench-read.sh, where they are there, are
# the write path's and the read path's.
. "$(dirname "$0")/common.sh"

need 'cc --version' gcc libc6-dev
rm -rf bench/parts bench/data
mkdir -p bench/parts

say "building (release; minutes the first time)"
cargo build --quiet --release -p fidelog-bench --features run
"${CARGO_TARGET_DIR:-target}/release/bench" --out bench/parts/codec.json --data bench/data "$@" | tee bench/parts/codec.txt

# A part that cannot run here says why and ends well; one that fails ends the run.
scripts/bench-rivals.sh bench/data bench/parts/rivals.json
for part in wasm python write read; do
    [ ! -x "scripts/bench-$part.sh" ] || "scripts/bench-$part.sh" | tee "bench/parts/$part.txt"
done
scripts/bench-cost.sh bench/parts/cost.json
python3 tests/bench/python/collect.py bench/parts bench/results.json
