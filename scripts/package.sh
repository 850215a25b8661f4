#!/usr/bin/env bash
# `make package`: what a release gives away beside the wheel, into dist/. Arguments: what of it.
#   programs  fidelog and fidelog-serve for this machine, in an archive
#   npm       the JavaScript package
#   lambda    zips of the Lambda functions, for arm64 and x86-64 (cargo-lambda, which links for Amazon Linux 2023)
. "$(dirname "$0")/common.sh"

CARGO_LAMBDA=1.9.2
# Package, program and features of each function.
FUNCTIONS=("fidelog-lambda fidelog-query athena")

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
target=${CARGO_TARGET_DIR:-$ROOT/target}
mkdir -p dist

programs() {
    local triple name
    triple=$(rustc -vV | sed -n 's/^host: //p')
    name=fidelog-$version-$triple
    cargo build --locked --release -p fidelog-producer -p fidelog-lambda --bins
    rm -rf "dist/$name"
    mkdir "dist/$name"
    cp "$target/release/fidelog" "$target/release/fidelog-serve" README.md CHANGELOG.md LICENSE "dist/$name"
    tar -czf "dist/$name.tar.gz" -C dist "$name"
    rm -r "dist/$name"
    say "built dist/$name.tar.gz"
}

npm_package() {
    need 'npm --version' nodejs npm
    scripts/build-wasm.sh
    say "built dist/$(npm pack --silent --pack-destination dist ./wasm)"
}

lambda() {
    local bin package program features architecture
    bin=$(scripts/tool-env.sh cargo-lambda "cargo-lambda==$CARGO_LAMBDA")
    for architecture in arm64 x86-64; do
        for function in "${FUNCTIONS[@]}"; do
            read -r package program features <<<"$function"
            PATH=$bin:$PATH cargo lambda build --locked --release "--$architecture" --output-format zip --lambda-dir "$target/lambda-$architecture" \
                -p "$package" --no-default-features --features "$features" --bin "$program"
            cp "$target/lambda-$architecture/$program/bootstrap.zip" "dist/$program-$version-$architecture.zip"
            say "built dist/$program-$version-$architecture.zip"
        done
    done
}

for part in "$@"; do
    case $part in
    programs | lambda) "$part" ;;
    npm) npm_package ;;
    *) die "programs, npm or lambda, not '$part'" ;;
    esac
done
