#!/usr/bin/env bash
# `make pictures`: docs/pictures, and the tables of README.md and docs/benchmarks.md. A file that is named becomes the
# newest results in docs/bench first. The console's pictures are those of its tests, where they ran.
. "$(dirname "$0")/common.sh"

target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --features fidelog-lambda/athena -p fidelog-producer -p fidelog-lambda -p fidelog-tests --bins
mkdir -p docs/bench docs/pictures
if [ $# = 1 ]; then
    cp "$1" "docs/bench/$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["date"])' "$1").json"
fi
"$target/debug/demo" 2>/dev/null | sed "s,/[^ ]*/fidelog-demo-[^/ ]*,demo,g" >docs/bench/demo.txt
"$target/debug/fidelog" cost --records-per-day 10000000 >docs/bench/cost.txt
if [ -e "$target/screenshots/record-1440-light.png" ]; then
    "$(scripts/python-env.sh)/python" - "$target/screenshots" <<'END'
import sys
from PIL import Image
for mode in ("light", "dark"):
    picture = Image.open(f"{sys.argv[1]}/record-1440-{mode}.png").convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(f"docs/pictures/console-{mode}.png", optimize=True)
END
fi
python3 tests/bench/python/pictures.py
