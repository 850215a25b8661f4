#!/usr/bin/env bash
# Part of `make soak`: a million rows in the console. ROWS=n sets how many.
. "$(dirname "$0")/common.sh"

command -v npm >/dev/null || { say "the console was not tried with a million rows: Node 20 with npm is needed"; exit 0; }
need 'chromium --version' chromium
scripts/build-console.sh
cargo build --quiet -p fidelog-producer --bin fidelog
rows=${ROWS:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fidelog=${CARGO_TARGET_DIR:-target}/debug/fidelog
"$fidelog" sample -n "$rows" -o "$folder/logs.json"
"$fidelog" pack "$folder/logs.json" -o "$folder/logs.fdl"
FIDELOG_NODE_MODULES=$(scripts/console-packages.sh) node tests/browser/soak.mjs "$folder/logs.fdl" "$rows"
