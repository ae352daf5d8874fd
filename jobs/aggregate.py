"""Task aggregate: rebuilds the gold windows that new, changed or superseded rows touch."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.gold.errors import error_hourly
from lakehouse.gold.latency import latency_histogram_hourly
from lakehouse.gold.usage import usage_hourly
from lakehouse.gold.windows import Touched, touched, with_hour
from lakehouse.io.write import replace_windows
from lakehouse.tables import gold

SILVER = "silver.llm_interactions"
GOLD = ((gold.USAGE, usage_hourly), (gold.LATENCY, latency_histogram_hourly), (gold.ERRORS, error_hourly))


def aggregate(context: JobContext) -> int:
    """Rebuild what the refined batches touch.

    Returns:
        Gold rows written.
    """
    pending = batches.in_state(context.spark, "REFINED", without="AGGREGATED")
    windows = _touched(context, [batch.batch_id for batch in pending]) if pending else Touched((), (), False)
    if not windows:
        context.tell("gold: nothing to rebuild")
        return 0
    written = rebuild(context, windows)
    batches.advance(context, pending, "AGGREGATED")
    return written


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
