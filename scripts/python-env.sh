#!/usr/bin/env bash
# Prints the path of a virtual environment's bin directory with the packages of tests/python/requirements.txt in it.
. "$(dirname "$0")/common.sh"

mapfile -t packages < <(grep '^[^#]' tests/python/requirements.txt)
exec scripts/tool-env.sh python "${packages[@]}"
