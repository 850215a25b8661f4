#!/usr/bin/env bash
# Part of `make bench`: CLP-S and OpenZL, which are Python packages, on the data in a folder. Arguments: it, and a file.
. "$(dirname "$0")/common.sh"

CLP=0.12.1b0
OPENZL=0.3.0

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { say "CLP-S and OpenZL were not measured: Python 3.11 is needed"; exit 0; }
bin=$(scripts/tool-env.sh rivals "yscope-clp-core==$CLP" "openzl==$OPENZL") ||
    { say "CLP-S and OpenZL were not measured: they cannot be installed here"; exit 0; }
"$bin/python" tests/bench/python/rivals.py "$1" >"$2"
