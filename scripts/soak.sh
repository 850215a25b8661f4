#!/usr/bin/env bash
# `make soak`: hundreds of kills, big results, load, and the property tests with many new cases each. SOAK_CASES sets
# how many (20,000: about half an hour).
. "$(dirname "$0")/common.sh"

cases=${SOAK_CASES:-20000}
say "== The whole path: kills, big results, load"
cargo test -p fidelog-tests --test path -- --ignored --nocapture --test-threads 1
say "== Rust: every property of the codec, $cases cases each"
PROPTEST_CASES=$cases PROPTEST_MAX_SHRINK_ITERS=100000 cargo test -p fidelog-codec --all-features
say "== Rust: the SQL gate and rewrite, the table, the producer, $cases cases each"
PROPTEST_CASES=$cases cargo test -p fidelog-lambda -p fidelog-table -p fidelog-producer --lib
say "== Python: any bytes and any JSON through the wheel"
scripts/build-python.sh
HYPOTHESIS_CASES=$cases "$(scripts/python-env.sh)/python" -m pytest -c tests/pytest.ini --hypothesis-profile=soak tests/python/test_encode.py
