"""Task ingest: new and changed rows of a source into bronze, window by window, each checked against the source."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, Observation
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.bronze.envelope import checksum, envelope
from lakehouse.errors import DataGateError, ReconciliationError
from lakehouse.io.catalog import provision_table
from lakehouse.io.extract import Snapshot, open_snapshot
from lakehouse.io.write import append_first, append_new, last_note, restore, version
from lakehouse.sources.base import Source
from lakehouse.tables.bronze import ENVELOPE, bronze_table
from lakehouse.tables.model import Table
from lakehouse.window import TimeWindow, pack

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Extraction:
    """One source being read: its snapshot, bronze table and how far earlier runs came."""

    context: JobContext
    source: Source
    snapshot: Snapshot
    table: Table
    watermark: datetime | None


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
    """
    return sum(_ingest_source(context, source, window) for source in context.sources(names))


def _ingest_source(context: JobContext, source: Source, only: TimeWindow | None) -> int:
    name = source.settings.name
    with open_snapshot(context.url(source), source) as snapshot:
        columns = tuple(selected.column for selected in snapshot.relation.selected)
        table = bronze_table(name, columns, snapshot.relation.name)
        provision_table(context.spark, context.settings, table)
        _check_types(context, table)
        _take_back_unrecorded(context, table)
        reached = batches.of_source(context.spark, name).agg(F.max("max_event_at")).collect()[0][0]
        watermark = reached.replace(tzinfo=UTC) if reached else None
        extraction = Extraction(context, source, snapshot, table, watermark)
        windows = [(only, snapshot.check(only)[0])] if only else _plan(extraction)
        return _read_windows(extraction, windows)


def _plan(extraction: Extraction) -> list[tuple[TimeWindow | None, int]]:
    """Windows to read with their rows: first those without event time, then from the watermark, oldest first."""
    settings, bounds = extraction.source.settings, extraction.snapshot.bounds()
    windows: list[tuple[TimeWindow | None, int]] = [(None, extraction.snapshot.check(None)[0])]
    if bounds.oldest is None or bounds.newest is None:
        return windows
    overlap = timedelta(minutes=settings.overlap_minutes)
    start = max(bounds.oldest, extraction.watermark - overlap) if extraction.watermark else bounds.oldest
    start = max(start, settings.since.astimezone(UTC)) if settings.since else start
    end = bounds.newest + MICROSECOND
    if start >= end:
        return windows
    slots = extraction.snapshot.slots(TimeWindow(start, end))
    slots = [(max(hour, start), rows) for hour, rows in slots]
    return windows + list(pack(slots, settings.window_rows, end))


def _read_windows(extraction: Extraction, windows: list[tuple[TimeWindow | None, int]]) -> int:
    """Read window after window; each is committed and recorded before the next begins."""
    total, seen, written, began = sum(rows for _, rows in windows), 0, 0, time.monotonic()
    for window, rows in windows:
        if rows:
            written += _read_window(extraction, window)
        seen += rows
        if seen and len(windows) > 2:
            left = (time.monotonic() - began) / seen * (total - seen)
            extraction.context.tell(f"{extraction.table.name}: {seen:,} of {total:,} rows, about {left:,.0f} s left")
    extraction.context.tell(f"{extraction.table.name}: {total:,} rows read, {written:,} new")
    return written


def _read_window(extraction: Extraction, window: TimeWindow | None) -> int:
    context, snapshot, table = extraction.context, extraction.snapshot, extraction.table
    count, expected = snapshot.check(window)
    if window is None and _unchanged(extraction, count, expected):
        return 0
    spark, now = context.spark, context.now()
    batch_id = batches.next_batch_id(spark, now)
    observed = Observation(f"batch_{batch_id}")
    rows = envelope(snapshot.read(spark, window), table.column_names[: -len(ENVELOPE)], table.name, batch_id, now)
    newest = F.max(F.when(F.col("_event_at") <= F.lit(now), F.col("_event_at"))).alias("newest")
    rows = rows.observe(observed, F.count(F.lit(1)).alias("rows"), checksum().alias("checksum"), newest)
    before, note = version(spark, table), {"batch_id": batch_id, "rows": count, "checksum": expected}
    if window and (extraction.watermark is None or window.start > extraction.watermark):
        commit = append_first(rows, table, note)
    else:
        commit = append_new(rows, table, ("_source_key", "_record_hash", "_source_xmin"), _near(window), note)
    read = observed.get
    if (read["rows"], read["checksum"]) != (count, expected):
        restore(spark, table, before)
        raise ReconciliationError(
            f"{table.name}: the source has {count} rows in {window or 'rows without time'}, {read['rows']} arrived "
            "(or other ones); the window was taken back: run again, and report it if it stays"
        )
    if commit.rows:
        facts = {
            "rows_source": count,
            "checksum_source": expected,
            "rows_read": count,
            "checksum_read": read["checksum"],
        }
        facts |= {"rows_written": commit.rows, "bronze_version": commit.version, "max_event_at": read["newest"]}
        facts |= {"window_from": window and window.start, "window_to": window and window.end}
        identity = {"batch_id": batch_id, "source_name": table.name, "state": "VERIFIED"}
        batches.record(context, [identity | facts | {"schema_fingerprint": snapshot.fingerprint}])
    return commit.rows


def _near(window: TimeWindow | None) -> Column:
    """Bronze rows that a row of the window could equal."""
    at = F.col("_event_at")
    return at.isNull() if window is None else (at >= F.lit(window.start)) & (at < F.lit(window.end))


def _unchanged(extraction: Extraction, count: int, checksum_source: str) -> bool:
    """Whether the rows without event time, which no watermark covers, are just those read last."""
    timeless = batches.of_source(extraction.context.spark, extraction.table.name).where("window_from IS NULL")
    last = timeless.orderBy(F.desc("batch_id")).limit(1).collect()
    return bool(last) and (last[0].rows_source, last[0].checksum_source) == (count, checksum_source)


def _check_types(context: JobContext, table: Table) -> None:
    """Stop before writing when a column changed its type at the source."""
    stored = {
        field.name: field.dataType.simpleString().upper() for field in context.spark.table(table.full_name).schema
    }
    changed = [
        f"{c.name} was {stored[c.name]}, is {c.type}" for c in table.columns if stored.get(c.name, c.type) != c.type
    ]
    if changed:
        raise DataGateError(
            f"{table.name}: columns changed their type at the source: {'; '.join(changed)}; nothing read"
        )


def _take_back_unrecorded(context: JobContext, table: Table) -> None:
    """Undo an append that a killed run committed but never verified; its window is read again."""
    note, at = last_note(context.spark, table)
    if "batch_id" not in note:
        return
    known = batches.of_source(context.spark, table.name).where(F.col("batch_id") == F.lit(note["batch_id"])).count()
    if not known:
        context.tell(f"{table.name}: batch {note['batch_id']} of a broken run was never verified: taken back")
        restore(context.spark, table, at - 1)
