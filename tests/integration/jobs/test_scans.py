"""How often a gate reads the rows that it judges: by Spark's own count of the records that its stages read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.aggregate import accept_rebuilt, rebuild_touched
from jobs.context import JobContext
from jobs.gates.bronze import judge_arrived
from jobs.gates.silver import judge_staged
from jobs.ingest import ingest
from jobs.refine import publish_judged, stage_pending
from tests.support.source import Database, rows_of, table_source

pytestmark = pytest.mark.classic  # Spark Connect does not tell what its stages read
ROWS = 20_000
COLUMNS = {"started_at": "at", "output_tokens": "tokens", "duration_ms": "ms", "response_model": "model"}


@pytest.fixture(scope="module")
def context(make_database: Callable[[], Database], open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A lakehouse that has read many rows of few hours, so that a table's own log hardly counts."""
    database = make_database()
    at = "TIMESTAMPTZ '2025-06-03 10:00+00' + i * INTERVAL '1 second'"
    database.run("CREATE TABLE calls (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens BIGINT, ms FLOAT8, model TEXT)")
    values = f"'r' || i, {at}, i % 900, 100 + i % 9000, 'gpt-4o'"
    database.run(f"INSERT INTO calls SELECT {values} FROM generate_series(1, {ROWS}) i")
    opened = open_lakehouse((table_source(database, "calls", columns=COLUMNS),))
    ingest(opened)
    return opened


def scans(spark: SparkSession, work: Callable[[], object], rows: int = ROWS) -> float:
    """Records that the stages of some work read, by rows."""
    context = spark.sparkContext._jsc.sc()
    seen = _records(context)
    work()
    found = _records(context)
    return sum(records for stage, records in found.items() if stage not in seen) / rows


def _records(context: Any) -> dict[tuple[int, int], int]:
    context.listenerBus().waitUntilEmpty()
    store = context.statusStore()
    defaults = [getattr(store, f"stageList$default${place}")() for place in (4, 5)]
    stages = store.stageList(None, False, False, *defaults)
    every = [stages.apply(i) for i in range(stages.size())]
    return {(stage.stageId(), stage.attemptId()): stage.inputRecords() for stage in every}


def test_no_gate_reads_its_rows_more_than_twice(context: JobContext) -> None:
    """Bronze reads envelopes once; silver judges what the staging write counted; gold reads silver once."""
    spark = context.spark
    assert 1 <= scans(spark, lambda: judge_arrived(context)) <= 2
    staged = scans(spark, lambda: stage_pending(context))
    assert 1 <= staged <= 2, "staging, rules and counts are one pass over bronze"
    assert scans(spark, lambda: judge_staged(context)) < 0.1
    publish_judged(context)
    rebuild_touched(context)
    gold = rows_of(context, "SELECT count(*) FROM gold.latency_histogram_hourly")[0][0] / ROWS
    assert 1 <= scans(spark, lambda: accept_rebuilt(context)) <= 2 + 2 * gold
