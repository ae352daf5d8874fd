"""A mapped table → canonical columns; pure."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.sources.columns import canonical, milliseconds
from lakehouse.tables.silver import INTERMEDIATE, MAPPED

TYPES = {column.name: column.type for column in MAPPED} | dict.fromkeys(INTERMEDIATE, "STRING")
# What a user may map, besides the columns themselves, to have errors classified.
MAPPED_TEXT = {"error_message_masked": "error_message"}


def map_interactions(bronze: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """See `Source.map_interactions`.

    Args:
        bronze: Bronze rows of the table.
        columns: Canonical column → source column or Spark SQL expression over bronze's columns.
    """
    raw = {MAPPED_TEXT.get(name, name): F.expr(expression) for name, expression in columns.items()}
    filled = {name: value.try_cast(TYPES[name]) for name, value in raw.items()}
    casts = {name: (value, filled[name]) for name, value in raw.items() if TYPES[name] != "STRING"}
    return canonical(bronze, filled | _derived(filled), casts)


def _derived(filled: Mapping[str, Column]) -> dict[str, Column]:
    """What follows from the mapped columns; a mapped value always comes first."""

    def get(name: str) -> Column:
        return filled.get(name, F.lit(None).cast(TYPES[name]))

    event = F.coalesce(get("started_at"), get("ended_at"))
    tokens = F.coalesce(get("input_tokens"), get("output_tokens"))
    failed = (get("http_status_code") >= 400) | get("error_type").isNotNull() | (F.trim(get("error_message")) != "")
    dated = F.when(get("event_date").isNotNull(), "date").otherwise("missing")
    derived = {
        "source_record_id": F.col("_source_key"),
        "event_date": F.to_date(event),
        "time_basis": F.when(event.isNotNull(), "event").otherwise(dated),
        "duration_ms": milliseconds(get("started_at"), get("ended_at")),
        "operation_name": F.lit("chat"),
        "token_basis": F.when(tokens.isNull(), "missing").otherwise("reported"),
        "status": F.when(failed, "error").otherwise("ok"),
        "gateway_cache_hit": F.lit(False),
        "is_synthetic": F.lit(False),
    }
    return {name: F.coalesce(get(name), value) for name, value in derived.items()}
