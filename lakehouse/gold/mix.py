"""What comparisons of models read: histograms per stratum of a common mix, and outcomes per operation."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.tables.analyses import LATENCIES

MODELS = 24  # compared pairwise, by attempts: 276 pairs
MODEL = ("provider_name", "model_key")
MIX = ("operation_name", "input_token_band", "output_token_band", "is_stream")


def busiest(usage: DataFrame, since: Column, models: int = MODELS, least: int = 1) -> DataFrame:
    """Attempts and failures per operation of the models with most attempts.

    Args:
        usage: gold.usage_hourly.
        since: First date; rows without a date are in no period.
        models: How many.
        least: Attempts that a model needs.
    """
    recent = usage.where(F.col("event_date") >= since)
    counted = recent.groupBy(*MODEL, "operation_name").agg(
        F.sum("request_count").alias("request_count"), F.sum("error_count").alias("error_count")
    )
    totals = counted.groupBy(*MODEL).agg(F.sum("request_count").alias("total"))
    top = totals.where(F.col("total") >= least).orderBy(F.desc("total"), *MODEL).limit(models).drop("total")
    return of(counted, top)


def strata(histogram: DataFrame, since: Column, models: DataFrame) -> DataFrame:
    """Counts per model, metric, stratum and bucket.

    Times to the first token know nothing of the length of the answer, so they share one output band.

    Args:
        histogram: gold.latency_histogram_hourly.
        since: First date; rows without a date are in no period.
        models: Provider and model of those to compare.
    """
    recent = histogram.where((F.col("event_date") >= since) & F.col("metric").isin(*LATENCIES))
    band = F.when(F.col("metric") == "ttft_ms", "any").otherwise(F.col("output_token_band"))
    counted = recent.withColumn("output_token_band", band).groupBy(*MODEL, "metric", *MIX, "bucket")
    return of(counted.agg(F.sum("request_count").alias("request_count")), models.select(*MODEL).distinct())


def of(rows: DataFrame, models: DataFrame) -> DataFrame:
    """Keep the rows of these models, null-safe in the provider."""
    named = models.select(*[F.col(name).alias(f"_{name}") for name in MODEL])
    same = F.col("provider_name").eqNullSafe(F.col("_provider_name")) & (F.col("model_key") == F.col("_model_key"))
    return rows.join(named, same).drop(*named.columns)
