"""For every rule rows that break it and rows that just do not, a module a layer."""

from __future__ import annotations

from tests.support.rules import bronze, gold, silver
from tests.support.rules.model import Fixture

FIXTURES: dict[str, Fixture] = {
    fixture.suite.table: fixture
    for fixture in (bronze.BATCHES, bronze.ENVELOPES, silver.INTERACTIONS, gold.USAGE, gold.LATENCY, gold.ERRORS)
}
