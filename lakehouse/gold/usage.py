"""gold.usage_hourly."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.gold.windows import count_where, sum_ms_where, sum_where, with_hour
from lakehouse.tables.columns import COST_COMPONENTS, MONEY_SUM
from lakehouse.tables.gold import USAGE
from lakehouse.tables.struct import data_type


def usage_hourly(interactions: DataFrame) -> DataFrame:
    """Sum interactions per window and dimensions; see `tables.gold.USAGE` for every measure."""
    grouped = with_hour(interactions).groupBy(*USAGE.key)
    sums = grouped.agg(*[value.alias(name) for name, value in (_counts() | _tokens() | _money() | _times()).items()])
    return sums.select(*[F.col(c.name).cast(data_type(c.type)) for c in USAGE.columns])


def _ok() -> Column:
    return F.col("status") == "ok"


def _counts() -> dict[str, Column]:
    status = F.col("cost_status")
    return {
        "request_count": F.count(F.lit(1)),
        "error_count": count_where(~_ok()),
        "gateway_cache_hit_count": count_where(F.col("gateway_cache_hit")),
        "retry_count": F.coalesce(F.sum("retry_count"), F.lit(0)),
        "priced_count": count_where(status.isin("priced", "free")),
        "unpriced_count": count_where(status.isin("unpriced", "reported_only")),
        "no_usage_count": count_where(status == "no_usage"),
    }


def _tokens() -> dict[str, Column]:
    names = ("input_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "output_tokens")
    tokens = F.coalesce("input_tokens", F.lit(0)) + F.coalesce("output_tokens", F.lit(0))
    priced = F.col("cost_status").isin("priced", "free")
    sums = {name: F.sum(name) for name in (*names, "reasoning_output_tokens")}
    return sums | {"priced_tokens": F.coalesce(sum_where(priced, tokens), F.lit(0))}


def _money() -> dict[str, Column]:
    names = ["cost_usd", *(f"cost_{part}_usd" for part in COST_COMPONENTS), "cost_reported_usd"]
    both = F.col("cost_usd").isNotNull() & F.col("cost_reported_usd").isNotNull()
    sums = {name: F.sum(name) for name in names}
    sums |= {
        "cost_compared_usd": sum_where(both, "cost_usd"),
        "cost_reported_priced_usd": sum_where(both, "cost_reported_usd"),
    }
    return {name: value.cast(MONEY_SUM) for name, value in sums.items()}


def _times() -> dict[str, Column]:
    timed = _ok() & ~F.col("gateway_cache_hit") & F.col("duration_ms").isNotNull()
    streamed = timed & F.col("ttft_ms").isNotNull() & (F.col("output_tokens") > 1)
    return {
        "duration_sum_ms": sum_ms_where(timed, F.col("duration_ms")),
        "duration_count": count_where(timed),
        "generation_sum_ms": sum_ms_where(streamed, F.col("duration_ms") - F.col("ttft_ms")),
        "generation_tokens": sum_where(streamed, F.col("output_tokens") - 1),
        "timed_output_tokens": sum_where(timed, "output_tokens"),
    }
