"""How fast the write path is, and what it leaves behind. Arguments: the fidelog command, a folder, how many records."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from stream import Stream

COMMITS = 1_000
FLUSH_AGE = 10


class Bench:
    def __init__(self, command, folder):
        self.command, self.folder = command, pathlib.Path(folder)

    def start(self, *arguments, endpoint="http://127.0.0.1:9", **more):
        env = {
            **os.environ,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        return subprocess.Popen([self.command, *map(str, arguments)], cwd=self.folder, env=env, **more)

    def run(self, *arguments, **more):
        """What it prints as JSON, its CPU seconds, its wall seconds and its peak memory in MB."""
        began = time.perf_counter()
        process = self.start(*arguments, "--json", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **more)
        # It is over once it closes its output, and its children are none.
        text = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{arguments} failed with {process.returncode}")
        wall = time.perf_counter() - began
        return json.loads(text), used.ru_utime + used.ru_stime, wall, used.ru_maxrss // 1024

    def report(self, name, text):
        print(f"{name:<46} {text}", flush=True)

    def rate(self, name, records, cpu, wall):
        self.report(name, f"{records / cpu:>10,.0f} records/s of one core, {records / wall:,.0f}/s by the clock")

    def throughput(self, records):
        stream = Stream(4)
        sent, cpu, wall, _ = self.run("produce", "--sample", records, "--to", "kinesis:s", endpoint=stream.endpoint)
        self.rate("produce, samples made by it", records, cpu, wall)
        subprocess.run([self.command, "sample", "-n", str(records), "--format", "lines", "-o", "lines"],
                       cwd=self.folder, check=True)
        _, cpu, wall, _ = self.run("produce", "lines", "--to", "kinesis:s", endpoint=Stream(1).endpoint)
        self.rate("produce, a file of lines", records, cpu, wall)
        units = sent["put_units"] * 1_000_000 / records
        self.report("PUT units for 1,000,000 records",
                    f"{units:>10,.0f}; {sent['put_units_plain'] * 1_000_000 / records:,.0f} for each record alone")
        _, cpu, wall, peak = self.run("consume", "--from", "kinesis:s", "--to", "a", "--once", endpoint=stream.endpoint)
        self.rate("consume, blocks of 4 shards to Parquet", records, cpu, wall)
        self.report("  its peak memory", f"{peak:>10,} MB")
        _, cpu, wall, peak = self.run("consume", "--from", "lines", "--to", "b")
        self.rate("consume, a file of lines to Parquet", records, cpu, wall)
        self.report("  its peak memory", f"{peak:>10,} MB")

    def freshness(self):
        stream = Stream(1)
        worker = self.start("consume", "--from", "kinesis:s", "--to", "c", "--flush-age", f"{FLUSH_AGE}s",
                            endpoint=stream.endpoint, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = []
        try:
            for i in range(3):
                began = time.perf_counter()
                self.run("produce", "--sample", 100, "--to", "kinesis:s", endpoint=stream.endpoint)
                while self.stored("c") < 100 * (i + 1):
                    time.sleep(0.1)
                seconds.append(time.perf_counter() - began)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait()
        seconds.sort()
        self.report(f"from produce to queryable, --flush-age {FLUSH_AGE}s", f"{seconds[1]:>10.1f} s")

    def stored(self, store):
        lines = subprocess.run([self.command, "export", "--store", store, "-o", "-"], cwd=self.folder, capture_output=True)
        return lines.stdout.count(b"\n")

    def growth(self):
        def ten(first):
            """Seconds for each of ten commits."""
            (self.folder / "ten").write_text("".join(f'{{"n": {first + i}}}\n' for i in range(10)))
            _, _, wall, _ = self.run("consume", "--from", "ten", "--to", "d", "--batch-records", 1)
            return wall / 10

        early = ten(0)
        (self.folder / "many").write_text("".join(f'{{"n": {i}}}\n' for i in range(COMMITS - 20)))
        self.run("consume", "--from", "many", "--to", "d", "--batch-records", 1)
        late = ten(COMMITS)
        self.run("maintain", "--store", "d", "--alone", "--snapshot-age", 0, "--file-age", 0)
        after = ten(2 * COMMITS)
        ms = [1000 * seconds for seconds in (early, late, after)]
        self.report("a commit: the first ten, after 1,000, after `maintain`",
                    " / ".join(f"{m:.0f} ms" for m in ms))


def main(command, folder, records):
    bench = Bench(command, folder)
    bench.throughput(int(records))
    bench.freshness()
    bench.growth()


if __name__ == "__main__":
    main(*sys.argv[1:])
