"""`observatory reconcile`: counts every closed hour at the source and in bronze again, after the fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.errors import ReconciliationError
from lakehouse.io.extract import Snapshot, open_snapshot
from lakehouse.sources.base import Source
from lakehouse.sources.files.source import FileSource
from lakehouse.sources.registry import AnySource
from lakehouse.window import TimeWindow, floor_hour

SHOWN = 5  # windows that a message names
Counts = Mapping[datetime, int]


@dataclass(frozen=True)
class Difference:
    """One hour, UTC, in which a source and bronze hold other numbers of keys."""

    hour: datetime
    source: int
    bronze: int

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%dT%H:%M} source {self.source:,}, bronze {self.bronze:,}"


def differences(source: Counts, bronze: Counts) -> list[Difference]:
    """Hours whose numbers differ, oldest first; an hour that one side lacks counts as 0."""
    pairs = (Difference(hour, source.get(hour, 0), bronze.get(hour, 0)) for hour in sorted({*source, *bronze}))
    return [pair for pair in pairs if pair.source != pair.bronze]


def reconcile(context: JobContext, names: list[str] | None = None) -> int:
    """Compare each source with bronze, by distinct keys per hour, as far as runs will not read again by themselves.

    An hour is closed when it lies before the newest event read minus the source's `overlap_minutes`. Keys that only
    bronze has were deleted at the source: that is told and no error, since bronze keeps them. A key that is lost and
    one that is deleted within the same hour cancel out.

    Args:
        context: The run.
        names: Sources; all configured ones by default.

    Returns:
        Hours compared.

    Raises:
        ReconciliationError: The source has keys that bronze lacks; the message says how to read them.
    """
    compared, missing = 0, []
    for source in context.sources(names):
        hours, lost = _reconcile_source(context, source)
        compared, missing = compared + hours, missing + lost
    if missing:
        raise ReconciliationError("; ".join(missing))
    return compared


def _reconcile_source(context: JobContext, source: AnySource) -> tuple[int, list[str]]:
    name = source.settings.name
    if isinstance(source, FileSource):
        context.tell(f"{name}: each file was counted and hashed when it was read; there is no later count to compare")
        return 0, []
    with open_snapshot(context.url(source), source) as snapshot:
        window = _closed(context, source, snapshot)
        if window is None:
            context.tell(f"{name}: no hour is closed yet")
            return 0, []
        theirs, ours = dict(snapshot.keys_per_hour(window)), _in_bronze(context, name, window)
    found = differences(theirs, ours)
    hours = len({*theirs, *ours})
    gone = [d for d in found if d.source < d.bronze]
    lost = [d for d in found if d.source > d.bronze]
    if gone:
        context.tell(f"{name}: {sum(d.bronze - d.source for d in gone):,} rows were deleted at the source since")
    context.tell(f"{name}: {hours:,} hours compared, {len(lost)} lack rows")
    return hours, [_message(name, lost)] if lost else []


def _closed(context: JobContext, source: Source, snapshot: Snapshot) -> TimeWindow | None:
    """Whole hours that were read, and that no run will read again."""
    watermark, _ = batches.reached(context.spark, source.settings.name)
    oldest = snapshot.bounds().oldest
    if watermark is None or oldest is None:
        return None
    end = floor_hour(watermark - timedelta(minutes=source.settings.overlap_minutes))
    since = source.settings.since
    start = max(floor_hour(oldest), since.astimezone(UTC)) if since else floor_hour(oldest)
    return TimeWindow(start, end) if start < end else None


def _in_bronze(context: JobContext, name: str, window: TimeWindow) -> dict[datetime, int]:
    at = F.col("_event_at")
    rows = context.spark.table(f"bronze.{name}").where((at >= F.lit(window.start)) & (at < F.lit(window.end)))
    counts = rows.groupBy(F.date_trunc("hour", at).alias("hour")).agg(F.count_distinct("_source_key").alias("keys"))
    return {row.hour.replace(tzinfo=UTC): row["keys"] for row in counts.collect()}


def _message(name: str, lost: list[Difference]) -> str:
    shown = "; ".join(map(str, lost[:SHOWN])) + (f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else "")
    window = f"--start {lost[0].hour:%Y-%m-%dT%H:%M:%S} --end {lost[-1].hour + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    return (
        f"{name}: {len(lost)} closed hours lack rows that the source has: {shown}; they came later than "
        f"overlap_minutes: read them by `observatory backfill {window} --source {name}` and raise overlap_minutes"
    )
