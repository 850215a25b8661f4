#!/usr/bin/env bash
# Builds the wheel of python/ and installs it into the tests' virtual environment.
. "$(dirname "$0")/common.sh"

bin=$("$ROOT/scripts/python-env.sh")
wheels=$ROOT/target/python/wheels
rm -rf "$wheels"
CARGO_TARGET_DIR=$ROOT/target/python "$bin/maturin" build --quiet --profile dev --manifest-path python/Cargo.toml \
    --interpreter "$bin/python" --out "$wheels"
"$bin/pip" install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheels"/fidelog-*.whl
say "installed $(basename "$wheels"/fidelog-*.whl)"
