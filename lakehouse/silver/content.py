"""silver.llm_interaction_content."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.silver.masking import masked


def llm_interaction_content(interactions: DataFrame) -> DataFrame:
    """Prompts and answers of rows that have any, masked. Grain: one row per attempt."""
    texts = {name: masked(F.col(name)).alias(name) for name in ("input_messages", "output_messages")}
    some = interactions.where(F.coalesce("input_messages", "output_messages").isNotNull())
    return some.select("interaction_id", "source_name", "event_date", "batch_id", *texts.values())
