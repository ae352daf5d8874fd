"""Error texts with their values masked, counted: what the tree of templates is grown from."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.analyses.templates import BEFORE, MASKS, MESSAGE, RUN, VALUE

TEXTS = 20_000  # distinct masked texts that come together, the commonest ones


def masked_errors(interactions: DataFrame, since: Column, texts: int = TEXTS) -> DataFrame:
    """Count failures per masked text, with what they touched.

    Args:
        interactions: silver.llm_interactions.
        since: First date.
        texts: How many texts at most.
    """
    failed = interactions.where((F.col("event_date") >= since) & F.col("error_message_masked").isNotNull())
    counted = failed.groupBy(masked(unwrapped(F.col("error_message_masked"))).alias("text")).agg(
        F.count(F.lit(1)).alias("request_count"),
        F.min("error_message_masked").alias("example"),
        F.mode("error_type", True).alias("error_type"),
        F.sort_array(F.collect_set("provider_name")).alias("providers"),
        F.sort_array(F.collect_set("model_key")).alias("models"),
        F.min("event_at").alias("first_seen_at"),
        F.max("event_at").alias("last_seen_at"),
    )
    return counted.where("text <> ''").orderBy(F.desc("request_count"), "text").limit(texts)


def masked(text: Column) -> Column:
    """`lakehouse.analyses.templates.masked` as an expression, words joined by one space."""
    for pattern, replacement in MASKS:
        text = F.regexp_replace(text, f"(?i){pattern}", replacement.replace("\\", "$"))
    text = F.regexp_replace(F.trim(F.regexp_replace(text, r"\s+", " ")), RUN, VALUE)
    return F.regexp_replace(text, rf"(^| ){VALUE_ONLY}( {VALUE_ONLY})+(?= |$)", f"$1{VALUE}")


VALUE_ONLY = r"<\*>"


def unwrapped(text: Column) -> Column:
    """`lakehouse.analyses.templates.unwrapped` as an expression."""
    groups = [F.nullif(F.regexp_extract(text, f"(?i){MESSAGE}", group), F.lit("")) for group in (1, 2)]
    inner = F.coalesce(*groups, text)
    bare = F.regexp_replace(inner, f"(?i){BEFORE}", "")
    return F.when(bare == "", text).otherwise(bare)
