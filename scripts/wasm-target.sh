# shellcheck shell=bash
# Sourced: `wasm_cargo` is cargo for WebAssembly, and WASM_TOOLCHAIN says which toolchain that is:
# `rustup` (its prebuilt standard library) or `debian` (a newer compiler that builds the library from source).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

has_rustup_target() { [ -e "$(rustc --print sysroot)/lib/rustlib/$WASM/lib" ]; }

debian_cargo() {
    local lld
    lld=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
    PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$lld /usr/bin/cargo "$@"
}

debian_is_ready() { debian_cargo --version && [ -e /usr/lib/rustlib/src/rust/library/alloc ]; }

if [ "${FIDELOG_WASM_TOOLCHAIN:-rustup}" = rustup ] && ! has_rustup_target; then
    say "adding the target $WASM"
    timeout 120 rustup target add "$WASM" >&2 || say "rustup cannot add it here; taking Debian's compiler instead"
fi

if [ "${FIDELOG_WASM_TOOLCHAIN:-rustup}" = rustup ] && has_rustup_target; then
    WASM_TOOLCHAIN=rustup
    wasm_cargo() { cargo "$@" --target "$WASM"; }
else
    WASM_TOOLCHAIN=debian
    need debian_is_ready rustc-web cargo-web rust-web-src
    # The target directory is apart: a different compiler's files.
    wasm_cargo() {
        CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/debian debian_cargo "$@" -Zbuild-std="${BUILD_STD:-std,panic_abort}" --target "$WASM"
    }
fi
