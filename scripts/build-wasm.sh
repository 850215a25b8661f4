#!/usr/bin/env bash
# Builds wasm/pkg, the generated half of the npm package in wasm/.
export WASM_STD=source BUILD_STD_FEATURES=optimize_for_size
. "$(dirname "$0")/wasm-target.sh"

bindgen=$("$ROOT/scripts/wasm-bindgen.sh")
optimise=$("$ROOT/scripts/wasm-opt.sh")

# Every page that shows logs loads it, so small comes first; `z` would save 3 % and cost a third of the speed. A panic has no one
# to tell in a browser: it traps at once, and the texts and places of panics go.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=s CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=0
export RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
export CARGO_TARGET_DIR=$ROOT/target/wasm
wasm_cargo build --quiet --release -p fidelog-wasm

module=$CARGO_TARGET_DIR/$WASM/release/fidelog_wasm.wasm
[ "$WASM_TOOLCHAIN" = rustup ] || module=$CARGO_TARGET_DIR/debian/$WASM/release/fidelog_wasm.wasm
# Nothing changed: what was made of it stays.
if [ -e wasm/pkg/fidelog_bg.wasm ] && [ wasm/pkg/fidelog_bg.wasm -nt "$module" ] && [ wasm/pkg/fidelog_bg.wasm -nt "$0" ] &&
    [ wasm/pkg/fidelog_bg.wasm -nt scripts/common.sh ]; then
    exit 0
fi
rm -rf wasm/pkg
"$bindgen" "$module" --target web --out-dir wasm/pkg --out-name fidelog --remove-name-section --remove-producers-section
"$optimise" -Oz --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-reference-types --enable-multivalue wasm/pkg/fidelog_bg.wasm -o wasm/pkg/optimised.wasm
mv wasm/pkg/optimised.wasm wasm/pkg/fidelog_bg.wasm
say "wasm/pkg ($WASM_TOOLCHAIN toolchain): $(stat -c %s wasm/pkg/fidelog_bg.wasm) bytes, $(gzip -9c wasm/pkg/fidelog_bg.wasm | wc -c) gzipped"
