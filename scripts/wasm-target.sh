# shellcheck shell=bash
# Sourced: `wasm_cargo` is cargo for WebAssembly, and WASM_TOOLCHAIN says which toolchain that is:
# `rustup` or `debian` (a newer compiler that builds the standard library from source).
# With WASM_STD=source rustup's builds the library from source, too: with our own profile, it is smaller.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [ "${WASM_STD:-prebuilt}" = source ]; then
    rustup_kind=component rustup_name=rust-src rustup_path=src/rust/library
else
    rustup_kind=target rustup_name=$WASM rustup_path=$WASM/lib
fi

has_rustup_part() { [ -e "$(rustc --print sysroot)/lib/rustlib/$rustup_path" ]; }

build_std() { printf '%s\n' -Zbuild-std="${BUILD_STD:-std,panic_abort}" ${BUILD_STD_FEATURES:+-Zbuild-std-features="$BUILD_STD_FEATURES"}; }

debian_cargo() {
    local lld
    lld=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
    PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$lld /usr/bin/cargo "$@"
}

debian_is_ready() { debian_cargo --version && [ -e /usr/lib/rustlib/src/rust/library/alloc ]; }

# Where Debian's compiler is here already, nothing is downloaded.
if [ "${FIDELOG_WASM_TOOLCHAIN:-rustup}" = rustup ] && ! has_rustup_part && ! debian_is_ready >/dev/null 2>&1; then
    say "adding the $rustup_kind $rustup_name"
    timeout 120 rustup $rustup_kind add "$rustup_name" >&2 || say "rustup cannot add it here; taking Debian's compiler instead"
fi

if [ "${FIDELOG_WASM_TOOLCHAIN:-rustup}" = rustup ] && has_rustup_part; then
    WASM_TOOLCHAIN=rustup
    wasm_cargo() {
        if [ "$rustup_kind" = target ]; then
            cargo "$@" --target "$WASM"
        else
            mapfile -t std < <(build_std)
            RUSTC_BOOTSTRAP=1 cargo "$@" "${std[@]}" --target "$WASM"
        fi
    }
else
    WASM_TOOLCHAIN=debian
    need debian_is_ready rustc-web cargo-web rust-web-src
    # The target directory is apart: a different compiler's files.
    wasm_cargo() {
        mapfile -t std < <(build_std)
        CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/debian debian_cargo "$@" "${std[@]}" --target "$WASM"
    }
fi
