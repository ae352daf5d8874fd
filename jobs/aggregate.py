"""Task aggregate: rebuilds the gold windows that new, changed or superseded rows touch."""

from __future__ import annotations

import json

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from jobs.gates.gold import judge_rebuilt
from lakehouse.gold.errors import error_hourly
from lakehouse.gold.latency import latency_histogram_hourly
from lakehouse.gold.usage import usage_hourly
from lakehouse.gold.windows import Touched, touched, with_hour
from lakehouse.io.write import replace_windows, version
from lakehouse.tables import gold

SILVER = "silver.llm_interactions"
GOLD = ((gold.USAGE, usage_hourly), (gold.LATENCY, latency_histogram_hourly), (gold.ERRORS, error_hourly))


def aggregate(context: JobContext) -> int:
    """Rebuild what the refined batches touch, and judge it.

    Returns:
        Gold rows written.

    Raises:
        DataGateError: A critical rule failed; gold is what it was before.
    """
    written = rebuild_touched(context)
    accept_rebuilt(context)
    return written


def rebuild_touched(context: JobContext) -> int:
    """Rebuild what the refined batches touch; gives the gold rows written.

    Gold's versions are recorded first: a gate that fails, even after a broken run, takes gold back to them.
    """
    pending, windows = _pending(context)
    if not windows:
        context.tell("gold: nothing to rebuild")
        return 0
    if not _versions_before(context, pending):
        versions = {table.full_name: version(context.spark, table) for table, _ in GOLD}
        heads = [{"batch_id": b.batch_id, "source_name": b.source_name, "facts": json.dumps(versions)} for b in pending]
        batches.record(context, [head | {"state": "REBUILDING"} for head in heads])
    return rebuild(context, windows)


def accept_rebuilt(context: JobContext) -> None:
    """Judge what was rebuilt and record that it stands.

    Raises:
        DataGateError: A critical rule failed; gold is what it was before.
    """
    pending, windows = _pending(context)
    if not windows:
        context.tell("gate gold: nothing to judge")
        return
    judge_rebuilt(context, windows, _versions_before(context, pending))
    batches.advance(context, pending, "AGGREGATED")


def _pending(context: JobContext) -> tuple[list[Row], Touched]:
    pending = batches.in_state(context.spark, "REFINED", without="AGGREGATED")
    return pending, _touched(context, [b.batch_id for b in pending]) if pending else Touched((), (), False)


def _versions_before(context: JobContext, pending: list[Row]) -> dict[str, int]:
    """Gold's versions before the first rebuild of any of the batches, {} before it."""
    ids = [batch.batch_id for batch in pending]
    rebuilding = context.spark.table(batches.BATCH.full_name).where("state = 'REBUILDING'")
    first = rebuilding.where(F.col("batch_id").isin(ids)).orderBy("recorded_at").limit(1).collect()
    return dict(json.loads(first[0].facts)) if first else {}


def rebuild(context: JobContext, windows: Touched) -> int:
    """Recompute the given windows of every gold table from silver."""
    rows = context.spark.table(SILVER).where(windows.where("event_at"))
    written = 0
    for table, transform in GOLD:
        commit = replace_windows(transform(rows), table, windows.where("hour_at"))
        context.tell(f"{table.full_name}: {commit.rows:,} rows")
        written += commit.rows
    return written


def _touched(context: JobContext, ids: list[int]) -> Touched:
    """Windows of the rows that the batches brought, and of the versions that they superseded."""
    brought = context.spark.table(SILVER).where(F.col("batch_id").isin(ids))
    replaced = context.spark.table("silver.superseded").where(F.col("superseded_by_batch_id").isin(ids))
    rows = _windows(brought).unionByName(_windows(replaced)).distinct().collect()
    return touched((row.hour_at, row.event_date) for row in rows)


def _windows(rows: DataFrame) -> DataFrame:
    return with_hour(rows).select("hour_at", "event_date").distinct()
