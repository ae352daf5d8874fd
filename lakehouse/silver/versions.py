"""Which of several versions of a row stands; pure."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

# A total order, so that every engine and every replay choose the same version.
NEWEST_FIRST = (F.desc, ("batch_id", "record_hash"))


def repeated(keys: DataFrame) -> DataFrame:
    """Keys that stand more than once: one row per interaction_id. Narrow, so that wide rows need no shuffle."""
    return keys.groupBy("interaction_id").agg(F.count(F.lit(1)).alias("n")).where("n > 1").select("interaction_id")


def newest(rows: DataFrame) -> DataFrame:
    """Rank the versions of each key: adds `version_rank`, 1 for the one that stands, and that one's batch and hash."""
    direction, columns = NEWEST_FIRST
    order = Window.partitionBy("interaction_id").orderBy(*[direction(name) for name in columns])
    ranked = rows.withColumn("version_rank", F.row_number().over(order))
    standing = {
        f"standing_{name}": F.first(column).over(order)
        for name, column in (("batch_id", "batch_id"), ("hash", "record_hash"))
    }
    return ranked.withColumns(standing)
