#!/usr/bin/env bash
# Checks lambda/template.yaml: cfn-lint, and what its roles may do.
. "$(dirname "$0")/common.sh"

CFN_LINT=1.58.0

has_venv() { python3 -c 'import ensurepip, venv'; }
need has_venv python3 python3-venv

env=$CACHE/cfn-lint-$CFN_LINT
if [ ! -e "$env/ready" ]; then
    say "installing cfn-lint $CFN_LINT into $env"
    rm -rf "$CACHE"/cfn-lint-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$CFN_LINT" >&2
    touch "$env/ready"
fi
"$env/bin/cfn-lint" --regions us-east-1 eu-west-1 -- lambda/template.yaml
"$env/bin/python" tests/template/roles.py lambda/template.yaml
