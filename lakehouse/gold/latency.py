"""gold.latency_histogram_hourly: log buckets whose counts merge by addition.

DDSketch (Masson, Rim, Lee, VLDB 2019): bucket = ⌈log_γ x⌉ with γ = (1+α)/(1−α); the value 2γ^i/(γ+1) lies within
α = 1 % of every x in bucket i, so any quantile over any union of rows has at most 1 % relative error.
"""

from __future__ import annotations

import math

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.gold.windows import with_hour
from lakehouse.tables.gold import LATENCY

ALPHA = 0.01
GAMMA = (1 + ALPHA) / (1 - ALPHA)
ZERO_BUCKET = -100_000  # far below the bucket of any time a clock can tell apart
BANDS = (
    (65536, "65536+"),
    (16384, "16384-65535"),
    (4096, "4096-16383"),
    (1024, "1024-4095"),
    (256, "256-1023"),
    (1, "1-255"),
)


def bucket(value: Column) -> Column:
    """Log bucket of a latency; zero has one of its own, null and negatives have none."""
    logarithm = F.ceil(F.log(value) / F.lit(math.log(GAMMA))).cast("int")
    return F.when(value > 0, logarithm).when(value == 0, F.lit(ZERO_BUCKET))


def token_band(tokens: Column) -> Column:
    """Band of a token count; null is 'unknown'."""
    band = F.when(tokens.isNull(), "unknown")
    for low, name in BANDS:
        band = band.when(tokens >= low, name)
    return band.otherwise("0")


def latency_histogram_hourly(interactions: DataFrame) -> DataFrame:
    """Count attempts per window, dimensions, metric and bucket.

    Failures and answers from a gateway cache enter no latency of a model; failures have `time_to_failure_ms`.
    """
    buckets = {name: bucket(value) for name, value in _metrics().items()}
    stacked = ", ".join(f"'{name}', _{name}" for name in buckets)
    rows = with_hour(interactions).withColumns({f"_{name}": value for name, value in buckets.items()})
    bands = {f"{side}_token_band": token_band(F.col(f"{side}_tokens")) for side in ("input", "output")}
    rows = rows.withColumns(bands)
    kept = [name for name in LATENCY.key if name not in ("metric", "bucket")]
    long = rows.select(*kept, F.expr(f"stack({len(buckets)}, {stacked}) AS (metric, bucket)")).where(
        "bucket IS NOT NULL"
    )
    return long.groupBy(*LATENCY.key).agg(F.count(F.lit(1)).alias("request_count"))


def _metrics() -> dict[str, Column]:
    answered = (F.col("status") == "ok") & ~F.col("gateway_cache_hit")
    more = F.col("output_tokens") > 1
    per_token = (F.col("duration_ms") - F.col("ttft_ms")) / (F.col("output_tokens") - 1)
    return {
        "duration_ms": F.when(answered, F.col("duration_ms")),
        "ttft_ms": F.when(answered, F.col("ttft_ms")),
        "tpot_ms": F.when(answered & more, per_token),
        "time_to_failure_ms": F.when(F.col("status") != "ok", F.col("duration_ms")),
    }
