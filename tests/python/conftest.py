"""`make test` tries the same examples each time; `--hypothesis-profile=soak` many new ones."""

import os

import fidelog
import pytest
import server
from hypothesis import HealthCheck, settings

# Misfits, absent members, null against the empty text, a number beyond 64 bits, nested JSON, a line that is no JSON.
ODD = [
    b'{"game_id": 99999999999999999999999999, "gamer_id": "odd", "url": "", "method": null, "tableAndColumn": {"a": [1.0, "\\u00e9"]}}',
    b'{"method": "ODD", "game_id": 1E5, "url": "<b>&", "extra": [1, 2]}',
    b"not json \xff",
]

common = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("test", derandomize=True, max_examples=100, **common)
settings.register_profile("soak", max_examples=int(os.environ.get("HYPOTHESIS_CASES", "20000")), **common)
settings.load_profile("test")


@pytest.fixture(scope="session")
def records():
    """What the server of the tests holds: `server.sample`'s records, and odd ones."""
    return server.sample(100_000) + ODD


@pytest.fixture(scope="session")
def url(tmp_path_factory, records):
    """A server over `records`."""
    folder = server.store(tmp_path_factory.mktemp("store") / "logs", records)
    with server.serving(folder) as url:
        yield url


@pytest.fixture
def client(url):
    with fidelog.connect(url) as client:
        yield client


@pytest.fixture
def proxy(url):
    with server.proxy(url) as proxy:
        yield proxy
