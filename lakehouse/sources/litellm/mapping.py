"""LiteLLM_SpendLogs → canonical columns; pure. The field-by-field table is in the README beside this file."""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.sources.columns import canonical, column, milliseconds, text
from lakehouse.sources.litellm.schema import METADATA_TYPE

# Canonical column → the source columns it needs; a column that is missing here LiteLLM does not record.
FILLED_BY: dict[str, tuple[str, ...]] = {
    "source_record_id": ("request_id",),
    "request_group_id": ("litellm_call_id",),
    "retry_count": ("metadata",),
    "is_fallback": ("metadata",),
    "started_at": ("startTime",),
    "ended_at": ("endTime",),
    "event_date": ("startTime",),
    "time_basis": ("startTime",),
    "duration_ms": ("startTime", "endTime"),
    "ttft_ms": ("startTime", "completionStartTime"),
    "is_stream": ("completionStartTime",),
    "operation_name": ("call_type",),
    "provider_raw": ("custom_llm_provider",),
    "request_model": ("model_group",),
    "response_model": ("model",),
    "service_tier": ("metadata",),
    "input_tokens": ("prompt_tokens",),
    "cache_read_input_tokens": ("metadata",),
    "cache_write_input_tokens": ("metadata",),
    "cache_write_1h_input_tokens": ("metadata",),
    "input_audio_tokens": ("metadata",),
    "output_tokens": ("completion_tokens",),
    "reasoning_output_tokens": ("metadata",),
    "output_audio_tokens": ("metadata",),
    "total_tokens_reported": ("total_tokens",),
    "token_basis": ("prompt_tokens",),
    "status": ("status",),
    "http_status_code": ("metadata",),
    "error_type": ("metadata",),
    "error_origin": ("metadata",),
    "error_message_masked": ("metadata",),
    "gateway_cache_hit": ("cache_hit",),
    "cost_reported_usd": ("spend",),
    "user_id": ("user",),
    "end_user_id": ("end_user",),
    "api_key_hash": ("api_key",),
    "team_id": ("team_id",),
    "org_id": ("organization_id",),
    "app_name": ("metadata",),
    "tags": ("request_tags",),
    "conversation_id": ("session_id",),
    "is_synthetic": ("metadata",),
}

OPERATIONS = {  # what the call type contains, first match wins; LiteLLM's call types come sync and async (a…)
    "batch": ("batch",),
    "embeddings": ("embedding",),
    "text_completion": ("text_completion",),
    "image": ("image",),
    "audio": ("transcription", "speech"),
    "rerank": ("rerank",),
    "chat": ("completion", "responses", "anthropic_messages"),
    "generate_content": ("generate_content",),
}


def map_interactions(bronze: DataFrame) -> DataFrame:
    """See `Source.map_interactions`. Grain: one row per bronze row."""
    meta = F.from_json(column(bronze, "metadata"), METADATA_TYPE)
    at = {"_ended_at": "endTime", "_first_at": "completionStartTime"}
    times = {name: column(bronze, source).try_cast("timestamp") for name, source in at.items()}
    parsed = bronze.withColumns({"_meta": meta, **times})
    filled = _times(parsed) | _tokens(parsed) | _outcome(parsed) | _attribution(parsed)
    spend = column(bronze, "spend", "double")
    casts = {
        "started_at": (column(bronze, "startTime"), F.col("_event_at")),
        "ended_at": (column(bronze, "endTime"), F.col("_ended_at")),
        "cost_reported_usd": (spend, spend.try_cast("DECIMAL(20,12)")),
    }
    return canonical(parsed, filled, casts)


def _times(bronze: DataFrame) -> dict[str, Column]:
    start, end, first = F.col("_event_at"), F.col("_ended_at"), F.col("_first_at")
    streamed = first < end  # LiteLLM sets it to the end when the answer was not streamed
    span = milliseconds(start, end)
    # Failures that LiteLLM logs with start = end were not measured (0 ms is no latency).
    unmeasured = F.coalesce((column(bronze, "status") == "failure") & (span == 0), F.lit(False))
    basis = F.coalesce("_meta.observatory_time_basis", F.lit("event"))
    return {
        "started_at": start,
        "ended_at": end,
        "event_date": F.to_date(start),
        "time_basis": F.when(start.isNull(), "missing").otherwise(basis),
        "duration_ms": F.when(~unmeasured, F.coalesce(span, column(bronze, "request_duration_ms"))),
        "ttft_ms": F.when(streamed, milliseconds(start, first)),
        "is_stream": streamed,
    }


def _tokens(bronze: DataFrame) -> dict[str, Column]:
    prompt, completion = column(bronze, "prompt_tokens", "bigint"), column(bronze, "completion_tokens", "bigint")
    known = (prompt != 0) | (completion != 0)  # LiteLLM writes 0 where it knows no usage

    def detail(*paths: str) -> Column:
        return F.when(known, F.coalesce(*[F.col(f"_meta.{block}.{path}") for block in _BLOCKS for path in paths]))

    written = ("cache_creation_input_tokens", "prompt_tokens_details.cache_creation_tokens")
    return {
        "input_tokens": F.when(known, prompt),
        "output_tokens": F.when(known, completion),
        "total_tokens_reported": F.when(known, column(bronze, "total_tokens", "bigint")),
        "cache_read_input_tokens": detail("cache_read_input_tokens", "prompt_tokens_details.cached_tokens"),
        "cache_write_input_tokens": detail(*written),
        "cache_write_1h_input_tokens": detail("cache_creation.ephemeral_1h_input_tokens"),
        "input_audio_tokens": detail("prompt_tokens_details.audio_tokens"),
        "reasoning_output_tokens": detail("completion_tokens_details.reasoning_tokens"),
        "output_audio_tokens": detail("completion_tokens_details.audio_tokens"),
        "token_basis": F.when(known, "reported").otherwise("missing"),
        "cost_reported_usd": column(bronze, "spend", "double"),
        "service_tier": _tier(),
    }


_BLOCKS = ("usage_object", "additional_usage_values")


def _tier() -> Column:
    tier = F.lower("_meta.cost_breakdown.service_tier")
    return F.when(tier.isin("default", "auto", "standard"), "standard").otherwise(tier)


def _outcome(bronze: DataFrame) -> dict[str, Column]:
    error = F.col("_meta.error_information")
    failed = F.coalesce(text(bronze, "status"), F.col("_meta.status")) == "failure"
    message, kind = error["error_message"], error["error_class"]
    failed = F.coalesce(failed, message.isNotNull() | kind.isNotNull())
    cancelled = kind.rlike("(?i)cancel") | message.rlike("(?i)^cancel")
    cached = (column(bronze, "cache_hit") == "True") | column(bronze, "request_id").contains("_cache_hit")
    return {
        "status": F.when(failed & cancelled, "cancelled").when(failed, "error").otherwise("ok"),
        "http_status_code": F.when(failed, error["error_code"]),
        "error_class": F.when(failed, F.concat_ws(" ", kind, error["error_rate_limit_category"])),
        "error_message": F.when(failed, message),
        "gateway_cache_hit": F.coalesce(cached, F.lit(False)),
        "operation_name": _operation(bronze),
    }


def _operation(bronze: DataFrame) -> Column:
    call, found = F.lower(column(bronze, "call_type")), F.lit("other")
    for operation, parts in reversed(OPERATIONS.items()):
        found = F.when(reduce(or_, [call.contains(part) for part in parts]), operation).otherwise(found)
    return found


def _attribution(bronze: DataFrame) -> dict[str, Column]:
    return {
        "source_record_id": F.col("_source_key"),
        "request_group_id": text(bronze, "litellm_call_id"),
        "retry_count": F.col("_meta.attempted_retries"),
        "is_fallback": F.col("_meta.attempted_fallbacks") > 0,
        "provider_raw": text(bronze, "custom_llm_provider"),
        "request_model": text(bronze, "model_group"),
        "response_model": text(bronze, "model"),
        "user_id": text(bronze, "user"),
        "end_user_id": text(bronze, "end_user"),
        "api_key_hash": text(bronze, "api_key"),
        "team_id": text(bronze, "team_id"),
        "org_id": text(bronze, "organization_id"),
        "app_name": F.nullif("_meta.user_api_key_alias", F.lit("")),
        "tags": F.from_json(column(bronze, "request_tags"), "array<string>"),
        "conversation_id": text(bronze, "session_id"),
        "is_synthetic": F.coalesce("_meta.observatory_synthetic", F.lit(False)),
        "input_messages": column(bronze, "messages"),
        "output_messages": column(bronze, "response"),
    }
