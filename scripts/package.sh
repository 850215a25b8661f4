#!/usr/bin/env bash
# `make package`: the zips that lambda/template.yaml takes, into dist/lambda/ARCHITECTURE/, with their sizes. cargo-lambda
# links them with zig against the C library of Lambda's system, whatever machine this is.
#   scripts/package.sh [fidelog-query] [fidelog-ingest]
. "$(dirname "$0")/common.sh"

CARGO_LAMBDA=1.9.2
ZIG=0.17.1

has_venv() { python3 -c 'import ensurepip, venv'; }
need 'cc --version' gcc libc6-dev
need has_venv python3 python3-venv

env=$CACHE/cargo-lambda-$CARGO_LAMBDA-$ZIG
if [ ! -e "$env/ready" ]; then
    say "installing cargo-lambda $CARGO_LAMBDA and zig $ZIG into $env"
    rm -rf "$CACHE"/cargo-lambda-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "cargo-lambda==$CARGO_LAMBDA" "ziglang==$ZIG" >&2
    touch "$env/ready"
fi
export PATH=$env/bin:$PATH

# Symbols are weight at every cold start.
export CARGO_PROFILE_RELEASE_STRIP=symbols

# What a function needs of its package.
package_of() {
    case $1 in
        fidelog-query) echo -p fidelog-lambda --no-default-features --features athena ;;
        fidelog-ingest) echo -p fidelog-producer ;;
        *) die "there is no function $1: fidelog-query or fidelog-ingest" ;;
    esac
}

# has_target TRIPLE: whether Rust's library for it is here; fetched if rustup can.
has_target() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ] && return
    command -v rustup >/dev/null && timeout 120 rustup target add "$1" >&2 && [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

[ $# != 0 ] || set -- fidelog-query fidelog-ingest
sizes=()
for architecture in x86_64 arm64; do
    triple=${architecture/arm64/aarch64}-unknown-linux-gnu
    if ! has_target "$triple"; then
        [ "$architecture" = arm64 ] || die "Rust's library for $triple is missing here (rustup target add $triple)"
        sizes+=("arm64: left out, as Rust's library for $triple is missing here (rustup target add $triple)")
        continue
    fi
    for function in "$@"; do
        say "== $function for $architecture"
        read -ra package < <(package_of "$function")
        cargo lambda build --release --target "$triple" --output-format zip --lambda-dir "dist/lambda/$architecture" \
            "${package[@]}" --bin "$function" >&2
        mv "dist/lambda/$architecture/$function/bootstrap.zip" "dist/lambda/$architecture/$function.zip"
        rmdir "dist/lambda/$architecture/$function"
        program=${CARGO_TARGET_DIR:-target}/$triple/release/$function
        sizes+=("dist/lambda/$architecture/$function.zip: $(stat -c %s "dist/lambda/$architecture/$function.zip") bytes, unpacked $(stat -c %s "$program")")
    done
done
printf '%s\n' "${sizes[@]}"
