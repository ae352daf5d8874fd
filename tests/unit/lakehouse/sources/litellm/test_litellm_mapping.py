"""LiteLLM_SpendLogs → canonical columns, on rows with its quirks; what each becomes was written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from lakehouse.sources.litellm.mapping import FILLED_BY, map_interactions
from lakehouse.tables.silver import MAPPED
from tests.support import litellm
from tests.support.frames import Rows, assert_same, at, frame
from tests.support.litellm import (
    EXPECTED,
    MAPPED_COLUMNS,
    bronze_columns,
    bronze_row,
    expected_row,
    expected_rows,
    sample_rows,
)

DEFAULTS = sample_rows()["no_usage"]


def mapped(spark: SparkSession, rows: Rows) -> DataFrame:
    """Map rows of the source that change the sample's row without usage."""
    return map_interactions(frame(spark, bronze_columns(), [bronze_row(DEFAULTS | row) for row in rows]))


def becomes(spark: SparkSession, rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of those rows, in their order."""
    numbered = [row | {"request_id": f"{i:03d}"} for i, row in enumerate(rows)]
    return [row[1:] for row in sorted(mapped(spark, numbered).select("source_record_id", *columns).collect())]


def test_every_case_of_the_sample_is_expected() -> None:
    """Neither side may grow without the other."""
    assert list(EXPECTED) == list(sample_rows())


def test_sample(spark: SparkSession) -> None:
    """All cases at once."""
    bronze = frame(spark, bronze_columns(), [bronze_row(row) for row in sample_rows().values()])
    assert_same(map_interactions(bronze), MAPPED_COLUMNS, expected_rows(), key=["source_record_id"])


def test_older_litellm_gives_null_for_what_it_lacks(spark: SparkSession) -> None:
    """Only the columns that every version has; a success cannot be told from a failure there."""
    old = {"request_id", "call_type", "startTime", "endTime", "model", "spend", "prompt_tokens", "completion_tokens"}
    columns = [c for c in bronze_columns() if c.name in old or c.name.startswith("_")]
    row = sample_rows()["not_streamed"]
    kept = {name: value for name, value in bronze_row(row).items() if name in {c.name for c in columns}}
    lacking = ("provider_raw", "request_model", "total_tokens_reported", "is_stream", "tags")
    expected = expected_row(row) | EXPECTED["not_streamed"] | dict.fromkeys(lacking)
    actual = map_interactions(frame(spark, columns, [kept]))
    assert_same(actual, MAPPED_COLUMNS, [expected], key=["source_record_id"])


def test_gateway_cache_is_told_by_flag_or_by_id(spark: SparkSession) -> None:
    """LiteLLM sets either; the texts False and None are no hit."""
    hits = {"a": "True", "b": "False", "c": "None", "d": "", "e": None, "f_cache_hit1748944800.1": None}
    rows = [{"request_id": key, "cache_hit": hit} for key, hit in hits.items()]
    found = dict(mapped(spark, rows).select("source_record_id", "gateway_cache_hit").collect())
    assert [key for key, is_hit in found.items() if is_hit] == ["a", "f_cache_hit1748944800.1"]
    assert None not in found.values()


def test_cache_tokens_in_every_spelling(spark: SparkSession) -> None:
    """Anthropic's names and OpenAI's, in either block of metadata; 0 is known, absent is not."""
    usages: list[tuple[dict[str, Any], tuple[int | None, ...]]] = [
        ({"cache_read_input_tokens": 8, "cache_creation_input_tokens": 1}, (8, 1, None)),
        ({"prompt_tokens_details": {"cached_tokens": 8, "cache_creation_tokens": 1}}, (8, 1, None)),
        ({"cache_creation_input_tokens": 3, "cache_creation": {"ephemeral_1h_input_tokens": 2}}, (None, 3, 2)),
        ({"cache_read_input_tokens": 0}, (0, None, None)),
        ({}, (None, None, None)),
    ]
    blocks = [{name: usage} for name in ("usage_object", "additional_usage_values") for usage, _ in usages]
    rows = [{"prompt_tokens": 9, "completion_tokens": 1, "metadata": block} for block in blocks]
    names = ("cache_read_input_tokens", "cache_write_input_tokens", "cache_write_1h_input_tokens")
    assert becomes(spark, rows, *names) == [expected for _, expected in usages] * 2


def test_details_without_counted_tokens_are_unknown(spark: SparkSession) -> None:
    """0 tokens on both sides is LiteLLM's way to say that it knows none; one side of 0 is a count."""
    usage = {"metadata": {"usage_object": {"cache_read_input_tokens": 5}}}
    rows = [usage, usage | {"prompt_tokens": 6}, usage | {"completion_tokens": 6}]
    found = becomes(spark, rows, "cache_read_input_tokens", "input_tokens", "token_basis")
    assert found == [(None, None, "missing"), (5, 6, "reported"), (5, 0, "reported")]


def test_service_tiers(spark: SparkSession) -> None:
    """OpenAI's default and auto are the standard tier; what is not told stays unknown."""
    tiers = {"default": "standard", "auto": "standard", "Standard": "standard", "PRIORITY": "priority", None: None}
    rows = [{"metadata": {"cost_breakdown": {"service_tier": tier}}} for tier in tiers]
    assert becomes(spark, rows, "service_tier") == [(tier,) for tier in tiers.values()]


def test_operations(spark: SparkSession) -> None:
    """Call types as LiteLLM names them, sync and async."""
    calls = {
        "completion": "chat",
        "acompletion": "chat",
        "aresponses": "chat",
        "anthropic_messages": "chat",
        "atext_completion": "text_completion",
        "aembedding": "embeddings",
        "aimage_generation": "image",
        "atranscription": "audio",
        "aspeech": "audio",
        "arerank": "rerank",
        "acreate_batch": "batch",
        "aretrieve_batch": "batch",
        "agenerate_content_stream": "generate_content",
        "amoderation": "other",
        "": "other",
        None: "other",
    }
    assert becomes(spark, [{"call_type": call} for call in calls], "operation_name") == [
        (operation,) for operation in calls.values()
    ]


def test_time_basis_and_synthetic_marks(spark: SparkSession) -> None:
    """What the demo's loader and simulate write; without a mark the times are the request's own."""
    marks: Sequence[dict[str, Any]] = [
        {},
        {"observatory_time_basis": "paired"},
        {"observatory_synthetic": True},
    ]
    rows = [{"metadata": mark} for mark in marks]
    found = becomes(spark, rows, "time_basis", "is_synthetic")
    assert found == [("event", False), ("paired", False), ("event", True)]


def test_metadata_that_is_no_json_or_of_another_type_is_null_not_an_error(spark: SparkSession) -> None:
    """One field of another type takes none of the others with it."""
    texts = ['{"status": "fail', "[1, 2]", "null", "", '{"attempted_retries": "many", "status": "failure"}']
    rows = [bronze_row(DEFAULTS | {"status": None}) | {"metadata": text, "request_id": text} for text in texts]
    found = map_interactions(frame(spark, bronze_columns(), rows)).select("status", "retry_count").collect()
    assert [tuple(row) for row in found] == [("ok", None)] * 4 + [("error", None)]


def test_cancelled_is_no_error(spark: SparkSession) -> None:
    """The client went away; with any other class or none it is an error."""
    errors = [
        {"error_class": "CancelledError"},
        {"error_message": "Cancelled by the client"},
        {"error_class": "Timeout"},
        {},
    ]
    rows = [{"status": "failure", "metadata": {"error_information": error}} for error in errors]
    assert becomes(spark, rows, "status") == [("cancelled",), ("cancelled",), ("error",), ("error",)]


def test_zero_milliseconds_of_a_success_are_a_latency(spark: SparkSession) -> None:
    """Only failures are logged with start = end because nothing was measured."""
    same = {"endTime": "2025-06-03 10:00:00.000"}
    rows = [same, same | {"status": "failure"}, same | {"status": "failure", "request_duration_ms": 90}]
    assert becomes(spark, rows, "duration_ms") == [(0.0,), (None,), (None,)]


def test_time_that_cannot_be_read_is_a_cast_failure(spark: SparkSession) -> None:
    """PostgreSQL's infinity has no instant; it is no missing time."""
    row = bronze_row(DEFAULTS) | {"startTime": "infinity", "endTime": "infinity", "_event_at": None}
    actual = map_interactions(frame(spark, bronze_columns(), [row]))
    times = ("started_at", "ended_at", "event_date", "duration_ms", "is_stream")
    expected = expected_row(DEFAULTS) | EXPECTED["no_usage"] | dict.fromkeys(times)
    expected |= {"_event_at": None, "time_basis": "missing", "cast_failures": ["started_at", "ended_at"]}
    assert_same(actual, MAPPED_COLUMNS, [expected], key=["source_record_id"])


def test_content_is_mapped_where_it_was_selected(spark: SparkSession) -> None:
    """With content = "keep" bronze has it as text."""
    row = bronze_row(DEFAULTS) | {"messages": '[{"role": "user"}]', "response": '{"id": 1}'}
    kept = map_interactions(frame(spark, bronze_columns("keep"), [row])).select("input_messages", "output_messages")
    assert [tuple(r) for r in kept.collect()] == [('[{"role": "user"}]', '{"id": 1}')]


def test_start_comes_from_the_envelope(spark: SparkSession) -> None:
    """So that a source in another type of time column has one reading of it."""
    row = bronze_row(DEFAULTS) | {"_event_at": at("2025-06-03T09:59:59.123456")}
    found = map_interactions(frame(spark, bronze_columns(), [row])).select("duration_ms").collect()
    assert found[0][0] == pytest.approx(3500.0 - 123.456)


def test_every_claim_of_what_fills_a_column_is_about_a_canonical_column() -> None:
    """And about columns that LiteLLM has."""
    assert set(FILLED_BY) <= {column.name for column in MAPPED}
    assert {name for needs in FILLED_BY.values() for name in needs} <= set(litellm.FOUND)
