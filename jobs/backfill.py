"""`observatory backfill`: ingest, refine and aggregate over a window again."""

from __future__ import annotations

from datetime import UTC, datetime

from jobs.aggregate import aggregate, rebuild
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.refine import refine
from lakehouse.errors import ConfigurationError
from lakehouse.gold.windows import Touched
from lakehouse.window import TimeWindow


def backfill(context: JobContext, start: datetime, end: datetime, sources: list[str] | None = None) -> None:
    """Read the window ``[start, end)`` of the sources again and rebuild its gold.

    Rows that bronze has already are not appended again, so a second backfill changes no row.

    Args:
        context: The run.
        start: UTC.
        end: UTC, exclusive.
        sources: Names; all configured ones by default.

    Raises:
        ConfigurationError: The window is empty.
    """
    if start >= end:
        raise ConfigurationError(f"backfill: --start {start} must lie before --end {end}")
    window = TimeWindow(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    ingest(context, sources, window)
    refine(context)
    aggregate(context)
    rebuild(context, Touched((window.hours(),), (), False))
