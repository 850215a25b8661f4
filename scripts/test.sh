#!/usr/bin/env bash
# `make test`: everything functional. Every step runs even if one before it failed; the end says what passed, what
# failed and what was skipped. With CI set, nothing may be skipped.
. "$(dirname "$0")/common.sh"

# One feature set for all, that of the tests, so that dependencies are built once.
all=(--workspace --features fidelog-lambda/athena)

# Gigabytes that only a second build would read.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

# The end-to-end tests and readers run these, and need not build their own.
export FIDELOG_BINARIES=${CARGO_TARGET_DIR:-$ROOT/target}/debug

formatting() { cargo fmt --all --check; }
binaries() { cargo build "${all[@]}" --bins --tests; }
lints() { cargo clippy "${all[@]}" --all-targets -- -D warnings; }
lambda_binary() { cargo clippy -p fidelog-lambda --no-default-features --features athena -- -D warnings; }
documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet "${all[@]}" --no-deps; }
rust() { cargo test "${all[@]}"; }
demo() { "$FIDELOG_BINARIES/demo"; }
local_aws() { scripts/local-aws.sh cargo test "${all[@]}" --test aws -- --ignored --nocapture; }
deployed() {
    FIDELOG_PYTHON=$(scripts/python-env.sh)/python AUTH=true scripts/local-aws.sh cargo test "${all[@]}" --test read -- --ignored --nocapture
}
# The same bytes every time; `make soak` sends others.
attacks() { scripts/attack-api.sh 20 5 1; }
no_std() { scripts/no-std.sh; }
template() { scripts/lint-template.sh; }
dependencies() { scripts/deny.sh; }

node_tests() {
    scripts/build-wasm.sh
    node --test tests/node/*.test.mjs
}

browser_tests() {
    need 'chromium --version' chromium
    scripts/build-console.sh
    FIDELOG_NODE_MODULES=$(scripts/console-packages.sh) node --test tests/browser/*.test.mjs
}

pytest() { "$(scripts/python-env.sh)/python" -m pytest -c tests/pytest.ini "$@"; }

python_tests() {
    scripts/build-python.sh
    pytest tests/python
}

reports=()
failed=0
skipped=0

step() {
    local title=$1 started=$SECONDS status=passed
    shift
    say ""
    say "== $title"
    # A condition would switch `set -e` off inside, so the step is a process of its own.
    set +e
    (set -e; "$@")
    [ $? = 0 ] || { status=FAILED; failed=$((failed + 1)); }
    set -e
    reports+=("$(printf '%-8s %-52s %4d s' "$status" "$title" $((SECONDS - started)))")
}

skip() {
    [ -z "${CI:-}" ] || { step "$1: cannot run here: $2" false; return; }
    skipped=$((skipped + 1))
    reports+=("$(printf '%-8s %-52s %s' skipped "$1" "$2")")
}

node_is_new_enough() { node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; }
python_is_new_enough() { python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

need 'cc --version' gcc libc6-dev
step "formatting" formatting
step "the binaries and the tests" binaries
step "lints" lints
step "lints of the Lambda binary without the local engine" lambda_binary
step "documentation" documentation
step "Rust: unit, property, vector and end-to-end tests" rust
step "the demo" demo
step "the codec without std" no_std
if node_is_new_enough; then
    step "JavaScript: vectors through wasm" node_tests
    step "the console and the package in Chromium" browser_tests
else
    skip "JavaScript: vectors through wasm" "Node 20 with npm is needed"
    skip "the console and the package in Chromium" "Node 20 with npm is needed"
fi
if python_is_new_enough; then
    step "Python: vectors, properties, the wheel" python_tests
    step "the format's page: a decoder written from it alone" pytest tests/reference
    step "another reader: PyIceberg" pytest tests/readers
    step "local AWS: Kinesis to S3 and Glue" local_aws
    step "the CloudFormation template and its roles" template
    step "the template deployed on a local AWS that checks rights" deployed
    step "the API under made-up requests and random bytes" attacks
    step "README: snippets, links, numbers, pictures" pytest tests/readme
    step "dependencies and workflows" dependencies
else
    skip "Python: vectors, properties, the wheel" "Python 3.11 or later is needed"
    skip "the format's page: a decoder written from it alone" "Python 3.11 or later is needed"
    skip "another reader: PyIceberg" "Python 3.11 or later is needed"
    skip "local AWS: Kinesis to S3 and Glue" "Python 3.11 or later is needed"
    skip "the CloudFormation template and its roles" "Python 3.11 or later is needed"
    skip "the template deployed on a local AWS that checks rights" "Python 3.11 or later is needed"
    skip "the API under made-up requests and random bytes" "Python 3.11 or later is needed"
    skip "README: snippets, links, numbers, pictures" "Python 3.11 or later is needed"
    skip "dependencies and workflows" "Python 3.11 or later is needed"
fi

say ""
printf '%s\n' "${reports[@]}" >&2
[ "$skipped" != 0 ] || say "nothing was skipped"
[ "$failed" = 0 ]
