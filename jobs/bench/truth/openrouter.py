"""OpenRouter's providers: median throughput, median latency and jitter, beside a published scoreboard of each day.

An endpoint counts once for each time it was captured on the day. Jitter is the median over endpoints of the 99th
percentile of latency by its median.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.bench.truth.frame import Check, Outcome, set_files, set_folder
from jobs.bench.truth.scratch import scratch_session
from lakehouse.errors import ConfigurationError

SET = "openrouter-pulse"
REACH = "median throughput, median latency and jitter exact, every provider on every day"
PUBLISHED = "published_provider_scoreboard_*.parquet"
FIGURES = ("n_endpoints", "median_throughput", "median_latency", "jitter_index")
DIGITS = 12  # of a quotient of doubles


def run(data: Path | None) -> Outcome:
    """Compute each day that has a scoreboard from the endpoints of that day."""
    boards = set_files(data, SET, PUBLISHED)
    endpoints = set_folder(data, SET, PUBLISHED) / "endpoint_perf_daily.parquet"
    if not endpoints.exists():
        raise ConfigurationError(f"the set {SET} lacks {endpoints.name}")
    checks: list[Check] = []
    with scratch_session() as spark:
        ours = {(r.snapshot_date, r.provider_name): r for r in scoreboard(spark.read.parquet(str(endpoints))).collect()}
        for board in boards:
            for row in spark.read.parquet(str(board)).orderBy("provider_name").collect():
                checks += _compare(row, ours.get((row.snapshot_date, row.provider_name)))
    return Outcome("openrouter", REACH, checks, bool(checks) and all(check.passed for check in checks))


def scoreboard(endpoints: DataFrame) -> DataFrame:
    """One row per day and provider.

    Args:
        endpoints: One row per captured endpoint: `snapshot_date`, `provider_name`, `p50_throughput` (tokens per
            second), `p50_latency` and `p99_latency` (ms), null where not measured.
    """
    jitter = F.when(F.col("p50_latency") > 0, F.col("p99_latency") / F.col("p50_latency"))
    return endpoints.groupBy("snapshot_date", "provider_name").agg(
        F.count(F.lit(1)).alias("n_endpoints"),
        F.percentile("p50_throughput", 0.5).alias("median_throughput"),
        F.percentile("p50_latency", 0.5).alias("median_latency"),
        F.percentile(jitter, 0.5).alias("jitter_index"),
    )


def _compare(published: Any, ours: Any) -> Iterator[Check]:  # noqa: ANN401
    for figure in FIGURES:
        expected, value = _known(published[figure]), _known(ours[figure]) if ours else None
        close = value is not None and expected is not None and math.isclose(value, expected, rel_tol=10.0**-DIGITS)
        is_exact = close or (ours is not None and value is None and expected is None)
        yield Check(f"{published.snapshot_date} {published.provider_name} {figure}", expected, value, is_exact)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
