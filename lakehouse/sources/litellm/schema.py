"""The columns of LiteLLM_SpendLogs that are read; newer versions have more, older ones fewer."""

from __future__ import annotations

TABLE = "LiteLLM_SpendLogs"
REQUIRED = ("request_id", "startTime", "endTime", "model", "spend", "prompt_tokens", "completion_tokens")
NUMBERS = ("spend", "prompt_tokens", "completion_tokens")

COLUMNS = {
    "request_id": "Provider's response id, else LiteLLM's call id",
    "call_type": "LiteLLM function, such as acompletion",
    "api_key": "Hash of the virtual key",
    "spend": "Cost in USD as LiteLLM computed it; 0 where its price map lacks the model",
    "total_tokens": "LiteLLM's total",
    "prompt_tokens": "Input tokens, cached ones included",
    "completion_tokens": "Output tokens",
    "startTime": "Start, UTC without zone",
    "endTime": "End, UTC without zone",
    "completionStartTime": "First token; equals endTime when not streamed",
    "request_duration_ms": "Duration, since 2026",
    "model": "Model sent upstream; empty on some failures",
    "model_id": "Deployment",
    "model_group": "Public alias that was asked for",
    "custom_llm_provider": "LiteLLM's name of the provider",
    "user": "Internal user",
    "team_id": "Team",
    "organization_id": "Organization",
    "end_user": "End user",
    "agent_id": "Agent",
    "cache_hit": "Answered from the gateway's response cache: True, False or None",
    "request_tags": "JSON array of tags",
    "session_id": "Conversation",
    "litellm_call_id": "Correlates the attempts of a call, since 2026-08",
    "status": "success or failure, since 2025-05",
}
METADATA = "The keys of metadata that are read: usage, error, cost tier, retries; never e-mail, address or traceback"
CONTENT = {"messages": "Prompt, JSON", "response": "Answer, JSON"}

# Allow-lists: what metadata holds besides (user e-mail, requester address, traceback) is not even selected.
METADATA_KEYS = (
    "usage_object", "additional_usage_values", "cost_breakdown", "attempted_retries", "attempted_fallbacks", "status",
    "user_api_key_alias", "observatory_synthetic", "observatory_time_basis",
)  # fmt: skip
ERROR_KEYS = ("error_code", "error_class", "llm_provider", "error_message", "error_rate_limit_category")

_DETAILS = (
    "STRUCT<prompt_tokens_details: STRUCT<cached_tokens: BIGINT, audio_tokens: BIGINT, cache_creation_tokens: BIGINT>, "
    "completion_tokens_details: STRUCT<reasoning_tokens: BIGINT, audio_tokens: BIGINT>, "
    "cache_read_input_tokens: BIGINT, cache_creation_input_tokens: BIGINT, "
    "cache_creation: STRUCT<ephemeral_1h_input_tokens: BIGINT>>"
)
METADATA_TYPE = (
    f"STRUCT<usage_object: {_DETAILS}, additional_usage_values: {_DETAILS}, "
    "cost_breakdown: STRUCT<service_tier: STRING>, attempted_retries: INT, attempted_fallbacks: INT, status: STRING, "
    "user_api_key_alias: STRING, observatory_synthetic: BOOLEAN, observatory_time_basis: STRING, "
    "error_information: STRUCT<error_code: STRING, error_class: STRING, llm_provider: STRING, error_message: STRING, "
    "error_rate_limit_category: STRING>>"
)


def metadata_sql() -> str:
    """Select the allowed keys of metadata as JSON text; null stays null, what is not an object becomes {}."""
    plain = ", ".join(f"'{key}', metadata->'{key}'" for key in METADATA_KEYS)
    error = ", ".join(f"'{key}', metadata->'error_information'->'{key}'" for key in ERROR_KEYS)
    return (
        f"CASE WHEN metadata IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object({plain}, "
        f"'error_information', CASE WHEN jsonb_typeof(metadata->'error_information') = 'object' "
        f"THEN jsonb_build_object({error}) END))::text END"
    )
