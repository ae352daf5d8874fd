"""Reads and writes the control table `ops.batch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.context import JobContext
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_all, last_note, merge_by_key, restore
from lakehouse.sources.base import Source
from lakehouse.tables import ops, table
from lakehouse.tables.model import Table

BATCH = table("ops.batch")


def next_batch_id(spark: SparkSession, now: datetime) -> int:
    """Give an id above every earlier one, even when the clock went back; microseconds since 1970."""
    highest = spark.table(BATCH.full_name).agg(F.max("batch_id")).collect()[0][0] or 0
    return max(int(highest) + 1, int(now.timestamp() * 1_000_000))


def record(context: JobContext, rows: Iterable[dict[str, Any]]) -> None:
    """Append rows to the control table in one commit; missing columns are null."""
    stamp = {"run_id": context.run_id, "recorded_at": context.now()}
    values = [tuple((stamp | row).get(name) for name in BATCH.column_names) for row in rows]
    if values:
        append_all(local_frame(context.spark, BATCH, values), BATCH)


def in_state(spark: SparkSession, state: str, without: str) -> list[Row]:
    """Batches that reached `state` but not yet the state `without`, oldest first."""
    batches = spark.table(BATCH.full_name)
    done = batches.where(F.col("state") == without).select("batch_id")
    pending = batches.where(F.col("state") == state).join(done, "batch_id", "left_anti").collect()
    return sorted(pending, key=lambda batch: int(batch.batch_id))  # few, and a shuffle less


def advance(context: JobContext, batches: list[Row], state: str) -> None:
    """Write that the batches reached `state`."""
    record(context, [{"batch_id": b.batch_id, "source_name": b.source_name, "state": state} for b in batches])


def of_source(spark: SparkSession, source: str) -> DataFrame:
    """Verified batches of one source."""
    return spark.table(BATCH.full_name).where((F.col("source_name") == source) & (F.col("state") == "VERIFIED"))


def reached(spark: SparkSession, source: str) -> tuple[datetime | None, datetime | None]:
    """How far a source was read.

    Returns:
        Newest event time of its incremental batches, times in the future left out; and the end of the last window of
        any batch, at or after which bronze has no row. None where there is none.
    """
    incremental = F.max(F.when(F.col("strategy") == "incremental", F.col("max_event_at")))
    row = of_source(spark, source).agg(incremental, F.max("window_to")).collect()[0]
    watermark, covered = (value.replace(tzinfo=UTC) if value else None for value in row)
    return watermark, covered


def take_back_unrecorded(context: JobContext, table: Table) -> None:
    """Undo an append that a killed run committed but never verified; what it read is read again."""
    note, at = last_note(context.spark, table)
    if "batch_id" not in note:
        return
    batches = context.spark.table(BATCH.full_name)
    if not batches.where(F.col("batch_id") == F.lit(note["batch_id"])).limit(1).collect():
        context.tell(f"{table.name}: batch {note['batch_id']} of a broken run was never verified: taken back")
        restore(context.spark, table, at - 1)


def describe_columns(context: JobContext, source: Source, found: Mapping[str, str]) -> None:
    """Write what fills each canonical column of a source, or why it stays null, where that changed."""
    filled = source.filled(found)
    stored = context.spark.table(ops.SOURCE_COLUMN.full_name).where(F.col("source_name") == source.settings.name)
    known = {tuple(row) for row in stored.select("canonical_column", "expression", "why_null").collect()}
    if known == {(f.column, f.expression, f.why_null) for f in filled}:
        return
    identity, now = (source.settings.name, source.settings.kind), context.now()
    values = [(*identity, f.column, f.expression, f.why_null, now) for f in filled]
    rows = local_frame(context.spark, ops.SOURCE_COLUMN, values)
    merge_by_key(rows, ops.SOURCE_COLUMN, "source.recorded_at > target.recorded_at")
