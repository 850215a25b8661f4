#!/usr/bin/env bash
# Runs a command with an AWS of its own: ministack on a free port of this machine, gone when the command ends.
#   scripts/local-aws.sh cargo test -p fidelog-tests --test aws -- --ignored
. "$(dirname "$0")/common.sh"

MINISTACK=1.5.33

has_venv() { python3 -c 'import ensurepip, venv'; }
need has_venv python3 python3-venv

env=$CACHE/ministack-$MINISTACK
if [ ! -e "$env/ready" ]; then
    say "installing ministack $MINISTACK into $env"
    rm -rf "$CACHE"/ministack-*
    python3 -m venv "$env"
    "$env/bin/pip" install --quiet --disable-pip-version-check "ministack==$MINISTACK" >&2
    touch "$env/ready"
fi

port=$("$env/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
data=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$data"
}
trap cleanup EXIT
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port S3_DATA_DIR=$data/s3 STATE_DIR=$data/state TMPDIR=$data LOG_LEVEL=WARNING \
    "$env/bin/ministack" >"$data/log" 2>&1 &
server=$!

export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
# Nothing of the user's own, nothing of a machine's role.
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_KINESIS AWS_ENDPOINT_URL_GLUE

healthy() { "$env/bin/python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$AWS_ENDPOINT_URL/_ministack/health" 2>/dev/null; }
for _ in $(seq 100); do
    healthy && break
    kill -0 "$server" 2>/dev/null || { cat "$data/log" >&2; die "ministack ended at once"; }
    sleep 0.2
done
healthy || { cat "$data/log" >&2; die "ministack does not answer"; }

"$@"
