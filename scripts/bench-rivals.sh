#!/usr/bin/env bash
# Part of `make bench`: CLP-S and OpenZL, which are Python packages, on the data in a folder. Arguments: it, and a file.
. "$(dirname "$0")/common.sh"

CLP=0.12.1b0
OPENZL=0.3.0

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "CLP-S and OpenZL were not measured: Python 3.11 is needed"; exit 0; }
env=$CACHE/rivals-$CLP-$OPENZL
if [ ! -e "$env/ready" ]; then
    say "installing CLP-S $CLP and OpenZL $OPENZL into $env"
    rm -rf "$CACHE"/rivals-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "yscope-clp-core==$CLP" "openzl==$OPENZL" >&2 ||
        { say "CLP-S and OpenZL were not measured: they cannot be installed here"; exit 0; }
    touch "$env/ready"
fi
"$env/bin/python" tests/bench/python/rivals.py "$1" >"$2"
