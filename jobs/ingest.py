"""Task ingest: new and changed rows of a source into bronze, window by window, each checked against the source."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, Observation
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from jobs.landing import land
from jobs.retry import with_retries
from lakehouse.bronze.envelope import checksum, envelope
from lakehouse.errors import DataGateError, ReconciliationError
from lakehouse.io.catalog import provision_table
from lakehouse.io.extract import Snapshot, open_snapshot, while_reading
from lakehouse.io.write import append_first, append_new, restore, version
from lakehouse.sources.base import DatabaseSource
from lakehouse.sources.files.source import FileSource
from lakehouse.sources.registry import AnySource
from lakehouse.tables.bronze import ENVELOPE, bronze_table
from lakehouse.tables.model import Table
from lakehouse.window import TimeWindow, pack

MICROSECOND = timedelta(microseconds=1)
IDENTITY = ("_source_key", "_record_hash", "_source_xmin")  # what tells one version of a row from another


@dataclass(frozen=True)
class Extraction:
    """One source being read: its snapshot, bronze table and how far earlier runs came."""

    context: JobContext
    source: DatabaseSource
    snapshot: Snapshot
    table: Table
    watermark: datetime | None  # newest event time of incremental batches: what is new begins here
    covered: datetime | None  # end of the last window ever read: from here on no row can be in bronze already
    strategy: str


def ingest(context: JobContext, names: list[str] | None = None, window: TimeWindow | None = None) -> int:
    """Read what is new in each source.

    Args:
        context: The run.
        names: Sources; all configured ones by default.
        window: Read just this window again (backfill) instead of what is new.

    Returns:
        Rows appended to bronze.

    Raises:
        ReconciliationError: The source counted other rows than arrived; that window was taken back.
        DataGateError: A column's type differs from bronze's; nothing was written.
        TransientError: A source could not be reached, again and again; what was committed stays.
    """
    return sum(
        with_retries(lambda one=source: _ingest_source(context, one, window), context.tell)
        for source in context.sources(names)
    )


def _ingest_source(context: JobContext, source: AnySource, only: TimeWindow | None) -> int:
    if isinstance(source, FileSource):
        return land(context, source, again=bool(only))
    name, url = source.settings.name, context.url(source)
    if url.ignored:
        context.tell(f"{name}: ignored Prisma's URL parameters {', '.join(url.ignored)}")
    with open_snapshot(url, source) as snapshot:
        columns = tuple(selected.column for selected in snapshot.relation.selected)
        table = bronze_table(name, columns, snapshot.relation.name)
        provision_table(context.spark, context.settings, table)
        _check_types(context, table)
        batches.take_back_unrecorded(context, table)
        reached = batches.reached(context.spark, name)
        extraction = Extraction(context, source, snapshot, table, *reached, "backfill" if only else "incremental")
        batches.describe_columns(context, source, snapshot.found)
        windows = _packed(extraction, only) if only else plan(extraction)
        return _read_windows(extraction, windows)


def plan(extraction: Extraction) -> list[tuple[TimeWindow | None, int]]:
    """Windows to read with their rows: first those without event time, then from the watermark, oldest first."""
    settings, bounds = extraction.source.settings, extraction.snapshot.bounds()
    timeless: list[tuple[TimeWindow | None, int]] = [(None, extraction.snapshot.check(None)[0])]
    if bounds.oldest is None or bounds.newest is None:
        return timeless
    overlap = timedelta(minutes=settings.overlap_minutes)
    start = max(bounds.oldest, extraction.watermark - overlap) if extraction.watermark else bounds.oldest
    start = max(start, settings.since.astimezone(UTC)) if settings.since else start
    end = bounds.newest + MICROSECOND
    if start >= end:
        return timeless
    return timeless + _packed(extraction, TimeWindow(start, end))


def _packed(extraction: Extraction, window: TimeWindow) -> list[tuple[TimeWindow | None, int]]:
    """Cut a window into windows of about `window_rows` rows."""
    slots = [(max(hour, window.start), rows) for hour, rows in extraction.snapshot.slots(window)]
    return list(pack(slots, extraction.source.settings.window_rows, window.end))


def _read_windows(extraction: Extraction, windows: list[tuple[TimeWindow | None, int]]) -> int:
    """Read window after window; each is committed and recorded before the next begins."""
    context, name = extraction.context, extraction.table.name
    total, seen, written, began = sum(rows for _, rows in windows), 0, 0, time.monotonic()
    for window, rows in windows:
        if rows:
            written += _read_window(extraction, window)
        seen += rows
        if seen and len(windows) > 2:
            left = (time.monotonic() - began) / seen * (total - seen)
            context.tell(f"{name}: {seen:,} of {total:,} rows, about {left:,.0f} s left")
    context.tell(f"{name}: {total:,} rows in reach, {written:,} new")
    return written


def _read_window(extraction: Extraction, window: TimeWindow | None) -> int:
    """Append one window's new rows and verify that what arrived is what the source has; gives the new rows."""
    context, table = extraction.context, extraction.table
    count, expected = extraction.snapshot.check(window)
    if window is None and _is_unchanged(extraction, count, expected):
        return 0
    spark, now = context.spark, context.now()
    batch_id, before = batches.next_batch_id(spark, now), version(spark, table)
    observed = Observation(f"batch_{batch_id}")
    arriving = extraction.snapshot.read(spark, window)
    rows = envelope(arriving, table.column_names[: -len(ENVELOPE)], table.name, batch_id, now)
    newest = F.max(F.when(F.col("_event_at") <= F.lit(now), F.col("_event_at")))
    rows = rows.observe(observed, F.count(F.lit(1)).alias("rows"), checksum().alias("checksum"), newest.alias("newest"))
    note = {"batch_id": batch_id, "rows": count, "checksum": expected}
    is_first = window and (extraction.covered is None or window.start >= extraction.covered)
    with while_reading(table.name):
        commit = append_first(rows, table, note) if is_first else append_new(rows, table, IDENTITY, _near(window), note)
    read = observed.get
    if (read["rows"], read["checksum"]) != (count, expected):
        restore(spark, table, before)
        raise ReconciliationError(
            f"{table.name}: the source has {count} rows in {window or 'the rows without time'}, {read['rows']} arrived "
            "or others did; the window was taken back: run again, and report it if it stays"
        )
    if commit.rows:
        facts = {"rows_source": count, "checksum_source": expected, "rows_written": commit.rows}
        facts |= {"rows_read": read["rows"], "checksum_read": read["checksum"], "bronze_version": commit.version}
        facts |= {"window_from": window and window.start, "window_to": window and window.end}
        facts |= {"max_event_at": read["newest"], "schema_fingerprint": extraction.snapshot.fingerprint}
        facts |= {"batch_id": batch_id, "source_name": table.name, "strategy": extraction.strategy}
        batches.record(context, [facts | {"state": "VERIFIED"}])
    return commit.rows


def _near(window: TimeWindow | None) -> Column:
    """Bronze rows that a row of the window could equal."""
    at = F.col("_event_at")
    return at.isNull() if window is None else (at >= F.lit(window.start)) & (at < F.lit(window.end))


def _is_unchanged(extraction: Extraction, count: int, checksum_source: str) -> bool:
    """Whether the rows without event time, which no watermark covers, are just those read last.

    Without row versions the checksum does not see a row that changed in place.
    """
    if not extraction.snapshot.relation.has_xmin:
        return False
    timeless = batches.of_source(extraction.context.spark, extraction.table.name).where("window_from IS NULL")
    last = timeless.orderBy(F.desc("batch_id")).limit(1).collect()
    return bool(last) and (last[0].rows_source, last[0].checksum_source) == (count, checksum_source)


def _check_types(context: JobContext, table: Table) -> None:
    """Stop before writing when a column changed its type at the source."""
    schema = context.spark.table(table.full_name).schema
    stored = {field.name: field.dataType.simpleString().upper() for field in schema}
    pairs = [(column, stored.get(column.name, column.type)) for column in table.columns]
    if changed := [f"{column.name} was {was}, is {column.type}" for column, was in pairs if was != column.type]:
        raise DataGateError(f"{table.name}: columns changed type at the source: {'; '.join(changed)}; nothing was read")
