"""Mapped rows of any source → rows of silver.llm_interactions, before pricing."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.silver.errors import error_origin, error_type
from lakehouse.silver.masking import masked
from lakehouse.tables.columns import ERROR_ORIGINS, ERROR_TYPES, OPERATIONS, SERVICE_TIERS, STATUSES, TIME_BASES
from lakehouse.tables.silver import MAPPED

MESSAGE_CHARS = 500
READ_CHARS = 8 * MESSAGE_CHARS  # masked before it is cut to the above: half a key looks like none
IN_AN_HOUR = ("event", "paired")


def interaction_id(source_name: Column, record_id: Column) -> Column:
    """Key of an interaction over all sources; null where the source's row has no key."""
    return F.when(record_id.isNotNull(), F.substring(F.sha2(F.concat_ws("\x1f", source_name, record_id), 256), 1, 32))


def llm_interactions(mapped: DataFrame, source_system: str) -> DataFrame:
    """Add identity, event time and error class.

    Grain: one row per bronze row. Columns: those of silver.llm_interactions that are neither priced nor judged yet, and
    the texts `input_messages` and `output_messages`.
    """
    failed = F.coalesce(F.col("status") != "ok", F.lit(True))
    text = F.concat_ws(" ", "error_class", "error_message")
    kind = F.coalesce(known("error_type", ERROR_TYPES), error_type(F.col("http_status_code"), text))
    event = F.coalesce("started_at", "ended_at")
    own = {
        "status": F.coalesce(known("status", STATUSES), F.lit("error")),
        "operation_name": F.coalesce(known("operation_name", OPERATIONS), F.lit("other")),
        "service_tier": known("service_tier", SERVICE_TIERS),
        "time_basis": F.coalesce(known("time_basis", TIME_BASES), F.lit("missing")),
        "error_type": F.when(failed, kind),
        "error_origin": F.when(failed, F.coalesce(known("error_origin", ERROR_ORIGINS), error_origin(kind, text))),
        "error_message_masked": F.when(failed, _message()),
    }
    columns = [own.get(column.name, F.col(column.name)).alias(column.name) for column in MAPPED]
    return mapped.select(
        interaction_id(F.col("_source"), F.col("source_record_id")).alias("interaction_id"),
        F.lit(source_system).alias("source_system"),
        F.col("_source").alias("source_name"),
        F.when(F.col("time_basis").isin(*IN_AN_HOUR), event).alias("event_at"),
        *columns,
        "cast_failures",
        F.col("_record_hash").alias("record_hash"),
        F.col("_batch_id").alias("batch_id"),
        F.col("_ingested_at").alias("ingested_at"),
        "input_messages",
        "output_messages",
    )


def _message() -> Column:
    return F.substring(masked(F.substring("error_message", 1, READ_CHARS)), 1, MESSAGE_CHARS)


def known(name: str, values: tuple[str, ...]) -> Column:
    """The column where it holds one of `values`, else null."""
    return F.when(F.col(name).isin(*values), F.col(name))
