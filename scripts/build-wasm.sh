#!/usr/bin/env bash
# Builds wasm/pkg, the generated half of the npm package in wasm/.
export WASM_STD=source BUILD_STD_FEATURES=optimize_for_size
. "$(dirname "$0")/wasm-target.sh"

bindgen=$("$ROOT/scripts/wasm-bindgen.sh")
optimise=$("$ROOT/scripts/wasm-opt.sh")

# Every page that shows logs loads it, so small comes first: nothing is unrolled, nor inlined but where that makes it smaller or
# the code says so. So it is smaller than with `s`, and a sixth faster. A panic has no one to tell in a browser: it traps at
# once, and the texts and places of panics go.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=2 CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
    CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=0
export RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
    -Cllvm-args=-inline-threshold=0 -Cllvm-args=-unroll-threshold=0"
export CARGO_TARGET_DIR=$ROOT/target/wasm
wasm_cargo build --quiet --release -p fidelog-wasm -p fidelog-wasm-encode

release=$CARGO_TARGET_DIR/$WASM/release
[ "$WASM_TOOLCHAIN" = rustup ] || release=$CARGO_TARGET_DIR/debian/$WASM/release
features=(--enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int
    --enable-reference-types --enable-multivalue)

# package CRATE NAME: wasm/pkg/NAME.js and its module, if anything changed.
package() {
    local module=$release/$1.wasm packed=wasm/pkg/$2_bg.wasm
    if [ "$packed" -nt "$module" ] && [ "$packed" -nt scripts/build-wasm.sh ] && [ "$packed" -nt scripts/common.sh ]; then
        return
    fi
    "$bindgen" "$module" --target web --out-dir wasm/pkg --out-name "$2" --remove-name-section --remove-producers-section
    # Functions that are called once stay functions: gzip makes 4 % less of them than of one long body.
    "$optimise" -Oz -ocimfs=0 "${features[@]}" "$packed" -o wasm/pkg/optimised.wasm
    mv wasm/pkg/optimised.wasm "$packed"
    say "$packed ($WASM_TOOLCHAIN toolchain): $(stat -c %s "$packed") bytes, $(gzip -9c "$packed" | wc -c) gzipped"
}
package fidelog_wasm fidelog
package fidelog_wasm_encode encode
