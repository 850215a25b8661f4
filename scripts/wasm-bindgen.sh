#!/usr/bin/env bash
# Prints the path of the wasm-bindgen command of the version that the library has; builds it once.
. "$(dirname "$0")/common.sh"

root=$CACHE/wasm-bindgen-$WASM_BINDGEN
if [ ! -x "$root/bin/wasm-bindgen" ]; then
    say "building wasm-bindgen $WASM_BINDGEN (two minutes, once)"
    install=(cargo install --quiet --debug wasm-bindgen-cli --version "$WASM_BINDGEN" --bin wasm-bindgen --root "$root")
    # Its own lock file first; a registry that lacks one of those versions gets to choose.
    export CARGO_TARGET_DIR=$root/target
    "${install[@]}" --locked >&2 || "${install[@]}" >&2 || die "cargo install wasm-bindgen-cli failed, see above"
    rm -rf "$root/target"
fi
echo "$root/bin/wasm-bindgen"
