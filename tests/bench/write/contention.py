"""How many commits a second one table in Glue takes from several writers at once. Arguments: the fidelog command, a folder."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request

COMMITS = 10


def main(command, folder):
    folder = pathlib.Path(folder)
    bucket = "contention"
    urllib.request.urlopen(urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}", method="PUT"))
    (folder / "first").write_text('{"n":0}\n')
    (folder / "ten").write_text("".join(f'{{"n":{i}}}\n' for i in range(COMMITS)))
    for writers in (1, 2, 4, 8, 16):
        to = ["--to", f"s3://{bucket}/{writers}", "--database", f"w{writers}"]

        def start(file):
            return subprocess.Popen([command, "consume", "--from", file, *to, "--batch-records", "1"], cwd=folder,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        if start("first").wait():
            sys.exit("the table was not made")
        began = time.perf_counter()
        running = [start("ten") for _ in range(writers)]
        for process in running:
            if process.wait():
                sys.exit(f"one of {writers} writers failed")
        seconds = time.perf_counter() - began
        commits = writers * COMMITS
        print(f"{writers:>3} writers at once: {commits / seconds:>6.1f} commits/s, "
              f"{1000 * seconds / COMMITS:>7.0f} ms for each writer's commit", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
