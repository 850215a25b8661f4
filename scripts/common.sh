# shellcheck shell=bash
# Sourced by the other scripts: where things are, which versions, and how to ask for what is missing.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# Tools are kept by version, so that a new version never meets an old one's files.
CACHE=${FIDELOG_CACHE:-$ROOT/.cache}
mkdir -p "$CACHE"
[ -e "$CACHE/.gitignore" ] || echo '*' >"$CACHE/.gitignore"

# Python's tools leave nothing beside the sources.
export HYPOTHESIS_STORAGE_DIRECTORY=$CACHE/hypothesis PYTHONDONTWRITEBYTECODE=1

WASM_BINDGEN=0.2.130 # equals the library's version in Cargo.toml
BINARYEN=132.0.0
WASM=wasm32-unknown-unknown

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# need COMMAND DEBIAN-PACKAGES…: installs the packages if the command does not work and this is Debian, as root.
need() {
    local command=$1
    shift
    $command >/dev/null 2>&1 && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing $*"
        apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "$@" >&2 || true
        $command >/dev/null 2>&1 && return
    fi
    die "'$command' does not work here. Install it (Debian: apt-get install $*), then run this again."
}
