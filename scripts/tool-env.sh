#!/usr/bin/env bash
# Prints the bin directory of a virtual environment with some Python packages, kept by name and versions.
#   scripts/tool-env.sh NAME PACKAGE==VERSION…
. "$(dirname "$0")/common.sh"

has_venv() { python3 -c 'import ensurepip, venv'; }
need has_venv python3 python3-venv

name=$1
shift
env=$CACHE/$name-$(echo "$(python3 --version) $*" | cksum | cut -d' ' -f1)
if [ ! -e "$env/ready" ]; then
    say "installing $name into $env"
    rm -rf "$CACHE/$name"-[0-9]*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    touch "$env/ready"
fi
echo "$env/bin"
