#!/usr/bin/env bash
# Proves that the codec needs core and alloc only: builds it where no other library exists.
. "$(dirname "$0")/wasm-target.sh"

export CARGO_TARGET_DIR=$ROOT/target/no-std
if [ "$WASM_TOOLCHAIN" = debian ]; then
    BUILD_STD=core,alloc wasm_cargo build --quiet -p fidelog-codec
else
    # A library directory with links to core and alloc and nothing else.
    sysroot=$ROOT/target/no-std/sysroot
    installed=$(rustc --print sysroot)/lib/rustlib/$WASM/lib
    rm -rf "$sysroot"
    mkdir -p "$sysroot/lib/rustlib/$WASM/lib"
    for library in core alloc compiler_builtins rustc_std_workspace_core; do
        ln -s "$installed"/lib$library-* "$sysroot/lib/rustlib/$WASM/lib/"
    done
    # The proof proves nothing if the standard library can be found there.
    if echo 'extern crate std;' | rustc --sysroot "$sysroot" --target "$WASM" --crate-type lib --emit metadata -o /dev/null - 2>/dev/null; then
        die "the sysroot for the no_std proof holds std"
    fi
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot $sysroot" wasm_cargo build --quiet -p fidelog-codec
fi
say "fidelog-codec builds with core and alloc alone ($WASM_TOOLCHAIN toolchain)"
