"""A Kinesis stream in memory that answers at once: what it takes to measure who talks to it, and nothing more."""

import json
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What a page of GetRecords holds at most.
PAGE_RECORDS, PAGE_BYTES = 10_000, 10_000_000


class Stream:
    def __init__(self, shards):
        self.shards = [[] for _ in range(shards)]
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Handler(self, *args))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def describe_stream_summary(self, _):
        return {
            "StreamDescriptionSummary": {
                "StreamName": "s",
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "StreamStatus": "ACTIVE",
                "RetentionPeriodHours": 24,
                "StreamCreationTimestamp": 1_700_000_000,
                "EnhancedMonitoring": [],
                "OpenShardCount": len(self.shards),
            }
        }

    def list_shards(self, _):
        hashes, numbers = {"StartingHashKey": "0", "EndingHashKey": "1"}, {"StartingSequenceNumber": "0"}
        names = [name(i) for i in range(len(self.shards))]
        return {"Shards": [{"ShardId": n, "HashKeyRange": hashes, "SequenceNumberRange": numbers} for n in names]}

    def get_shard_iterator(self, call):
        shard, after = int(call["ShardId"][-4:]), call.get("StartingSequenceNumber")
        return {"ShardIterator": f"{shard}:{int(after) if after else 0}"}

    def get_records(self, call):
        shard, at = map(int, call["ShardIterator"].split(":"))
        records, size = [], 0
        for record in self.shards[shard][at : at + min(call["Limit"], PAGE_RECORDS)]:
            size += len(record["Data"]) * 3 // 4
            if records and size > PAGE_BYTES:
                break
            records.append(record)
        at += len(records)
        behind = 0 if at == len(self.shards[shard]) else 1000
        return {"Records": records, "NextShardIterator": f"{shard}:{at}", "MillisBehindLatest": behind}

    def put_records(self, call):
        answers = []
        for entry in call["Records"]:
            i = zlib.crc32(entry["PartitionKey"].encode()) % len(self.shards)
            shard = self.shards[i]
            number = str(len(shard) + 1)
            shard.append({**entry, "SequenceNumber": number, "ApproximateArrivalTimestamp": time.time()})
            answers.append({"SequenceNumber": number, "ShardId": name(i)})
        return {"FailedRecordCount": 0, "Records": answers}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, stream, *args):
        self.stream = stream
        super().__init__(*args)

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["content-length"])))
        action = self.headers["x-amz-target"].split(".")[1]
        snake = "".join("_" + c.lower() if c.isupper() else c for c in action)[1:]
        body = json.dumps(getattr(self.stream, snake)(call)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def name(shard):
    return f"shardId-{shard:012d}"
