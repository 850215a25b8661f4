"""Draws docs/pictures from docs/bench and puts the tables between the markers of README.md and docs/benchmarks.md.

Run in the root of the sources (`make pictures`). With `--check` nothing is written: what is out of date is named.
"""

import json
import math
import pathlib
import re
import sys
from html import escape

STYLE = """<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #59636e }
.title { font-size: 15px; font-weight: 600 }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px }
.ours { fill: #0969da } .theirs { fill: #8c959f } .line { stroke: #d1d9e0; stroke-width: 1 } .box { fill: #f6f8fa; stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } .ours { fill: #4493f8 } .theirs { fill: #6e7681 }
  .line { stroke: #3d444d } .box { fill: #151b23; stroke: #3d444d }
}
</style>"""


def svg(width, height, title, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img"><title>{escape(title)}</title>\n{STYLE}\n{body}\n</svg>\n')


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def data_of(results, name, most=20e6):
    """The rows of one data set; of the two samples, the one that every format took part in."""
    found = [d for d in results["parts"]["codec"]["data"] if d["name"] == name and d["bytes"] <= most][0]
    rivals = results["parts"].get("rivals", {}).get("data", [])
    extra = [row for d in rivals if d["name"] == name and d["bytes"] == found["bytes"] for row in d["formats"] if "bytes" in row]
    rows = {row["format"]: row for row in found["formats"] + extra}
    # Where all records are one batch, larger ones were not tried.
    for level in ("fast", "default", "small"):
        rows.setdefault(f"fidelog {level}, batches of 100,000", rows[f"fidelog {level}, batches of 10,000"])
    return found, rows


OURS = "fidelog "
SIZES = [
    ("fidelog small, batches of 100,000", "Fidelog, small"),
    ("fidelog default, batches of 100,000", "Fidelog, default"),
    ("fidelog fast, batches of 100,000", "Fidelog, fast"),
    ("OpenZL, columns by hand", "OpenZL, columns by hand *"),
    ("typed Parquet, zstd 19", "typed Parquet, zstd 19 †"),
    ("CLP-S, level 19", "CLP-S, level 19 *"),
    ("xz 9e", "xz -9e"),
    ("brotli 11", "brotli 11"),
    ("zstd 19", "zstd -19"),
    ("zstd 3", "zstd -3"),
    ("zlib 6 (gzip)", "gzip -6"),
]


def sizes(results):
    found, rows = data_of(results, "sample")
    shown = [(label, rows[key]["bytes"] / found["bytes"] * 100, key) for key, label in SIZES if key in rows]
    widest = max(share for _, share, _ in shown)
    body = [text(16, 26, f"{found['records']:,} game-API logs, in percent of their {found['bytes'] / 1e6:.0f} MB of JSON", "title")]
    for i, (label, share, key) in enumerate(shown):
        y = 46 + i * 27
        width = share / widest * 470
        body += [text(190, y + 14, label, anchor="end"),
                 f'<rect x="200" y="{y}" width="{width:.1f}" height="19" rx="2" class="{"ours" if OURS in key else "theirs"}"/>',
                 text(206 + width, y + 14, f"{share:.1f} %")]
    y = 46 + len(shown) * 27 + 18
    body += [text(16, y, "* keeps the values, not the text: key order, white space or spelling of a record do not come back", "small"),
             text(16, y + 16, "† Fidelog's columns and skeletons as a Parquet file, each column in its smallest encoding", "small")]
    return svg(760, y + 30, "Bytes stored by format", "\n".join(body))


POINTS = {
    "fidelog fast, batches of 100,000": "fast", "fidelog default, batches of 100,000": "default",
    "fidelog small, batches of 100,000": "small", "typed Parquet, zstd 3": "Parquet zstd 3 †",
    "typed Parquet, zstd 19": "Parquet zstd 19 †", "CLP-S, level 3": "CLP-S 3 *", "CLP-S, level 19": "CLP-S 19 *",
    "zstd 1": "zstd 1", "zstd 3": "zstd 3", "zstd 19": "zstd 19", "brotli 5": "brotli 5", "brotli 11": "brotli 11",
    "xz 9e": "xz 9e", "zlib 6 (gzip)": "gzip",
}


def panel(left, title, points):
    """Points at (smaller than gzip by, faster than gzip by): speed on a logarithmic scale."""
    top, width, height = 78, 350, 300
    most = math.ceil(max(x for x, _, _, _ in points) * 2) / 2
    low = math.floor(min(math.log10(y) for _, y, _, _ in points))
    high = max(1, math.ceil(max(math.log10(y) for _, y, _, _ in points)))
    at_x = lambda x: left + x / most * width
    at_y = lambda y: top + height - (math.log10(y) - low) / (high - low) * height
    body = [text(left, top - 14, title, "title")]
    for power in range(low, high + 1):
        y = at_y(10**power)
        body += [f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" class="line"/>',
                 text(left - 6, y + 4, f"{10.0**power:g}×", "small", "end")]
    for x in range(int(most) + 1):
        body += [f'<line x1="{at_x(x):.1f}" x2="{at_x(x):.1f}" y1="{top}" y2="{top + height}" class="line"/>',
                 text(at_x(x), top + height + 16, f"{x}×", "small", "middle")]
    # Boxes that a label must not meet: the points, then the labels that are there.
    taken = [(at_x(x) - 6, at_y(y) - 6, 12, 12) for x, y, _, _ in points]
    for x, y, label, ours in sorted(points, key=lambda point: -point[0]):
        px, py, wide = at_x(x), at_y(y), len(label) * (7.2 if ours else 6.2)
        body.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{6 if ours else 4.5}" class="{"ours" if ours else "theirs"}"/>')
        places = [(px + 9, py - 7), (px - 9 - wide, py - 7), (px - wide / 2, py - 22), (px - wide / 2, py + 8),
                  (px + 6, py - 19), (px - 6 - wide, py + 5), (px + 6, py + 5), (px - 6 - wide, py - 19)]
        fits = [(lx, ly) for lx, ly in places if left <= lx and lx + wide <= left + width + 8 and
                not any(lx < ox + ow and ox < lx + wide and ly < oy + oh and oy < ly + 14 for ox, oy, ow, oh in taken)]
        lx, ly = (fits or places)[0]
        taken.append((lx, ly, wide, 14))
        body.append(text(lx, ly + 11, label, "" if ours else "small"))
    body.append(text(left + width, top + height + 32, "smaller than gzip →", "small", "end"))
    return body


def speeds(results):
    found, rows = data_of(results, "sample")
    zlib = rows["zlib 6 (gzip)"]

    def points(measure):
        return [(zlib["bytes"] / row["bytes"], row[measure] / zlib[measure], label, OURS in key)
                for key, label in POINTS.items() if (row := rows.get(key)) and row.get(measure)]

    body = [text(16, 26, f"Size and speed beside gzip -6, {found['bytes'] / 1e6:.0f} MB of game-API logs, one processor", "title")]
    body += panel(54, "writing", points("encode_mb_s"))
    body += panel(484, "reading, to the exact bytes", points("decode_mb_s"))
    body += [text(16, 436, "† Fidelog's columns and skeletons as a Parquet file; written from columns in memory, the others start from JSON", "small"),
             text(16, 452, "* CLP-S starts a process, reads and writes files, and gives equal JSON back, not the same bytes", "small")]
    return svg(880, 464, "Size and speed by format", "\n".join(body))


def still(printed):
    """The terminal after `make demo`, paths shortened."""
    lines = re.sub(r"/tmp/fidelog-demo-\w+", "demo", printed.rstrip()).splitlines()
    lines = ["$ make demo", ""] + [line if len(line) <= 112 else line[:111] + "…" for line in lines]
    body = [f'<rect x="0.5" y="0.5" width="879" height="{len(lines) * 17 + 25}" rx="6" class="box"/>']
    for i, line in enumerate(lines):
        if line.strip():
            kind = "mono ours" if line.strip().startswith("$") or "byte-identical" in line or "byte for byte" in line else "mono"
            body.append(f'<text x="16" y="{26 + i * 17}" class="{kind}" xml:space="preserve">{escape(line)}</text>')
    return svg(880, len(lines) * 17 + 26, "make demo in a terminal", "\n".join(body))


SHAPES = {
    "sample": "game-API logs", "audit": "nested cloud API events", "web": "access logs", "siem": "many shapes in one stream",
    "device": "JSON in strings, floats", "pipeline": "hundreds of rare paths", "container": "free text",
}


def ratios_table(results):
    keys = ["zlib 6 (gzip)", "zstd 19", "xz 9e", "brotli 11", "CLP-S, level 19", "OpenZL, columns by hand", "typed Parquet, zstd 19",
            "fidelog fast, batches of 100,000", "fidelog default, batches of 100,000", "fidelog small, batches of 100,000"]
    names = ["gzip -6", "zstd -19", "xz -9e", "brotli 11", "CLP-S 19 *", "OpenZL *", "Parquet, zstd 19 †", "`fast`", "`default`", "`small`"]
    out = ["| JSON bytes for each byte stored | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for name, what in SHAPES.items():
        _, rows = data_of(results, name)
        cells = [f"{rows[key]['ratio']:.1f}" if key in rows else "–" for key in keys]
        # The best that gives the bytes back, in bold.
        best = max(float(cell) for cell, label in zip(cells, names) if cell != "–" and "*" not in label)
        cells = [f"**{cell}**" if cell != "–" and float(cell) == best and "*" not in label else cell for cell, label in zip(cells, names)]
        out.append(f"| {name}: {what} | " + " | ".join(cells) + " |")
    return out


def speed_line(results):
    """How fast the levels are on all data, as a sentence."""
    spans = []
    for level in ("fast", "default", "small"):
        times = {"encode_mb_s": [], "decode_mb_s": []}
        for name in SHAPES:
            _, rows = data_of(results, name)
            for measure, found in times.items():
                found.append(rows[f"fidelog {level}, batches of 100,000"][measure] / rows["zlib 6 (gzip)"][measure])
        written, read = (f"{min(found):.2g} to {max(found):.2g}" for found in times.values())
        spans.append(f"`{level}` is written at {written} times its speed and read, to the bytes, at {read}")
    return ["", f"Beside zlib's level 6, on one processor: {'; '.join(spans)}."]


def speed_table(results):
    found, rows = data_of(results, "sample")
    zlib = rows["zlib 6 (gzip)"]
    names = {"zlib 6 (gzip)": "gzip -6 (zlib)", "zstd 3": "zstd -3", "zstd 19": "zstd -19", "xz 9e": "xz -9e", "CLP-S, level 3": "CLP-S, level 3 *",
             "typed Parquet, zstd 3": "typed Parquet, zstd 3 †", "fidelog fast, batches of 100,000": "`fast`",
             "fidelog default, batches of 100,000": "`default`", "fidelog small, batches of 100,000": "`small`"}
    out = ["| times gzip -6 | smaller | written | read to the bytes | to columns | one column |", "|---|---|---|---|---|---|"]
    for key, name in names.items():
        if not (row := rows.get(key)):
            continue
        of = lambda measure, base: f"{row[measure] / zlib[base]:.2f}" if row.get(measure) else "–"
        out.append(f"| {name} | {zlib['bytes'] / row['bytes']:.2f} | {of('encode_mb_s', 'encode_mb_s')} | {of('decode_mb_s', 'decode_mb_s')} | "
                   f"{of('columns_mb_s', 'decode_mb_s')} | {of('one_column_mb_s', 'decode_mb_s')} |")
    return out


def batch_table(results):
    """Of the sample that is long enough for the largest batches."""
    found = max(results["parts"]["codec"]["data"], key=lambda data: len(data["batches"]))
    names = list(found["batches"][0]["ratio"])
    out = ["| records in a batch | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    return out + [f"| {row['records']:,} | " + " | ".join(f"{row['ratio'][name]:.1f}" for name in names) + " |" for row in found["batches"]]


def other_parts(results):
    """What the parts print that have no table. A part that was run again, alone, says when (`run`)."""
    titles = {"wasm": "scripts/bench-wasm.sh", "python": "scripts/bench-python.sh", "write": "scripts/bench-write.sh", "read": "scripts/bench-read.sh"}
    found = [(title, results["parts"][part]) for part, title in titles.items() if part in results["parts"]]
    printed = [[title + (f" ({part['run']})" if "run" in part else ""), *part["lines"], ""] for title, part in found]
    return ["```text", *[line.rstrip() for lines in printed for line in lines][:-1], "```"]


def demo_table(printed):
    weighs = re.findall(r"^  (\S.*?)  +([\d,]+) bytes +([\d.]+) %$", printed, re.M)
    return ["| | bytes | of the input |", "|---|---|---|"] + [f"| {name} | {size} | {share} % |" for name, size, share in weighs]


def machine_line(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(
        {**machine["versions"], **{k: v for k, v in results["parts"].get("rivals", {}).get("versions", {}).items() if v}}.items()))
    return [f"`{results['command']}` ({machine['command']}) on {results['date']}, commit {machine['commit']}: {machine['processor']}, "
            f"{machine['processors']} processors, {machine['system']}, {machine['rustc']}. {versions}."]


def filled(page, tables):
    """The page with each table between its markers."""
    for name, lines in tables.items():
        start, end = f"<!-- {name}: `make pictures` writes this -->", f"<!-- {name} ends -->"
        if page.count(start) != 1 or page.count(end) != 1:
            raise SystemExit(f"a page has no place for the table {name}: {start} … {end}")
        before, rest = page.split(start)
        page = before + start + "\n" + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1]
    return page


def main(check=None):
    docs = pathlib.Path("docs")
    newest = max(docs.glob("bench/????-??-??.json"))
    results = json.loads(newest.read_text())
    printed, cost = (docs / "bench/demo.txt").read_text(), (docs / "bench/cost.txt").read_text()
    readme, benchmarks = pathlib.Path("README.md"), docs / "benchmarks.md"
    files = {
        docs / "pictures/sizes.svg": sizes(results),
        docs / "pictures/speeds.svg": speeds(results),
        docs / "pictures/demo.svg": still(printed),
        readme: filled(readme.read_text(), {
            "demo": demo_table(printed), "ratios": ratios_table(results) + speed_line(results), "cost": ["```text", *cost.rstrip().splitlines(), "```"]}),
        benchmarks: filled(benchmarks.read_text(), {
            "machine": machine_line(results), "speeds": speed_table(results), "batches": batch_table(results),
            "parts": other_parts(results)}),
    }
    stale = [str(path) for path, content in files.items() if not path.exists() or path.read_text() != content]
    if check:
        raise SystemExit(f"out of date, run `make pictures`: {', '.join(stale)}" if stale else 0)
    for path, content in files.items():
        path.write_text(content)
    print(f"from {newest}: {', '.join(str(path) for path in files)}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
