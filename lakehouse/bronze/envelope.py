"""Puts the envelope around rows as they arrive; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SEPARATOR, NULL = "\x1f", "\x00"


def envelope(rows: DataFrame, columns: Sequence[str], source: str, batch_id: int, ingested_at: datetime) -> DataFrame:
    """Add `tables.bronze.ENVELOPE` to rows as `Relation.rows_sql` gives them.

    Args:
        rows: Selected columns with _source_key, _event_us and _source_xmin; one row per source row.
        columns: Names of the selected columns; the hash covers these.
        source: Name of the source.
        batch_id: Batch that reads them.
        ingested_at: When that batch began, UTC.
    """
    return rows.select(
        *[F.col(f"`{name}`") for name in columns],
        F.lit(source).alias("_source"),
        "_source_key",
        F.timestamp_micros("_event_us").alias("_event_at"),
        F.lit(batch_id).cast("bigint").alias("_batch_id"),
        F.lit(ingested_at).alias("_ingested_at"),
        record_hash(columns).alias("_record_hash"),
        "_source_xmin",
    )


def record_hash(columns: Sequence[str]) -> Column:
    """SHA-256 over the columns' text, nulls told from empty texts."""
    texts = [F.coalesce(F.col(f"`{name}`").cast("string"), F.lit(NULL)) for name in columns]
    return F.sha2(F.concat_ws(SEPARATOR, *texts), 256)


def checksum() -> Column:
    """Aggregate equal to the source's own checksum, `Relation.check_sql`, over enveloped rows."""
    parts = (F.col("_source_key"), F.unix_micros("_event_at"), F.col("_source_xmin"))
    text = F.concat_ws("|", *[F.coalesce(part.cast("string"), F.lit("")) for part in parts])
    sixty_bits = F.conv(F.substring(F.md5(text), 1, 15), 16, 10)
    return F.coalesce(F.sum(sixty_bits.cast("decimal(38,0)")), F.lit(0)).cast("string")
