#!/usr/bin/env bash
# scripts/fuzz.sh TARGET SECONDS: looks for inputs that break a law, guided by what the codec's code does with them.
# Targets: decode_any, round_trip, schema_any, infer_any. The corpus grows in .cache/fuzz/TARGET from run to run; what
# breaks a law goes to tests/fuzz/crashes/TARGET, where every `make test` tries it again.
. "$(dirname "$0")/common.sh"

[ $# = 2 ] && [ -e "tests/fuzz/libfuzzer/targets/$1.rs" ] || die "usage: scripts/fuzz.sh TARGET SECONDS; targets: $(cd tests/fuzz/libfuzzer/targets && echo *.rs | sed 's/\.rs//g')"
target=$1 seconds=$2
need 'c++ --version' g++

work=$CACHE/fuzz
corpus=$work/$target
found=$work/found-$target
crashes=tests/fuzz/crashes/$target
mkdir -p "$corpus" "$found" "$crashes"

# Counters at every edge and at every comparison, as libFuzzer reads them; the compiler has them without a sanitizer, and
# safe Rust needs none: what goes wrong here is a panic, a wrong answer, too much memory or too much time.
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
host=$(rustc -vV | sed -n 's/^host: //p')
build() { cargo build --quiet --release --manifest-path tests/fuzz/libfuzzer/Cargo.toml "$@"; }
export CARGO_TARGET_DIR=$work/target
# With a target named, build scripts and macros are built without the counters.
RUSTFLAGS=$coverage build --target "$host" --bins
cargo build --quiet --release -p fidelog-fuzz --no-default-features --bin seeds
"$work/target/release/seeds" "$target" "$corpus"
"$work/target/release/seeds" dictionary "$work/tokens"

# A slow unit is a finding, too: decoding 64 KB takes milliseconds.
if "$work/target/$host/release/$target" "$corpus" -max_total_time="$seconds" -max_len=65536 -len_control=20 \
    -rss_limit_mb=2048 -timeout=10 -dict="$work/tokens" -artifact_prefix="$found/" -print_final_stats=1 \
    -verbosity=1; then
    say "$target: nothing found in $seconds s; the corpus has $(find "$corpus" -type f | wc -l) inputs"
    exit
fi
for input in "$found"/*; do
    case $input in */slow-unit-*) continue ;; esac
    cp "$input" "$crashes/"
    say "$target: broken by $crashes/${input##*/}; run it alone: $work/target/$host/release/$target $crashes/${input##*/}"
done
rm -rf "$found"
die "$target: a law is broken; the inputs are kept in $crashes and fail 'make test' until the cause is gone"
