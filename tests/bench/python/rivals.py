"""CLP-S and OpenZL on the data of `make bench`, each at the best setting found here. Arguments: a folder of JSON lines.

Both keep columns or trees, not the text: CLP-S gives JSON back that is equal, not the same bytes; with OpenZL the columns
are built by hand here (integers, ids as bytes, instants, the rest as text), and what makes lines of them again (order
and spelling of members) is not stored. Prints one JSON document; what is not installed is named in it, not measured.
"""

import array
import datetime
import importlib.metadata
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

MOST = 12_000_000
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
HEX = re.compile(r"(?:[0-9a-f]{2}){8,}")


def spent():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def clp(file, size, time_field):
    """Single-file archives at levels 3 and 19."""
    program = os.path.join(os.path.dirname(sys.executable), "clp-s")
    for level in (3, 19):
        with tempfile.TemporaryDirectory() as folder:
            key = ["--timestamp-key", time_field] if time_field else []
            start = spent()
            done = subprocess.run([program, "c", "--single-file-archive", "--compression-level", str(level), *key,
                                   f"{folder}/a", file], capture_output=True, text=True)
            if done.returncode:
                yield {"format": f"CLP-S, level {level}", "refused": (done.stderr or done.stdout).strip()[-300:].replace(file, "the file")}
                continue
            encode = spent() - start
            stored = sum(entry.stat().st_size for entry in os.scandir(f"{folder}/a"))
            start = spent()
            subprocess.run([program, "x", "--ordered", f"{folder}/a", f"{folder}/b"], check=True, capture_output=True)
            decode = spent() - start
            back = b"".join(open(entry.path, "rb").read() for entry in os.scandir(f"{folder}/b"))
        with open(file, "rb") as lines:
            exact = lines.read() == back
        yield {"format": f"CLP-S, level {level}", "bytes": stored, "ratio": size / stored, "encode_mb_s": size / encode / 1e6,
               "decode_mb_s": size / decode / 1e6, "exact": exact}


def leaves(value, path, out):
    if isinstance(value, dict):
        for name, member in value.items():
            leaves(member, f"{path}.{name}", out)
    else:
        out[path] = value


def columns_of(lines):
    """Columns by path: the values there, in order, and in which rows they are."""
    columns = {}
    for row, line in enumerate(lines):
        flat = {}
        try:
            leaves(json.loads(line), "", flat)
        except ValueError:
            flat["no JSON"] = line
        for path, value in flat.items():
            columns.setdefault(path, ([], []))[0].append(value)
            columns[path][1].append(row)
    return columns


class OpenZl:
    """Columns through the graph that makes each smallest."""

    def __init__(self):
        import openzl.ext as zl

        self.zl = zl

    def compress(self, inputs, build):
        zl = self.zl
        compressor = zl.Compressor()
        graph = build(compressor)
        compressor.select_starting_graph(graph.parameterize(compressor) if hasattr(graph, "parameterize") else graph)
        context = zl.CCtx()
        context.ref_compressor(compressor)
        context.set_parameter(zl.CParam.FormatVersion, zl.MAX_FORMAT_VERSION)
        return len(context.compress(inputs))

    def numbers(self, values):
        zl, g, n = self.zl, self.zl.graphs, self.zl.nodes
        # The inputs do not keep what they point to.
        kept = array.array("q", values)
        data = [zl.Input(zl.Type.Numeric, kept)]
        field = lambda: g.FieldLz(compression_level=9)
        return min(self.attempt(data, build) for build in [
            lambda c: g.Compress(),
            lambda c: field(),
            lambda c: n.DeltaInt()(c, n.Zigzag()(c, field())),
            lambda c: n.TokenizeNumeric()(c, field(), field()),
            lambda c: n.DeltaInt()(c, n.TokenizeNumeric()(c, field(), field())),
        ])

    def attempt(self, data, build):
        try:
            return self.compress(data, build)
        except Exception:  # A graph that does not take this input is no candidate.
            return 1 << 62

    def texts(self, values):
        zl, g, n = self.zl, self.zl.graphs, self.zl.nodes
        kept = b"".join(values), array.array("I", map(len, values))
        data = [zl.Input(zl.Type.String, *kept)]
        zstd, field = lambda: g.Zstd(compression_level=19), lambda: g.FieldLz(compression_level=9)
        parts = lambda c: n.SeparateStringComponents()(c, zstd(), field())
        return min(self.attempt(data, build) for build in [
            lambda c: g.Compress(),
            parts,
            lambda c: n.TokenizeString()(c, parts(c), field()),
            lambda c: n.TokenizeString(sort=True)(c, n.Prefix()(c, parts(c)), field()),
        ])

    def column(self, values):
        """The least bytes for one column."""
        kinds = {type(value) for value in values}
        if kinds == {int} and all(-(1 << 63) <= value < 1 << 63 for value in values):
            return self.numbers(values)
        if kinds == {str} and all(TIME.fullmatch(value) for value in values):
            epoch = datetime.datetime(1970, 1, 1)
            parse = lambda value: datetime.datetime.fromisoformat(value[:-1])
            return self.numbers([(parse(value) - epoch) // datetime.timedelta(microseconds=1) for value in values])
        if kinds == {str} and all(HEX.fullmatch(value) for value in values):
            return self.texts([bytes.fromhex(value) for value in values])
        if kinds != {str}:
            values = [json.dumps(value, ensure_ascii=False) for value in values]
        return self.texts([value.encode("utf-8", "surrogatepass") for value in values])

    def rows(self, file, size):
        with open(file, encoding="utf-8", errors="surrogateescape") as lines:
            lines = lines.read().splitlines()
        start, stored = spent(), 0
        columns = columns_of(lines)
        for values, rows in columns.values():
            stored += self.column(values)
            if len(rows) != len(lines):
                stored += self.numbers([after - before for before, after in zip([-1, *rows], rows)])
        yield {"format": "OpenZL, columns by hand", "bytes": stored, "ratio": size / stored, "columns": len(columns),
               "encode_seconds_with_all_tries": spent() - start, "exact": False}


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def main(folder):
    result = {"versions": {name: version(name) for name in ("yscope-clp-core", "openzl")}, "data": []}
    for name in sorted(os.listdir(folder)):
        file = os.path.join(folder, name)
        size = os.path.getsize(file)
        if size > MOST:
            continue
        with open(file, "rb") as lines:
            first = json.loads(lines.readline())
        time_field = next((key for key, value in first.items() if isinstance(value, str) and TIME.fullmatch(value)), None)
        formats = []
        if result["versions"]["yscope-clp-core"]:
            formats += clp(file, size, time_field)
        if result["versions"]["openzl"]:
            formats += OpenZl().rows(file, size)
        result["data"].append({"name": name.rsplit("-", 1)[0], "bytes": size, "formats": formats})
        for row in formats:
            told = f"JSON/size {row['ratio']:7.2f}  {row['bytes']:>11,} bytes" if "bytes" in row else f"refused: {row['refused']}"
            print(f"{name:24} {row['format']:26} {told}", file=sys.stderr)
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
