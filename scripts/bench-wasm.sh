#!/usr/bin/env bash
# Part of `make bench`: the decoder in Node and in Chromium beside native code, on 10,000 samples.
. "$(dirname "$0")/common.sh"

command -v npm >/dev/null || { say "WebAssembly's speed was not measured: Node 20 with npm is needed"; exit 0; }
need 'chromium --version' chromium
scripts/build-wasm.sh
target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --release -p fidelog-codec --example decode_speed
cargo build --quiet -p fidelog-producer --bin fidelog
sample=$(mktemp)
trap 'rm -f "$sample"' EXIT
"$target/debug/fidelog" sample -n 10000 >"$sample"
FIDELOG_NODE_MODULES=$(scripts/console-packages.sh) node tests/browser/speed.mjs "$target/release/examples/decode_speed" "$sample"
