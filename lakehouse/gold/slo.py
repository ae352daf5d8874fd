"""Attempts and misses of a service level objective per hour."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.gold.latency import GAMMA


def error_misses(usage: DataFrame, since: Column, only: Mapping[str, str]) -> DataFrame:
    """Failed attempts of all, per hour, from gold.usage_hourly."""
    return _hourly(usage, since, only, F.sum("error_count"))


def latency_misses(
    histogram: DataFrame, since: Column, only: Mapping[str, str], metric: str, limit_ms: float
) -> DataFrame:
    """Answers slower than the limit, per hour, from gold.latency_histogram_hourly; exact to the 1 % of its buckets."""
    last = math.ceil(math.log(limit_ms) / math.log(GAMMA))
    late = F.sum(F.when(F.col("bucket") > last, F.col("request_count")).otherwise(0))
    return _hourly(histogram.where(F.col("metric") == metric), since, only, late)


def _hourly(rows: DataFrame, since: Column, only: Mapping[str, str], bad: Column) -> DataFrame:
    for name, value in only.items():
        rows = rows.where(F.col(name) == value)
    timed = rows.where(F.col("hour_at") >= since)
    return timed.groupBy("hour_at").agg(bad.alias("bad"), F.sum("request_count").alias("total"))
