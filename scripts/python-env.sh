#!/usr/bin/env bash
# Prints the path of a virtual environment's bin directory with the packages of tests/python/requirements.txt in it.
. "$(dirname "$0")/common.sh"

has_venv() { python3 -c 'import ensurepip, venv'; }
need has_venv python3 python3-venv

requirements=tests/python/requirements.txt
key=$({ python3 --version; cat "$requirements"; } | cksum | cut -d' ' -f1)
env=$CACHE/python-$key
if [ ! -e "$env/ready" ]; then
    say "installing $requirements into $env"
    rm -rf "$CACHE"/python-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" >&2
    touch "$env/ready"
fi
echo "$env/bin"
