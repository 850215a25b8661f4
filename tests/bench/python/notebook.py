"""Speeds of the Python package beside what people do without it, one line each. Arguments: a file of lines, a folder."""

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import fidelog
import pandas as pd


def race(times, *works):
    """The shortest of some runs of each, in seconds; they take turns, so that a slow moment of the machine meets all."""
    seconds = [[] for _ in works]
    for _ in range(times):
        for work, taken in zip(works, seconds):
            start = time.perf_counter()
            made = work()
            taken.append(time.perf_counter() - start)
            del made
    return [min(taken) for taken in seconds]


def peak(code, file):
    """The peak memory of a process that runs this, in MB."""
    # Not ru_maxrss, which starts with the parent's.
    code += "\nprint(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"
    done = subprocess.run([sys.executable, "-c", code, file], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) // 1024


def two_processes(work, items):
    """Does half of the items each in two processes: what the machine gives without threads."""
    children = []
    for half in (items[::2], items[1::2]):
        child = os.fork()
        if not child:
            for item in half:
                work(item)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def main(source, folder):
    with open(source, "rb") as file:
        lines = file.read().splitlines()
    parts = [lines[i : i + 100_000] for i in range(0, len(lines), 100_000)]
    schema = fidelog.Schema.infer(lines[:10_000])
    whole = fidelog.encode(lines, schema)
    payloads = [fidelog.encode(part, schema) for part in parts]
    zipped = gzip.compress(b"\n".join(lines))
    zipped_parts = [gzip.compress(b"\n".join(part)) for part in parts]
    print(f"{len(lines):,} records: {sum(map(len, lines)):,} bytes, gzip {len(zipped):,}, ", end="")
    print(f"fidelog {len(whole):,}, as {len(parts)} payloads {sum(map(len, payloads)):,}")

    def arrow():
        return fidelog.decode(whole).to_arrow()

    def frame():
        return pd.DataFrame([json.loads(line) for line in lines])

    def exact():
        return fidelog.decode(whole).ndjson()

    def records():
        return list(fidelog.decode(whole).records())

    def gunzip():
        return gzip.decompress(zipped).splitlines()

    (ours,), (theirs,) = race(3, arrow), race(1, frame)
    print(f"to Arrow {ours:.2f} s; json.loads + DataFrame {theirs:.2f} s: {theirs / ours:.1f} x")
    cpus = os.sched_getaffinity(0)
    for where, used in ((f"{len(cpus)} CPUs", cpus), ("one", {min(cpus)})):
        os.sched_setaffinity(0, used)
        ours, listed, theirs = race(5, exact, records, gunzip)
        print(f"on {where}: to exact bytes {ours:.2f} s, to a list of exact records {listed:.2f} s; ", end="")
        print(f"gunzip + splitlines {theirs:.2f} s: {theirs / ours:.1f} x and {theirs / listed:.1f} x")
    os.sched_setaffinity(0, cpus)

    with ThreadPoolExecutor(4) as pool:
        one, two, four, ahead, unzipped = race(
            3,
            lambda: [fidelog.decode(payload).rows for payload in payloads],
            lambda: two_processes(fidelog.decode, payloads),
            lambda: list(pool.map(lambda payload: fidelog.decode(payload).rows, payloads)),
            # As the client does it: the next pages are decoded while one is read.
            lambda: [list(block.records()) for block in pool.map(fidelog.decode, payloads)],
            lambda: [part.splitlines() for part in pool.map(gzip.decompress, zipped_parts)],
        )
    print(f"decode {len(parts)} payloads with 1 thread {one:.2f} s, with 4 {four:.2f} s: {one / four:.2f} x; ", end="")
    print(f"with 2 processes {one / two:.2f} x on {os.cpu_count()} CPUs")
    print(f"to lists of exact records, decoded ahead by 4 threads {ahead:.2f} s; the same of as many gzip files {unzipped:.2f} s: ", end="")
    print(f"{unzipped / ahead:.1f} x")
    start = [sys.executable, "-c"]
    empty, imported = race(
        10,
        lambda: subprocess.run([*start, "pass"], check=True),
        lambda: subprocess.run([*start, "import fidelog"], check=True),
    )
    print(f"import fidelog {(imported - empty) * 1000:.0f} ms")

    file = f"{folder}/one.fdl"
    with open(file, "wb") as out:
        out.write(fidelog.encode(lines, schema))
    base = peak("import fidelog, pyarrow, sys", file)
    print(f"peak memory: to Arrow {peak('import fidelog, sys; fidelog.read(sys.argv[1]).to_arrow()', file)} MB ", end="")
    print(f"(imports {base} MB), this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
