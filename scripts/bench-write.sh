#!/usr/bin/env bash
# Part of `make bench`: how fast the write path is against a stream that answers at once, and how fresh and large what it
# leaves is; RECORDS says how many.
. "$(dirname "$0")/common.sh"

need 'python3 --version' python3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --quiet --release -p fidelog-producer --bin fidelog
python3 tests/bench/write/main.py "$target/release/fidelog" "$folder" "${RECORDS:-1000000}"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "commits of several writers to one table in Glue were not measured: Python 3.11 is needed"; exit 0; }
scripts/local-aws.sh python3 tests/bench/write/contention.py "$target/release/fidelog" "$folder"
