#!/usr/bin/env bash
# `make soak`: hundreds of kills, big results, load, the property tests with many new cases each, and the fuzz targets.
# SOAK_CASES sets how many cases (20,000: about half an hour), FUZZ_SECONDS how long each target runs (1,800).
. "$(dirname "$0")/common.sh"

# As `make test` builds it, so that nothing is built twice.
all=(--workspace --features fidelog-lambda/athena)
cases=${SOAK_CASES:-20000}
say "== The whole path: kills, big results, load"
cargo test "${all[@]}" --test path -- --ignored --nocapture --test-threads 1
say "== The write path: 240 kills against a local AWS"
AWS_KILL_ROUNDS=20 scripts/local-aws.sh cargo test "${all[@]}" --test aws -- --ignored --nocapture kills
say "== The read path: 16 callers at once over a million records, then hostile ones"
LOAD_CLIENTS=16 LOAD_SECONDS=20 LOAD_RECORDS=1000000 cargo test "${all[@]}" --test read -- --nocapture load
cargo build "${all[@]}" --bins
scripts/attack-api.sh 500 600
say "== The console: a million rows in a worker"
scripts/soak-console.sh
say "== Rust: every property of the codec, $cases cases each"
PROPTEST_CASES=$cases PROPTEST_MAX_SHRINK_ITERS=100000 cargo test -p fidelog-codec --all-features
say "== Rust: the SQL gate and rewrite, the table, the producer, $cases cases each"
PROPTEST_CASES=$cases cargo test -p fidelog-lambda -p fidelog-table -p fidelog-producer --lib
say "== Python: any bytes and any JSON through the wheel"
scripts/build-python.sh
HYPOTHESIS_CASES=$cases "$(scripts/python-env.sh)/python" -m pytest -c tests/pytest.ini --hypothesis-profile=soak tests/python/test_encode.py
say "== Python: a million rows from a live server within 1 GB"
"$(scripts/python-env.sh)/python" -m pytest -c tests/pytest.ini -s tests/python/soak.py

seconds=${FUZZ_SECONDS:-1800}
say "== Fuzzing: four targets, $seconds s each, $(nproc) at a time"
# The first one builds for all.
scripts/fuzz.sh decode_any 1
printf '%s\n' decode_any round_trip schema_any infer_any | xargs -P "$(nproc)" -I TARGET scripts/fuzz.sh TARGET "$seconds"
