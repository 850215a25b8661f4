"""Reads a table of sample records by Glue's entry and PyIceberg, and compares its rows with a file of records, byte for byte.

    python pyiceberg_reader.py DATABASE TABLE FILE
"""

import json
import os
import sys
from collections import Counter

import botocore.session
from pyiceberg.table import StaticTable

database, table, file = sys.argv[1:]
endpoint = os.environ["AWS_ENDPOINT_URL"]
glue = botocore.session.get_session().create_client(
    "glue", endpoint_url=endpoint, region_name=os.environ["AWS_REGION"]
)
entry = glue.get_table(DatabaseName=database, Name=table)["Table"]
assert entry["Parameters"]["table_type"].upper() == "ICEBERG", entry
properties = {
    "s3.endpoint": endpoint,
    "s3.access-key-id": os.environ["AWS_ACCESS_KEY_ID"],
    "s3.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
    "s3.region": os.environ["AWS_REGION"],
}
rows = StaticTable.from_metadata(entry["Parameters"]["metadata_location"], properties).scan().to_arrow()
assert rows["fidelog_skeleton"].null_count == rows.num_rows, "a sample's records are ordinary ones"

text = json.dumps


def record(game, gamer, time, url, method, columns):
    """The sample's spelling."""
    time = time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
    return (
        f'{{"game_id": {game}, "gamer_id": "{gamer.hex()}", "inDate": "{time}", "url": {text(url)}, '
        f'"method": {text(method)}, "tableAndColumn": {columns or "null"}}}'
    ).encode()


names = ["game_id", "gamer_id", "indate", "url", "method", "tableandcolumn"]
found = Counter(map(record, *(rows[name].to_pylist() for name in names)))
with open(file, "rb") as lines:
    sent = Counter(line.rstrip(b"\n") for line in lines)
missing, extra = (sent - found).total(), (found - sent).total()
print(json.dumps({"rows": rows.num_rows, "missing": missing, "extra": extra}))
