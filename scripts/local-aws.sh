#!/usr/bin/env bash
# Runs a command with an AWS of its own: ministack on a free port of this machine, gone when the command ends. Where Node
# is, kinesis-local stands beside it (KINESIS_LOCAL is its address): ministack cannot split and merge shards.
#   scripts/local-aws.sh cargo test -p fidelog-tests --test aws -- --ignored
. "$(dirname "$0")/common.sh"

MINISTACK=1.5.33
KINESIS=0.6.2
# The SQL behind ministack's Athena.
DUCKDB=2.0.1

bin=$(scripts/tool-env.sh ministack "ministack==$MINISTACK" "duckdb==$DUCKDB")

free_port() { "$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { "$bin/python" -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)' "$1" 2>/dev/null; }

# wait_for NAME PID PORT LOG
wait_for() {
    for _ in $(seq 150); do
        answers "$3" && return
        kill -0 "$2" 2>/dev/null || break
        sleep 0.2
    done
    cat "$4" >&2
    die "$1 does not answer"
}

data=$(mktemp -d)
servers=()
cleanup() {
    for server in "${servers[@]}"; do { kill "$server" && wait "$server"; } 2>/dev/null || true; done
    rm -rf "$data"
}
trap cleanup EXIT

port=$(free_port)
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port S3_DATA_DIR=$data/s3 STATE_DIR=$data/state TMPDIR=$data LOG_LEVEL=WARNING \
    "$bin/ministack" >"$data/log" 2>&1 &
servers+=($!)
wait_for ministack $! "$port" "$data/log"

if command -v npm >/dev/null; then
    kinesis=$CACHE/kinesis-local-$KINESIS
    if [ ! -e "$kinesis/ready" ]; then
        say "installing kinesis-local $KINESIS into $kinesis"
        rm -rf "$CACHE"/kinesis-local-*
        mkdir -p "$kinesis"
        npm install --silent --no-fund --no-audit --prefix "$kinesis" "kinesis-local@$KINESIS" >&2
        touch "$kinesis/ready"
    fi
    plain=$(free_port)
    (cd "$kinesis/node_modules/kinesis-local" &&
        KINESIS_MOCK_PLAIN_PORT=$plain KINESIS_MOCK_TLS_PORT=$(free_port) LOG_LEVEL=ERROR exec node main.js) >"$data/kinesis" 2>&1 &
    servers+=($!)
    wait_for kinesis-local $! "$plain" "$data/kinesis"
    export KINESIS_LOCAL=http://127.0.0.1:$plain
fi

export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
# Nothing of the user's own, nothing of a machine's role.
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_KINESIS AWS_ENDPOINT_URL_GLUE

"$@"
