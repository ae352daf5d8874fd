"""Task aggregate: rebuilds the gold windows that new, changed or superseded rows touch."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import reduce

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
from lakehouse.tables.quality import BRONZE_ROW, DECISION

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
    else:
        judge_rebuilt(context, windows, _versions_before(context, pending))
    batches.advance(context, pending, "AGGREGATED")


def _pending(context: JobContext) -> tuple[list[Row], Touched]:
    pending = batches.in_state(context.spark, "REFINED", without="AGGREGATED")
    return pending, touched_by(context, pending) if pending else Touched((), (), False)


def _versions_before(context: JobContext, pending: list[Row]) -> dict[str, int]:
    """Gold's versions before the first rebuild of any of the batches, {} before it."""
    ids = [batch.batch_id for batch in pending]
    rebuilding = context.spark.table(batches.BATCH.full_name).where("state = 'REBUILDING'")
    first = rebuilding.where(F.col("batch_id").isin(ids)).orderBy("recorded_at").limit(1).collect()
    return dict(json.loads(first[0].facts)) if first else {}


def rebuild(context: JobContext, windows: Touched) -> int:
    """Recompute the given windows of every gold table from silver."""
    rows = context.spark.table(SILVER).where(windows.where("event_at"))
    where = windows.where("hour_at")
    with ThreadPoolExecutor(len(GOLD)) as pool:
        written = list(pool.map(lambda one: replace_windows(one[1](rows), one[0], where).rows, GOLD))
    for (table, _), count in zip(GOLD, written, strict=True):
        context.tell(f"{table.full_name}: {count:,} rows")
    return sum(written)


def touched_by(context: JobContext, pending: list[Row]) -> Touched:
    """Windows of the rows that the batches brought, and of the versions that they superseded."""
    ids = [batch.batch_id for batch in pending]
    brought, by = context.spark.table(SILVER), "superseded_by_batch_id"
    replaced = context.spark.table("silver.superseded")
    frames = [brought.where(F.col("batch_id").isin(ids)), replaced.where(F.col(by).isin(ids))]
    if releases := [batch.batch_id for batch in pending if batch.strategy == "release"]:
        # their rows keep the batch that read them, which tells their version
        freed = context.spark.table(DECISION.full_name).where(F.col("decision_id").isin(releases)).select(*BRONZE_ROW)
        frames.append(brought.join(freed, list(BRONZE_ROW), "left_semi"))
        frames.append(replaced.join(freed.withColumnRenamed("batch_id", by), ["source_name", by], "left_semi"))
    rows = reduce(DataFrame.unionByName, map(_windows, frames)).distinct().collect()
    return touched((row.hour_at, row.event_date) for row in rows)


def _windows(rows: DataFrame) -> DataFrame:
    return with_hour(rows).select("hour_at", "event_date").distinct()
