"""Hourly series per model for the detector: sums and quantiles, reduced from gold."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from lakehouse.analyses.intervals import LEAST_BEYOND
from lakehouse.gold.latency import GAMMA, ZERO_BUCKET
from lakehouse.gold.mix import MODEL

QUANTILES = {"duration_p50": 0.5, "duration_p95": 0.95}


def hourly(usage: DataFrame, since: Column) -> DataFrame:
    """Attempts, failures and cost per model and hour from `since` on."""
    rows = usage.where(F.col("hour_at").isNotNull() & (F.col("event_date") >= since))
    return rows.groupBy(*MODEL, "hour_at").agg(
        F.sum("request_count").alias("request_count"),
        F.sum("error_count").alias("error_count"),
        F.sum("cost_usd").cast("double").alias("cost_usd"),
    )


def hourly_quantiles(histogram: DataFrame, since: Column) -> DataFrame:
    """Quantiles of duration_ms per model and hour, null where fewer than ten attempts lie beyond."""
    timed = histogram.where(
        F.col("hour_at").isNotNull() & (F.col("event_date") >= since) & (F.col("metric") == "duration_ms")
    )
    buckets = timed.groupBy(*MODEL, "hour_at", "bucket").agg(F.sum("request_count").alias("n"))
    whole = Window.partitionBy(*MODEL, "hour_at")
    ranked = buckets.select(
        *MODEL, "hour_at", _value().alias("value"),
        F.sum("n").over(whole.orderBy("bucket")).alias("upto"), F.sum("n").over(whole).alias("total"),
    )  # fmt: skip
    return ranked.groupBy(*MODEL, "hour_at").agg(*[_quantile(q).alias(name) for name, q in QUANTILES.items()])


def _value() -> Column:
    middle = 2 * F.pow(F.lit(GAMMA), F.col("bucket")) / (GAMMA + 1)
    return F.when(F.col("bucket") == ZERO_BUCKET, F.lit(0.0)).otherwise(middle)


def _quantile(q: float) -> Column:
    reached = F.min(F.when(F.col("upto") >= F.col("total") * q, F.col("value")))
    return F.when(F.max("total") * (1 - q) >= LEAST_BEYOND - 1e-9, reached)
