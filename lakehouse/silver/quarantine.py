"""silver.quarantine."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.tables.silver import MAPPED


def quarantine(judged: DataFrame) -> DataFrame:
    """Held-back rows with the rules they broke, without recorded_at. Grain: one row per bronze row."""
    row = F.to_json(F.struct(*[column.name for column in MAPPED]))
    facts = ("source_name", "source_record_id", "record_hash", "batch_id", "failed_rules", "cast_failures")
    return judged.select(*facts, row.alias("row_json"), "ingested_at")
