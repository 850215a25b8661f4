#!/usr/bin/env bash
# Prints the path of a node_modules with what wasm/console/package-lock.json says; installs it once.
. "$(dirname "$0")/common.sh"

key=$(cksum <wasm/console/package-lock.json | cut -d' ' -f1)
packages=$CACHE/console-$key
if [ ! -e "$packages/ready" ]; then
    say "installing the console's packages into $packages"
    rm -rf "$CACHE"/console-*
    mkdir -p "$packages"
    cp wasm/console/package.json wasm/console/package-lock.json "$packages"
    npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    touch "$packages/ready"
fi
echo "$packages/node_modules"
