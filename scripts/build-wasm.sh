#!/usr/bin/env bash
# Builds wasm/pkg, the generated half of the npm package in wasm/.
. "$(dirname "$0")/wasm-target.sh"

bindgen=$("$ROOT/scripts/wasm-bindgen.sh")

# Small beats fast here: every page that shows logs loads it.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=s CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=0
export CARGO_TARGET_DIR=$ROOT/target/wasm
wasm_cargo build --quiet --release -p fidelog-wasm

module=$CARGO_TARGET_DIR/$WASM/release/fidelog_wasm.wasm
[ "$WASM_TOOLCHAIN" = rustup ] || module=$CARGO_TARGET_DIR/debian/$WASM/release/fidelog_wasm.wasm
rm -rf wasm/pkg
"$bindgen" "$module" --target web --out-dir wasm/pkg --out-name fidelog --remove-name-section --remove-producers-section
say "wasm/pkg ($WASM_TOOLCHAIN toolchain): $(stat -c %s wasm/pkg/fidelog_bg.wasm) bytes, $(gzip -9c wasm/pkg/fidelog_bg.wasm | wc -c) gzipped"
