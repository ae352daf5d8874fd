"""gold.error_hourly."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.gold.windows import sum_ms_where, with_hour
from lakehouse.tables.columns import MONEY_SUM
from lakehouse.tables.gold import ERRORS


def error_hourly(interactions: DataFrame) -> DataFrame:
    """Count failed attempts per window, dimensions and class of error, with what they cost in money and time."""
    failed = with_hour(interactions).where(F.col("status") != "ok")
    return failed.groupBy(*ERRORS.key).agg(
        F.count(F.lit(1)).alias("request_count"),
        F.sum("cost_usd").cast(MONEY_SUM).alias("cost_usd"),
        sum_ms_where(F.lit(True), F.col("duration_ms")).alias("duration_sum_ms"),
    )
