#!/usr/bin/env bash
# Builds the wheel of python/ and installs it into the tests' virtual environment; with --release, builds the wheel
# that people install, into dist/.
. "$(dirname "$0")/common.sh"

bin=$("$ROOT/scripts/python-env.sh")
target=${CARGO_TARGET_DIR:-$ROOT/target}/python
wheel() {
    CARGO_TARGET_DIR=$target "$bin/maturin" build --quiet --locked --manifest-path python/Cargo.toml \
        --interpreter "$bin/python" "$@"
}

if [ "${1:-}" = --release ]; then
    wheel --profile release --out dist
    say "built $(ls -t dist/fidelog-*.whl | head -1)"
else
    rm -rf "$target/wheels"
    wheel --profile dev --out "$target/wheels"
    "$bin/pip" install --quiet --disable-pip-version-check --no-deps --force-reinstall "$target/wheels"/fidelog-*.whl
    say "installed $(basename "$target/wheels"/fidelog-*.whl)"
fi
