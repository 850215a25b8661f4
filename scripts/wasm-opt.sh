#!/usr/bin/env bash
# Prints the path of wasm-opt. Debian's is too old for what wasm-bindgen writes: its tables come out mixed up.
. "$(dirname "$0")/common.sh"

need 'npm --version' nodejs npm
root=$CACHE/binaryen-$BINARYEN
if [ ! -e "$root/node_modules/.bin/wasm-opt" ]; then
    say "installing binaryen $BINARYEN"
    npm install --prefix "$root" --ignore-scripts --no-audit --no-fund --loglevel=error "binaryen@$BINARYEN" >&2
fi
echo "$root/node_modules/.bin/wasm-opt"
