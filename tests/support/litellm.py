"""LiteLLM's request table in tests: the sample rows, and what each must become, written by hand."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jobs import spend_logs
from lakehouse.config import SourceSettings
from lakehouse.sources.litellm.source import LiteLLMSource
from lakehouse.tables.bronze import ENVELOPE
from lakehouse.tables.columns import C
from lakehouse.tables.model import Column
from lakehouse.tables.silver import INTERMEDIATE, MAPPED
from tests.support.frames import at

SAMPLE = Path(__file__).parents[1] / "fixtures" / "sample_interactions.json"
POSTGRES_TYPES = {
    "TEXT": "text",
    "DOUBLE": "double precision",
    "INTEGER": "integer",
    "TIMESTAMP(3)": "timestamp without time zone",
    "JSONB": "jsonb",
}
FOUND = {name: POSTGRES_TYPES[kind.split()[0]] for name, kind in spend_logs.COLUMNS.items()}
MAPPED_COLUMNS = (
    *ENVELOPE,
    *MAPPED,
    *(Column(name, "STRING", "Text") for name in INTERMEDIATE),
    C["cast_failures"],
)
SOURCE, BATCH, INGESTED_AT = "gateway", 7, at("2025-06-03T12:00:00")


def source(content: str = "off") -> LiteLLMSource:
    """The source as it is configured in these tests."""
    settings = {"name": SOURCE, "kind": "litellm", "url_env": "GATEWAY_URL", "content": content}
    return LiteLLMSource(SourceSettings.model_validate(settings))


def sample_rows() -> dict[str, dict[str, Any]]:
    """Rows of LiteLLM_SpendLogs by case, JSON columns as values."""
    sample = json.loads(SAMPLE.read_text())
    return {case["case"]: sample["defaults"] | case["row"] for case in sample["rows"]}


def bronze_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row as bronze has it: times and JSON as PostgreSQL's text; metadata that is no object reads as {}."""
    names = {column.name for column in bronze_columns()}
    texts = {name: value for name, value in row.items() if name in names}
    texts["metadata"] = None if row["metadata"] is None else json.dumps(row["metadata"])
    if isinstance(row["metadata"], list):
        texts["metadata"] = "{}"
    texts["request_tags"] = json.dumps(row["request_tags"])
    texts["spend"] = float(row["spend"])
    return texts | {
        "_source": SOURCE,
        "_source_key": row["request_id"],
        "_event_at": at(row["startTime"]),
        "_batch_id": BATCH,
        "_ingested_at": INGESTED_AT,
        "_record_hash": "hash",
    }


def bronze_columns(content: str = "off") -> tuple[Column, ...]:
    """Columns of the source's bronze table."""
    relation = source(content).relation("public", FOUND, True)
    return (*(selected.column for selected in relation.selected), *ENVELOPE)


def usd(text: str) -> Decimal:
    """An exact amount."""
    return Decimal(text)


# What a row becomes that says no more than the defaults of the sample do.
PLAIN: dict[str, Any] = {
    "started_at": at("2025-06-03T10:00:00"),
    "ended_at": at("2025-06-03T10:00:02.5"),
    "event_date": date(2025, 6, 3),
    "time_basis": "event",
    "duration_ms": 2500.0,
    "is_stream": False,
    "operation_name": "chat",
    "token_basis": "missing",
    "status": "ok",
    "gateway_cache_hit": False,
    "cost_reported_usd": usd("0"),
    "tags": [],
    "is_synthetic": False,
    "cast_failures": [],
}
GPT = {"provider_raw": "openai", "request_model": "gpt-4o", "response_model": "gpt-4o-2024-08-06"}
SONNET = {"provider_raw": "anthropic", "request_model": "sonnet", "response_model": "claude-3-7-sonnet-20250219"}
NOT_STREAMED = {"is_stream": None}  # no completionStartTime at all


def used(tokens_in: int, tokens_out: int, total: int, spend: str) -> dict[str, Any]:
    """Counted tokens and the cost beside them."""
    return {
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "total_tokens_reported": total,
        "token_basis": "reported",
        "cost_reported_usd": usd(spend),
    }


def failed(code: int | None, error_class: str, message: str) -> dict[str, Any]:
    """A failure with its error."""
    return {"status": "error", "http_status_code": code, "error_class": error_class, "error_message": message}


def until(end: str, duration_ms: float | None) -> dict[str, Any]:
    """Another end on the same day."""
    return {"ended_at": at(f"2025-06-03T{end}"), "duration_ms": duration_ms}


SMALL = used(10, 5, 15, "0.000075")
MIDDLE = used(100, 20, 120, "0.00045")
LARGE = used(1000, 200, 1200, "0.0045")

EXPECTED: dict[str, dict[str, Any]] = {
    "not_streamed": GPT | LARGE,
    "streamed": GPT | LARGE | {"is_stream": True, "ttft_ms": 400.0, "user_id": "u1"},
    "gateway_cache_hit": GPT | used(1000, 200, 1200, "0") | until("10:00:00.012", 12.0) | {"gateway_cache_hit": True},
    "cache_hit_text_none": GPT | SMALL,
    "failure_empty_model": until("10:00:00", None)
    | failed(401, "AuthenticationError", "Authentication Error, Invalid proxy server token passed"),
    "failure_vendor_rate_limit": GPT
    | NOT_STREAMED
    | until("10:00:00.8", 800.0)
    | failed(
        429,
        "RateLimitError vendor_rate_limit",
        "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM)",
    ),
    "failure_gateway_rate_limit": GPT
    | NOT_STREAMED
    | until("10:00:00.003", 3.0)
    | failed(429, "ProxyException litellm_rate_limit", "Crossed TPM / RPM / Max Parallel Request Limit"),
    "failure_budget": NOT_STREAMED
    | until("10:00:00.002", 2.0)
    | failed(400, "BudgetExceededError", "Budget has been exceeded! Current cost: 10.02, Max budget: 10.0")
    | {"team_id": "team-1"},
    "failure_status_only_in_metadata": GPT | NOT_STREAMED | failed(None, "Timeout", "Request timed out."),
    "id_none": GPT | used(12, 3, 15, "0.00006") | {"source_record_id": "None"},
    "huge_id": GPT | used(12, 3, 15, "0.00006"),
    "negative_tokens": GPT | used(-5, 20, 15, "0.0002"),
    "end_before_start": GPT | MIDDLE | NOT_STREAMED | until("09:59:58", None),
    "first_token_before_start": GPT | MIDDLE | {"is_stream": True},
    "unknown_model": used(500, 100, 600, "0")
    | {"provider_raw": "hosted_vllm", "request_model": "llama", "response_model": "my-own-llama"},
    "null_model": used(500, 100, 600, "0"),
    "anthropic_cache_read": SONNET
    | used(1000, 50, 1050, "0.001665")
    | {"cache_read_input_tokens": 800, "cache_write_input_tokens": 100},
    "openai_cached_tokens": GPT
    | used(2000, 100, 2100, "0.00475")
    | {"cache_read_input_tokens": 1024, "input_audio_tokens": 0},
    "reasoning_tokens": used(200, 1000, 1200, "0.00462")
    | {"provider_raw": "openai", "response_model": "o3-mini", "reasoning_output_tokens": 900},
    "cache_larger_than_input": SONNET | used(100, 50, 150, "0.00105") | {"cache_read_input_tokens": 4000},
    "total_differs": GPT | used(100, 20, 500, "0.00045"),
    "tokens_at_the_type_s_end": GPT | used(2_147_483_647, 0, 2_147_483_647, "0"),
    "absurd_cost": GPT | used(10, 5, 15, "1000000"),
    "cost_not_a_number": GPT | SMALL | {"cost_reported_usd": None, "cast_failures": ["cost_reported_usd"]},
    "retried": GPT | MIDDLE | {"request_group_id": "call-1", "retry_count": 2},
    "fell_back": SONNET | used(100, 20, 120, "0.0006") | {"request_group_id": "call-2", "is_fallback": True},
    "service_tier": GPT | used(1000, 200, 1200, "0.009") | {"service_tier": "priority"},
    "embedding": used(300, 0, 300, "0.000006")
    | {"operation_name": "embeddings", "provider_raw": "openai", "response_model": "text-embedding-3-small"},
    "metadata_null": GPT | SMALL,
    "metadata_array": GPT | SMALL,
    "attributed": GPT
    | SMALL
    | {"api_key_hash": "9f86d081884c7d65", "user_id": "Zoë\n彭", "team_id": "team-1", "org_id": "org-1"}
    | {"end_user_id": "customer-7", "conversation_id": "s-1", "app_name": "checkout", "tags": ["prod", "a,b", "ключ"]},
    "content_stored": GPT | SMALL,
    "far_future": GPT
    | SMALL
    | NOT_STREAMED
    | {"started_at": at("2099-01-01"), "ended_at": at("2099-01-01T00:00:01"), "event_date": date(2099, 1, 1)}
    | {"duration_ms": 1000.0},
    "no_usage": GPT,
    "synthetic": GPT | SMALL | {"is_synthetic": True},
}


def expected_rows() -> list[dict[str, Any]]:
    """Rows of the mapping for every case of the sample."""
    return [expected_row(row) | EXPECTED[case] for case, row in sample_rows().items()]


def expected_row(row: dict[str, Any]) -> dict[str, Any]:
    """Envelope and plain values of a sample row."""
    envelope = {name: value for name, value in bronze_row(row).items() if name.startswith("_")}
    return envelope | PLAIN | {"source_record_id": row["request_id"]}
