#!/usr/bin/env bash
# `make console`: builds wasm/console/dist, the files that `fidelog-serve --console` or a bucket serves.
. "$(dirname "$0")/common.sh"

need 'npm --version' nodejs npm
packages=$(scripts/console-packages.sh)
scripts/build-wasm.sh

dist=wasm/console/dist
rm -rf "$dist"
NODE_PATH=$packages "$packages/.bin/esbuild" wasm/console/src/console.js wasm/console/src/worker.js \
    --bundle --minify --format=esm --target=es2022 --outdir="$dist" --log-level=warning
cp wasm/console/src/{index.html,console.css,icon.svg} wasm/pkg/fidelog_bg.wasm "$dist"
# Where the API is: empty for the server that serves the page, else its address.
echo '{"api": ""}' >"$dist/config.json"
say "$dist: $(cat "$dist"/* | wc -c) bytes, $(for file in "$dist"/*; do gzip -9c "$file"; done | wc -c) gzipped"
