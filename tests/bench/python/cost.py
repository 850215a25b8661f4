"""Measures what `fidelog cost` reckons with, on runs of the real commands, and prints it as JSON.

Arguments: the directory of the binaries. Runs inside scripts/local-aws.sh; pyarrow writes the Parquet files that Data
Firehose would. Sizes are those of files; what a query reads is the sum of the column chunks that its predicate leaves.
"""

import datetime
import glob
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.session import Session
from proxy import Counting

# The last one is what a flush takes at most.
SIZES = [100, 1_000, 10_000, 100_000, 500_000]
RECORDS = 1_000_000
MOST_FILES = 20
RATES = [10, 100, 1_000]


def run(*command, **environment):
    env = {**os.environ, "FIDELOG_LOG": "off", **environment}
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, env=env, text=True).stdout


def spent():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def chunks(file, time_column, user_column, span=None, user=None):
    """Bytes of a Parquet file, and those that a query for a span of time or for one user reads of it."""
    meta = pq.read_metadata(file)
    names = [meta.schema.column(i).name for i in range(meta.num_columns)]
    hour = one = 0
    for group in range(meta.num_row_groups):
        sizes = [meta.row_group(group).column(i).total_compressed_size for i in range(meta.num_columns)]
        stats = meta.row_group(group).column(names.index(time_column)).statistics
        if span and not (stats.max < span[0] or stats.min >= span[1]):
            hour += sum(sizes)
        if user is not None:
            ids = names.index(user_column)
            users = pq.ParquetFile(file).read_row_group(group, columns=[user_column]).column(0)
            found = pa.compute.any(pa.compute.equal(users, pa.scalar(user, users.type))).as_py()
            # The engine reads the Bloom filter, if there is one; unless that excludes the user, the ids; and the rest
            # of a row group only if one of them is the user's.
            filter_bytes, excluded = bloom(file, group, user_column, user)
            one += filter_bytes + (0 if excluded else sum(sizes) if found else sizes[ids])
    return os.path.getsize(file), hour, one


def bloom(file, group, column, value):
    """Bytes of a row group's filter of a column, and whether it says that the value is not there."""
    which = "SELECT bloom_filter_length FROM parquet_metadata(?) WHERE path_in_schema = ? AND row_group_id = ?"
    [[size]] = duckdb.execute(which, [file, column, group]).fetchall()
    if size is None:
        return 0, False
    probe = "SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, ?, ?) WHERE row_group_id = ?"
    [[excluded]] = duckdb.execute(probe, [file, column, value, group]).fetchall()
    return size, excluded


def firehose(records, folder, size):
    """Parquet as Data Firehose writes it: snappy, dictionaries, every text a string, times as text."""
    files = []
    for i in range(0, len(records), size):
        rows = [json.loads(record) for record in records[i : i + size]]
        for row in rows:
            row["tableAndColumn"] = json.dumps(row["tableAndColumn"]) if row["tableAndColumn"] is not None else None
        files.append(f"{folder}/{i}.parquet")
        pq.write_table(pa.Table.from_pylist(rows), files[-1], compression="snappy", row_group_size=1 << 20)
    return files


def files_of(size, records, folder, binaries):
    """Bytes a record in files of so many records, and which share of them two queries read."""
    records = records[: size * MOST_FILES]
    total = len(records)
    lines = f"{folder}/lines.jsonl"
    with open(lines, "wb") as out:
        out.write(b"\n".join(records) + b"\n")
    store = f"{folder}/store-{size}"
    before = spent()
    run(f"{binaries}/fidelog", "consume", "--from", lines, "--to", store, "--batch-records", size)
    seconds = spent() - before
    ours = glob.glob(f"{store}/warehouse/**/*.parquet", recursive=True)
    os.makedirs(f"{folder}/firehose-{size}")
    theirs = firehose(records, f"{folder}/firehose-{size}", size)
    zipped = sum(len(gzip.compress(b"\n".join(records[i : i + size]) + b"\n", 6)) for i in range(0, total, size))

    times = sorted(json.loads(record)["inDate"] for record in records)
    # A quarter of the time, in the middle; and a user seen in the middle.
    instant = lambda text: datetime.datetime.fromisoformat(text.replace("Z", ""))
    span = [instant(times[total * 3 // 8]), instant(times[total * 5 // 8])]
    users = [json.loads(record)["gamer_id"] for record in records[total // 2 :: max(1, total // 40)]][:10]

    def shares(files, time_column, user_column, span, as_user):
        whole, hour, one = 0, 0, 0
        for file in files:
            for i, user in enumerate(users):
                size_of, of_hour, of_one = chunks(file, time_column, user_column, span, as_user(user))
                one += of_one
                if i == 0:
                    whole, hour = whole + size_of, hour + of_hour
        return whole, hour / whole * len(files) - len(files) / 4, one / len(users) / whole

    # Columns of the table are lower case.
    size_ours, beyond, user_ours = shares(ours, "indate", "gamer_id", span, bytes.fromhex)
    text = [when.isoformat(timespec="milliseconds") + "Z" for when in span]
    size_theirs, _, user_theirs = shares(theirs, "inDate", "gamer_id", text, str)
    return {
        "records_per_file": size,
        "files": len(ours),
        "json_bytes_per_record": round(sum(map(len, records)) / total + 1, 2),
        "gzip_bytes_per_record": round(zipped / total, 2),
        "parquet_bytes_per_record": round(size_theirs / total, 2),
        "fidelog_bytes_per_record": round(size_ours / total, 2),
        "parquet_user_share": round(user_theirs, 4),
        "fidelog_user_share": round(user_ours, 4),
        "fidelog_files_beyond_span": round(max(beyond, 0), 2),
        "consume_cpu_seconds_per_million": round(seconds / total * 1e6, 2),
    }


def client(service):
    return Session().create_client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")


def make_stream(name):
    client("kinesis").create_stream(StreamName=name, ShardCount=1)
    client("kinesis").get_waiter("stream_exists").wait(StreamName=name)


def blocks(binaries):
    """What travels to Kinesis at some rates of records a second, and at full speed."""
    make_stream("blocks")
    rows = []
    for rate in [*RATES, None]:
        count = rate * 10 if rate else 200_000
        limit = ["--rate", rate] if rate else []
        command = [f"{binaries}/fidelog", "produce", "--sample", count, "--to", "kinesis:blocks", "--json", *limit]
        sent = json.loads(run(*command))
        rows.append({
            "records_per_block": round(sent["records"] / sent["entries"], 1),
            "block_bytes_per_record": round(sent["payload_bytes"] / sent["records"], 2),
            "put_units_per_1000_records": round(sent["put_units"] / sent["records"] * 1000, 3),
        })
    return sorted(rows, key=lambda row: row["records_per_block"])


def commits(binaries):
    """What one flush of a stream's worker asks of S3 and Glue."""
    make_stream("commits")
    client("s3").create_bucket(Bucket="bench")
    proxy = Counting(os.environ["AWS_ENDPOINT_URL"])
    flushes = 20
    totals = []
    # Twice, so that what a worker does once at its start can be taken away.
    for count in [1, 1 + flushes]:
        proxy.counts.clear()
        for seed in range(count):
            run(f"{binaries}/fidelog", "produce", "--sample", 2_000, "--seed", seed + 1, "--to", "kinesis:commits")
        run(f"{binaries}/fidelog", "consume", "--from", "kinesis:commits", "--to", "s3://bench/logs", "--once",
            "--flush-records", 2_000, AWS_ENDPOINT_URL=proxy.address)
        totals.append(dict(proxy.counts))
    listed = client("s3").list_objects_v2(Bucket="bench", Prefix="logs/")["Contents"]
    # The first run had one flush, the second the others.
    flushed = sum("/data/" in entry["Key"] for entry in listed) - 2
    per = lambda *names: sum(totals[1].get(name, 0) - totals[0].get(name, 0) for name in names)
    glue = [name for name in totals[1] if name.startswith("AWSGlue")]
    metadata = [entry for entry in listed if "/metadata/" in entry["Key"]]
    manifests = [entry["Size"] for entry in metadata if entry["Key"].endswith("-m0.avro")]
    others = [entry["Size"] for entry in metadata if not entry["Key"].endswith("-m0.avro")]
    return {
        "commits": flushed,
        "s3_puts_per_commit": round(per("HTTP PUT", "HTTP POST") / flushed, 2),
        "s3_gets_per_commit": round(per("HTTP GET", "HTTP HEAD") / flushed, 2),
        "glue_requests_per_commit": round(per(*glue) / flushed, 2),
        "manifest_bytes_per_commit": round(sum(manifests) / len(manifests)),
        "snapshot_bytes_per_commit": round(sum(others) / len(manifests)),
    }


def api(binaries, records, folder):
    """Requests of one query by the API's asynchronous protocol, and the server's processor time for each."""
    lines, store = f"{folder}/api.jsonl", f"{folder}/api"
    with open(lines, "wb") as out:
        out.write(b"\n".join(records[:10_000]) + b"\n")
    run(f"{binaries}/fidelog", "consume", "--from", lines, "--to", store)
    server = subprocess.Popen([f"{binaries}/fidelog-serve", "--store", store, "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        # Its first line: listening on http://ADDRESS.
        base = server.stdout.readline().split()[-1]
        ticks = lambda: sum(map(int, open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
        requests, start, queries = 0, ticks(), 20
        for i in range(queries):
            user = json.loads(records[i * 37])["gamer_id"]
            body = json.dumps({"sql": "SELECT * FROM logs WHERE gamer_id = ?", "params": [user]}).encode()
            ask = urllib.request.Request(base + "/v1/queries", body, {"Content-Type": "application/json"})
            query = json.load(urllib.request.urlopen(ask))["id"]
            requests += 1
            while True:
                state = json.load(urllib.request.urlopen(f"{base}/v1/queries/{query}"))["state"]
                requests += 1
                if state not in ("QUEUED", "RUNNING"):
                    break
                time.sleep(0.2)
            cursor = ""
            while cursor is not None:
                answer = urllib.request.urlopen(f"{base}/v1/queries/{query}/results?{cursor}")
                answer.read()
                requests += 1
                after = answer.headers.get("Fidelog-Next")
                cursor = urllib.parse.urlencode({"cursor": after}) if after else None
        seconds = (ticks() - start) / os.sysconf("SC_CLK_TCK")
    finally:
        server.kill()
        server.wait()
    return {
        "requests_per_query": round(requests / queries, 2),
        "cpu_seconds_per_request": round(seconds / requests, 4),
    }


def main(binaries):
    with tempfile.TemporaryDirectory() as folder:
        sample = f"{folder}/sample.jsonl"
        run(f"{binaries}/fidelog", "sample", "-n", RECORDS, "--format", "lines", "-o", sample)
        with open(sample, "rb") as file:
            records = file.read().splitlines()
        facts = {
            "measured": datetime.date.today().isoformat(),
            "command": "scripts/bench-cost.sh",
            "version": run(f"{binaries}/fidelog", "--version").strip(),
            "on": f"fidelog sample -n {RECORDS}",
            "files": [files_of(size, records, folder, binaries) for size in SIZES],
            "blocks": blocks(binaries),
            "commit": commits(binaries),
            "api": api(binaries, records, folder),
        }
    json.dump(facts, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
