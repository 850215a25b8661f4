#!/usr/bin/env bash
# Attacks fidelog-serve with what its own description allows (schemathesis) and with random bytes: no 5xx, no panic.
#   scripts/attack-api.sh EXAMPLES SECONDS [SEED]
# EXAMPLES are tried of each operation; random bytes go on for SECONDS.
. "$(dirname "$0")/common.sh"

SCHEMATHESIS=4.32.5

examples=$1 seconds=$2
shift 2
bin=$(scripts/tool-env.sh schemathesis "schemathesis==$SCHEMATHESIS")

binaries=${FIDELOG_BINARIES:-${CARGO_TARGET_DIR:-target}/debug}
data=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$data"
}
trap cleanup EXIT

"$binaries/fidelog" sample -n 1000 -o "$data/sample" 2>/dev/null
"$binaries/fidelog" consume --from "$data/sample" --to "$data/store" >/dev/null 2>&1
"$binaries/fidelog-serve" --store "$data/store" --listen 127.0.0.1:0 >"$data/out" 2>"$data/log" &
server=$!
for _ in $(seq 100); do grep -q listening "$data/out" && break; sleep 0.1; done
url=$(sed -n 's/^listening on //p' "$data/out")
[ -n "$url" ] || { cat "$data/log" >&2; die "fidelog-serve does not start"; }

(cd "$data" && "$bin/schemathesis" run "$url/v1/openapi.json" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance --max-examples "$examples" \
    --no-color --generation-database none --request-timeout 60)
"$bin/python" tests/read/hostile.py "$url" "$seconds" "$@"
kill -0 "$server" || die "fidelog-serve is gone"
if grep -i panicked "$data/log"; then die "fidelog-serve panicked"; fi
