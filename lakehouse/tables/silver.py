"""Silver: one canonical model for every source."""

from __future__ import annotations

from lakehouse.tables.columns import pick
from lakehouse.tables.model import Column, Table

KEY = ("interaction_id",)

# Columns that a source's mapping fills; pricing, rules and the batch fill the rest.
MAPPED = pick(
    "source_record_id", "request_group_id", "retry_count", "is_fallback", "started_at", "ended_at", "event_date",
    "time_basis", "duration_ms", "ttft_ms", "is_stream", "operation_name", "provider_raw", "request_model",
    "response_model", "service_tier", "region", "input_tokens", "cache_read_input_tokens", "cache_write_input_tokens",
    "cache_write_1h_input_tokens", "input_audio_tokens", "cache_audio_read_tokens", "output_tokens",
    "reasoning_output_tokens", "output_audio_tokens", "total_tokens_reported", "token_basis", "status",
    "http_status_code", "error_type", "error_origin", "error_message_masked", "finish_reason", "gateway_cache_hit",
    "cost_reported_usd", "user_id", "end_user_id", "api_key_hash", "team_id", "org_id", "app_name", "environment",
    "tags", "conversation_id", "prompt_name", "prompt_version", "is_synthetic",
)  # fmt: skip

# Text columns that a mapping fills beside them and that no table keeps as they are.
INTERMEDIATE = ("error_class", "error_message", "input_messages", "output_messages")

PRICED = pick(
    "provider_name", "model_key", "cost_usd", "cost_fresh_input_usd", "cost_cache_read_usd", "cost_cache_write_usd",
    "cost_output_usd", "cost_other_usd", "price_id", "cost_status",
)  # fmt: skip

INTERACTIONS = Table(
    "silver", "llm_interactions",
    "One row per attempt of an LLM request, newest version of its source row",
    pick("interaction_id", "source_system", "source_name", required=("interaction_id", "source_name"))
    + MAPPED[:1] + pick("event_at") + MAPPED[1:] + PRICED
    + pick("cast_failures", "quality_flags", "record_hash", "batch_id", "ingested_at", required=("batch_id",)),
    key=KEY, cluster_by=("event_date", "source_name"), sources=("bronze.*", "gold.dim_model_price"),
)  # fmt: skip

CONTENT = Table(
    "silver", "llm_interaction_content",
    "One row per attempt whose source is configured with content = \"keep\"",
    (
        *pick("interaction_id", "source_name", "event_date", "batch_id", required=("interaction_id",)),
        Column("input_messages", "STRING", "Prompt as the source stores it, known secrets and e-mails masked"),
        Column("output_messages", "STRING", "Answer as the source stores it, known secrets and e-mails masked"),
    ),
    key=KEY, cluster_by=("event_date",), sources=("bronze.*",),
)  # fmt: skip

# What a line of an invoice may say; a mapping fills it, by default from the columns of FOCUS.
BILLED = (
    Column("charge_date", "DATE", "UTC day on which the charged period begins; null where the line names none"),
    Column("provider_name", "STRING", "Provider as in the price book; null marks a line that is no LLM cost"),
    Column("account_id", "STRING", "Account or project that is charged; null where unknown"),
    Column("service_name", "STRING", "Service as the invoice calls it"),
    Column("sku_id", "STRING", "What was sold, as the invoice calls it; null where unknown"),
    Column("billed_cost_usd", "DECIMAL(20,12)", "What is charged for one line; null in another currency", "USD"),
    Column("billing_currency", "STRING", "Currency of the line"),
    Column("consumed_quantity", "DOUBLE", "Quantity that one line charges; null where unknown"),
    Column("consumed_unit", "STRING", "Unit of that quantity"),
)

INVOICE = Table(
    "silver", "provider_invoice",
    "One row per invoice file in its newest delivery and distinct line",
    (
        *pick("source_name", required=("source_name",)),
        Column("file_name", "STRING", "Delivered file", nullable=False),
        *pick("record_hash"),
        Column("line_count", "BIGINT", "How often the file has the line", "1"),
        *BILLED,
        *pick("batch_id"),
    ),
    key=("source_name", "file_name", "record_hash"), sources=("bronze.*", "ops.delivered_row"),
)  # fmt: skip

QUARANTINE = Table(
    "silver", "quarantine",
    "One row per bronze row that broke a rule and was held back",
    (
        *pick("source_name", "source_record_id", "record_hash", "batch_id", "failed_rules", "cast_failures"),
        Column("row_json", "STRING", "The mapped row as JSON"),
        *pick("ingested_at", "recorded_at"),
    ),
    key=("source_name", "source_record_id", "record_hash", "batch_id"), sources=("bronze.*",),
)  # fmt: skip

SUPERSEDED = Table(
    "silver", "superseded",
    "One row per bronze row that a newer or equal version of the same key replaced",
    (
        *pick("source_name", "source_record_id", "record_hash", "batch_id", "event_at", "event_date"),
        Column("superseded_by_batch_id", "BIGINT", "Batch of the version that stands"),
        Column("reason", "STRING", "Why it does not stand", enum=("updated", "duplicate")),
        *pick("recorded_at"),
    ),
    key=("source_name", "source_record_id", "record_hash", "batch_id"), sources=("bronze.*",),
)  # fmt: skip

ALIASES = Table(
    "silver", "model_alias",
    "One row per provider and model spelling seen in a source",
    (
        *pick("provider_raw", "response_model"),
        Column("provider_hint", "STRING", "Provider told by the source's spelling, in the price book's words"),
        *pick("provider_name", "model_key"),
        Column("is_matched", "BOOLEAN", "Whether the price book knows the model"),
        *pick("recorded_at"),
    ),
    key=("provider_raw", "response_model"), sources=("bronze.*",),
)  # fmt: skip

TABLES = (INTERACTIONS, CONTENT, INVOICE, QUARANTINE, SUPERSEDED, ALIASES)
