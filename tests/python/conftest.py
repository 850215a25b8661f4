"""`make test` tries the same examples each time; `--hypothesis-profile=soak` many new ones."""

import os

from hypothesis import HealthCheck, settings

common = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("test", derandomize=True, max_examples=100, **common)
settings.register_profile("soak", max_examples=int(os.environ.get("HYPOTHESIS_CASES", "20000")), **common)
settings.load_profile("test")
