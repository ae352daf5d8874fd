"""gold.cost_scenario."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.gold.windows import count_where, sum_where
from lakehouse.tables.columns import MONEY_SUM

GRAIN = ("event_date", "source_name", "provider_name", "model_key", "team_id", "app_name")


def cost_scenario(priced: DataFrame) -> DataFrame:
    """Sum what requests cost by two books.

    Args:
        priced: Interactions priced by the scenario's book, with the cost that silver has as `cost_fact_usd`.

    Sums compare attempts that both books price; what only the scenario's prices stands apart.
    """
    ours, fact = F.col("cost_usd"), F.col("cost_fact_usd")
    both = ours.isNotNull() & fact.isNotNull()
    return priced.groupBy(*GRAIN).agg(
        F.count(F.lit(1)).alias("request_count"),
        count_where(both).alias("priced_count"),
        sum_where(both, fact).cast(MONEY_SUM).alias("cost_usd"),
        sum_where(both, ours).cast(MONEY_SUM).alias("cost_scenario_usd"),
        sum_where(fact.isNull(), ours).cast(MONEY_SUM).alias("cost_only_scenario_usd"),
    )


def book_as_of(prices: DataFrame, at: object) -> DataFrame:
    """The price book as it stood at an instant, as if nothing had superseded it since."""
    stood = (F.col("recorded_at") <= F.lit(at)) & (
        F.col("superseded_at").isNull() | (F.col("superseded_at") > F.lit(at))
    )
    return prices.where(stood).withColumn("superseded_at", F.lit(None).cast("timestamp"))
