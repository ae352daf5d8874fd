"""Which bronze rows do not stand any more, and by which batch they were replaced; pure."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

FACTS = ("source_name", "source_record_id", "record_hash", "batch_id", "event_at", "event_date")


def within(ranked: DataFrame) -> DataFrame:
    """Rows of `versions.newest` that do not stand, as rows of silver.superseded without recorded_at."""
    equal = F.col("record_hash") == F.col("standing_hash")
    old = ranked.where("version_rank > 1")
    return old.select(*FACTS, F.col("standing_batch_id").alias("superseded_by_batch_id"), _reason(equal))


def against(candidates: DataFrame, standing: DataFrame) -> DataFrame:
    """Compare new versions with those in silver that have the same key.

    An equal version leaves the older one standing; otherwise the newer batch wins. A replayed version is no loser.

    Args:
        candidates: One row per key, new versions.
        standing: One row per key, silver's.

    Returns:
        One row per loser, as rows of silver.superseded without recorded_at.
    """
    new, old = candidates.alias("new"), standing.alias("old")
    pairs = new.join(old, F.col("new.interaction_id") == F.col("old.interaction_id"), "inner")
    pairs = pairs.where(F.col("new.batch_id") != F.col("old.batch_id"))
    equal = F.col("new.record_hash") == F.col("old.record_hash")
    new_wins = ~equal & (F.col("new.batch_id") > F.col("old.batch_id"))
    loser = [F.when(new_wins, F.col(f"old.{name}")).otherwise(F.col(f"new.{name}")).alias(name) for name in FACTS]
    winner = F.when(new_wins, F.col("new.batch_id")).otherwise(F.col("old.batch_id"))
    return pairs.select(*loser, winner.alias("superseded_by_batch_id"), _reason(equal))


def _reason(equal: Column) -> Column:
    return F.when(equal, "duplicate").otherwise("updated").alias("reason")
