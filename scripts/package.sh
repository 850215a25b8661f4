#!/usr/bin/env bash
# `make package`: what a release gives away beside the wheel and the Lambda functions, into dist/. Arguments: what of it.
#   programs  fidelog and fidelog-serve for this machine, in an archive
#   npm       the JavaScript package
. "$(dirname "$0")/common.sh"

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

for part in "$@"; do
    case $part in
    programs) programs ;;
    npm) npm_package ;;
    *) die "programs or npm, not '$part'" ;;
    esac
done
