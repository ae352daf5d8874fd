"""Synthetic LiteLLM traffic; every row says that it is synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa

from jobs.simulate.render import table
from jobs.simulate.requests import draw_requests
from jobs.simulate.schedule import make_plan

START = datetime(2025, 6, 2, tzinfo=UTC)  # a Monday: the ServeGen profile's day 0
DAYS = 14
CHUNK_ROWS = 100_000


def generate(
    rows: int, seed: int, start: datetime = START, days: int = DAYS, chunk_rows: int = CHUNK_ROWS
) -> Iterator[pa.Table]:
    """Make `rows` rows of LiteLLM's SpendLogs, in order of their start.

    The same arguments give the same rows on every run, whatever `chunk_rows` is. Volume over time, burstiness and token
    counts follow ``shapes.json``; models, prices, speeds and failures follow ``catalogue.py``.

    Args:
        rows: Rows in all; spread over `days` days.
        seed: Seed; part of every request_id, so that rows of different seeds live side by side.
        start: Start of the first day, with a time zone.
        days: Days to spread over.
        chunk_rows: Rows of a chunk at most, except that a chunk holds at least one 10-minute slot.

    Yields:
        Tables with LiteLLM's columns; JSON as text, times as UTC without zone.

    Raises:
        ConfigurationError: A number is out of range or `start` has no time zone.
    """
    plan = make_plan(rows, seed, start, days)
    for slots in plan.chunks(chunk_rows):
        yield table(draw_requests(plan, slots))
