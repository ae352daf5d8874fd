"""The column library: name, type, unit and meaning, written once and used by every table.

Names are OpenTelemetry GenAI attributes with ``gen_ai.`` dropped and dots as underscores, where one exists.
"""

from __future__ import annotations

from lakehouse.tables.model import Column

STATUSES = ("ok", "error", "cancelled", "rejected")
TIME_BASES = ("event", "paired", "batch", "date", "missing")
TOKEN_BASES = ("reported", "derived_from_exclusive", "estimated", "missing")
COST_STATUSES = ("priced", "unpriced", "no_usage", "free", "reported_only")
OPERATIONS = ("chat", "text_completion", "embeddings", "generate_content", "rerank", "image", "audio", "batch", "other")
ERROR_TYPES = (
    "rate_limit", "context_length", "overloaded", "content_filter", "timeout", "auth", "quota_billing", "server_error",
    "model_not_found", "invalid_request", "connection", "cancelled", "other",
)  # fmt: skip
ERROR_ORIGINS = ("provider", "gateway", "budget", "guardrail", "client")
SERVICE_TIERS = ("standard", "batch", "flex", "priority", "fast")
LATENCY_METRICS = ("duration_ms", "ttft_ms", "tpot_ms", "time_to_failure_ms")
TOKEN_BANDS = ("0", "1-255", "256-1023", "1024-4095", "4096-16383", "16384-65535", "65536+", "unknown")
BATCH_STATES = ("VERIFIED", "STAGED", "REFINED", "REBUILDING", "AGGREGATED", "DETECTED")
COST_COMPONENTS = ("fresh_input", "cache_read", "cache_write", "output", "other")

MONEY, MONEY_SUM = "DECIMAL(20,12)", "DECIMAL(38,12)"


def _columns(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


C = _columns(
    # identity and provenance
    Column("interaction_id", "STRING", "First 32 hex digits of SHA-256 over source_name and source_record_id"),
    Column("source_system", "STRING", "Kind of the source, such as litellm or table"),
    Column("source_name", "STRING", "Name of the source in the configuration; also its bronze table"),
    Column("source_record_id", "STRING", "The source's own key of the row"),
    Column("record_hash", "STRING", "SHA-256 over all columns selected from the source; differs when the row changed"),
    Column("batch_id", "BIGINT", "Batch that brought this version of the row into bronze"),
    Column("ingested_at", "TIMESTAMP", "When that batch was read from the source"),
    Column("request_group_id", "STRING", "Call that this attempt belongs to; null where the source does not say"),
    Column("retry_count", "INT", "Retries that the gateway made within this row", "1"),
    Column("is_fallback", "BOOLEAN", "True where the gateway fell back to another model"),
    # time
    Column("started_at", "TIMESTAMP", "Start of the request, UTC; null where unknown"),
    Column("ended_at", "TIMESTAMP", "End of the request, UTC; null where unknown"),
    Column(
        "event_at", "TIMESTAMP", "Start, else end, where time_basis is event or paired; a null never enters an hour"
    ),
    Column("event_date", "DATE", "UTC date of event_at, of the batch or as delivered; null where nothing is known"),
    Column(
        "time_basis",
        "STRING",
        "What the time is worth: the request's own, paired from two events, its batch's, a date only, or missing",
        enum=TIME_BASES,
    ),
    Column("duration_ms", "DOUBLE", "Whole request; null where not measured or its times are out of order", "ms"),
    Column("ttft_ms", "DOUBLE", "Time to first token; null where not streamed or not measured", "ms"),
    Column("is_stream", "BOOLEAN", "Whether the answer was streamed; null where the source cannot tell"),
    # what was asked
    Column("operation_name", "STRING", "OpenTelemetry gen_ai.operation.name", enum=OPERATIONS),
    Column("provider_name", "STRING", "Provider as in the price book; null where it cannot be told"),
    Column("provider_raw", "STRING", "Provider as the source spells it"),
    Column("request_model", "STRING", "Model or alias that the client asked for"),
    Column("response_model", "STRING", "Model as the source spells it; null or empty on some failures"),
    Column("model_key", "STRING", "Canonical model of the price book, else the source's spelling; (none) where empty"),
    Column("service_tier", "STRING", "Tier that the response names; null counts as standard", enum=SERVICE_TIERS),
    Column("region", "STRING", "Region of the client or deployment; null where unknown"),
    # tokens
    Column("input_tokens", "BIGINT", "Input tokens, cached ones included; null where no usage is known", "token"),
    Column("cache_read_input_tokens", "BIGINT", "Part of input_tokens read from the provider's cache", "token"),
    Column("cache_write_input_tokens", "BIGINT", "Part of input_tokens written to the provider's cache", "token"),
    Column("cache_write_1h_input_tokens", "BIGINT", "Part of cache_write_input_tokens kept for one hour", "token"),
    Column("input_audio_tokens", "BIGINT", "Part of input_tokens that is audio", "token"),
    Column("cache_audio_read_tokens", "BIGINT", "Audio part of cache_read_input_tokens", "token"),
    Column("output_tokens", "BIGINT", "Output tokens, reasoning included; null where no usage is known", "token"),
    Column("reasoning_output_tokens", "BIGINT", "Part of output_tokens spent on reasoning", "token"),
    Column("output_audio_tokens", "BIGINT", "Part of output_tokens that is audio", "token"),
    Column("total_tokens_reported", "BIGINT", "The source's own total, beside ours", "token"),
    Column("token_basis", "STRING", "How the token counts got here", enum=TOKEN_BASES),
    # outcome
    Column("status", "STRING", "Outcome of the attempt", enum=STATUSES),
    Column("http_status_code", "INT", "HTTP status; null where none was recorded"),
    Column("error_type", "STRING", "Class of the error; null when the attempt was ok", enum=ERROR_TYPES),
    Column("error_origin", "STRING", "Who made the error; null when ok or not known", enum=ERROR_ORIGINS),
    Column("error_message_masked", "STRING", "Error text, cut to 500 characters, keys, e-mails and addresses masked"),
    Column("finish_reason", "STRING", "Why the model stopped; null where unknown"),
    Column("gateway_cache_hit", "BOOLEAN", "Answered from the gateway's own response cache, not a provider's cache"),
    # money
    Column("cost_reported_usd", MONEY, "Cost as the source reports it; null where it reports none", "USD"),
    Column("cost_usd", MONEY, "Cost by our price book, the exact sum of its components; null when unpriced", "USD"),
    Column("cost_fresh_input_usd", MONEY, "Cost of input that was neither read from nor written to a cache", "USD"),
    Column("cost_cache_read_usd", MONEY, "Cost of cached input", "USD"),
    Column("cost_cache_write_usd", MONEY, "Cost of writing input to the cache", "USD"),
    Column("cost_output_usd", MONEY, "Cost of output, reasoning included", "USD"),
    Column("cost_other_usd", MONEY, "Cost per request and the like", "USD"),
    Column("price_id", "STRING", "Set of rates applied, gold.dim_model_price; null when unpriced"),
    Column("cost_status", "STRING", "Whether and why there is a price", enum=COST_STATUSES),
    # attribution
    Column("user_id", "STRING", "User who is charged; null where unknown"),
    Column("end_user_id", "STRING", "End user behind the application; null where unknown"),
    Column("api_key_hash", "STRING", "Hash of the virtual key, as the gateway stores it"),
    Column("team_id", "STRING", "Team; null where unknown"),
    Column("org_id", "STRING", "Organization; null where unknown"),
    Column("app_name", "STRING", "Application; null where unknown"),
    Column("environment", "STRING", "Environment of the application, such as prod; null where unknown"),
    Column("tags", "ARRAY<STRING>", "Tags set by the client; null where the source has none"),
    Column("conversation_id", "STRING", "Session or conversation; null where unknown"),
    Column("prompt_name", "STRING", "Managed prompt that was used; null where unknown"),
    Column("prompt_version", "STRING", "Version of that prompt; null where unknown"),
    Column("is_synthetic", "BOOLEAN", "True for rows made by `observatory simulate`"),
    # quality
    Column("cast_failures", "ARRAY<STRING>", "Canonical columns whose source value could not be read as their type"),
    Column("quality_flags", "ARRAY<STRING>", "Ids of the rules that the row broke without being held back"),
    Column("failed_rules", "ARRAY<STRING>", "Ids of the rules that sent the row to quarantine"),
    # gold dimensions and measures
    Column("hour_at", "TIMESTAMP", "Start of the UTC hour of event_at; null for rows without an event time"),
    Column("input_token_band", "STRING", "Band of input_tokens", enum=TOKEN_BANDS),
    Column("output_token_band", "STRING", "Band of output_tokens; null counts as unknown", enum=TOKEN_BANDS),
    Column("metric", "STRING", "Which latency was measured", enum=LATENCY_METRICS),
    Column("bucket", "INT", "Log bucket ⌈log_γ x⌉ with γ = 1.01/0.99; -100000 holds zero"),
    Column("request_count", "BIGINT", "Attempts", "1"),
    # control
    Column("state", "STRING", "How far the batch has come", enum=BATCH_STATES),
    Column("recorded_at", "TIMESTAMP", "When this row was written"),
)


def pick(*names: str, required: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Take columns from the library in the given order; those in `required` may not be null."""
    return tuple(C[name].required() if name in required else C[name] for name in names)
