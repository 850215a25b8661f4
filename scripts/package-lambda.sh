#!/usr/bin/env bash
# `make package-lambda`: the zips that lambda/template.yaml takes, dist/FUNCTION-ARCHITECTURE.zip, with their sizes.
# cargo-lambda links them with zig against the C library of Lambda's system, whatever machine this is.
#   scripts/package-lambda.sh [fidelog-query] [fidelog-ingest]
. "$(dirname "$0")/common.sh"

CARGO_LAMBDA=1.9.2
ZIG=0.17.1

need 'cc --version' gcc libc6-dev
PATH=$(scripts/tool-env.sh cargo-lambda "cargo-lambda==$CARGO_LAMBDA" "ziglang==$ZIG"):$PATH

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
        program=${CARGO_TARGET_DIR:-target}/$triple/release/$function
        zip=dist/$function-$architecture.zip
        cargo lambda build --locked --release --target "$triple" --output-format zip --lambda-dir "$program-zip" \
            "${package[@]}" --bin "$function" >&2
        mkdir -p dist
        mv "$program-zip/$function/bootstrap.zip" "$zip"
        sizes+=("$zip: $(stat -c %s "$zip") bytes, unpacked $(stat -c %s "$program")")
    done
done
printf '%s\n' "${sizes[@]}"
