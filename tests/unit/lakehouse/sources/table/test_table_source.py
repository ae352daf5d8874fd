"""Any table: what is selected, what is refused, and how its rows become canonical."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.config import SourceSettings
from lakehouse.errors import ConfigurationError, SourceSchemaError
from lakehouse.sources.relation import NAIVE, ZONED
from lakehouse.sources.table.source import TableSource
from lakehouse.tables.bronze import ENVELOPE
from lakehouse.tables.silver import MAPPED
from tests.support.frames import assert_same, at, frame, typed
from tests.support.litellm import MAPPED_COLUMNS

FOUND = {
    "call_id": "text", "app": "text", "vendor": "text", "model_name": "text", "started": ZONED, "finished": ZONED,
    "day": "date", "latency_s": "double precision", "tokens_in": "integer", "tokens_out": "text", "code": "integer",
    "err": "text", "cost": "numeric", "prompt": "text",
}  # fmt: skip
COLUMNS = {
    "started_at": "started",
    "ended_at": "finished",
    "event_date": "day",
    "duration_ms": "latency_s * 1000",
    "app_name": "coalesce(app, 'none')",
    "provider_raw": "vendor",
    "response_model": "`model_name`",
    "input_tokens": "tokens_in",
    "output_tokens": "tokens_out",
    "http_status_code": "code",
    "error_message_masked": "err",
    "cost_reported_usd": "cost",
    "input_messages": "prompt",
}
BRONZE = (
    *typed(
        **{
            name: {"integer": "BIGINT", "double precision": "DOUBLE"}.get(kind, "STRING")
            for name, kind in FOUND.items()
        }
    ),
    *ENVELOPE,
)


def source(columns: dict[str, str] = COLUMNS, **changes: Any) -> TableSource:
    """A source of kind table."""
    settings = {"name": "calls", "kind": "table", "url_env": "CALLS_URL", "table": "Calls", "key": "call_id"}
    settings |= {"event_time": "started", "columns": columns}
    return TableSource(SourceSettings.model_validate(settings | changes))


def names(made: TableSource) -> list[str]:
    """Selected columns."""
    return [s.column.name for s in made.relation("public", FOUND, True).selected]


def test_only_columns_that_the_mapping_uses_are_selected() -> None:
    """Each once, also those within expressions; the prompt only where content is kept."""
    assert sorted(names(source())) == sorted(set(FOUND) - {"prompt"})
    assert sorted(names(source(content="keep"))) == sorted(FOUND)
    few = source({"duration_ms": "CASE WHEN latency_s > 0 THEN latency_s * 1000 END", "status": "lower('OK')"})
    assert names(few) == ["call_id", "started", "latency_s"]


def test_relation_takes_key_time_and_zone_from_the_settings() -> None:
    """A key may have several columns."""
    relation = source(key="app, call_id", time_zone="Europe/Berlin").relation("llm", FOUND | {"started": NAIVE}, False)
    assert (relation.schema, relation.table, relation.key, relation.event_time) == (
        "llm", "Calls", ("app", "call_id"), "started"
    )  # fmt: skip
    assert (relation.event_type, relation.zone, relation.has_xmin) == (NAIVE, "Europe/Berlin", False)


@pytest.mark.parametrize(
    ("made", "error", "message"),
    [
        (
            source(COLUMNS | {"team_id": "upper(team)"}),
            SourceSchemaError,
            "Calls lacks the columns team; it has app, call",
        ),
        (source(key="id"), SourceSchemaError, "lacks the columns id"),
        (source(event_time="day_of_week"), SourceSchemaError, "lacks the columns day_of_week"),
        (source(event_time="tokens_in"), SourceSchemaError, "event_time 'tokens_in' of Calls is integer, not a time"),
        (source(COLUMNS | {"team_id": "CASE WHEN"}), ConfigurationError, "'CASE WHEN' is not a SQL expression"),
        (source(COLUMNS | {"team_id": "'unclosed"}), ConfigurationError, "is not a SQL expression"),
    ],
)
def test_what_does_not_fit_is_named(made: TableSource, error: type[Exception], message: str) -> None:
    """With what the table has instead."""
    with pytest.raises(error, match=message):
        made.relation("public", FOUND, True)


def test_filled_says_what_fills_each_column() -> None:
    """An expression, a derivation, or that nothing maps it."""
    filled = {f.column: f for f in source().filled(FOUND)}
    assert list(filled) == [column.name for column in MAPPED]
    assert filled["duration_ms"].expression == "latency_s * 1000"
    assert filled["status"].expression == "derived: whether there is an error"
    assert filled["team_id"].why_null == "[sources.columns] of calls does not map it"


ENVELOPED = {"_source": "calls", "_batch_id": 7, "_ingested_at": at("2025-06-04T00:00:00"), "_record_hash": "h"}
DERIVED = {
    "time_basis": "missing", "operation_name": "chat", "token_basis": "missing", "status": "ok",
    "gateway_cache_hit": False, "is_synthetic": False, "app_name": "none", "cast_failures": [],
}  # fmt: skip
NINE = at("2025-06-03T09:00:00")
# Row of the table → what of it becomes canonical.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "everything": (
        {"app": "search", "vendor": "openai", "model_name": "gpt-4o", "started": "2025-06-03 09:00:00+00"}
        | {"finished": "2025-06-03 11:00:02.5+02", "latency_s": 2.25, "tokens_in": 10, "tokens_out": "5"}
        | {"cost": "0.000000000001", "code": 200},
        {"app_name": "search", "provider_raw": "openai", "response_model": "gpt-4o", "started_at": NINE}
        | {"ended_at": at("2025-06-03T09:00:02.5"), "event_date": date(2025, 6, 3), "time_basis": "event"}
        | {"duration_ms": 2250.0, "input_tokens": 10, "output_tokens": 5, "token_basis": "reported"}
        | {"cost_reported_usd": Decimal("1e-12"), "http_status_code": 200},
    ),
    "nothing": ({}, {}),
    "times alone give the duration": (
        {"started": "2025-06-03 09:00:00+00", "finished": "2025-06-03 09:00:01+00"},
        {"started_at": NINE, "ended_at": at("2025-06-03T09:00:01"), "event_date": date(2025, 6, 3)}
        | {"time_basis": "event", "duration_ms": 1000.0},
    ),
    "times out of order give none": (
        {"started": "2025-06-03 09:00:00+00", "finished": "2025-06-03 08:00:00+00"},
        {"started_at": NINE, "ended_at": at("2025-06-03T08:00:00"), "event_date": date(2025, 6, 3)}
        | {"time_basis": "event"},
    ),
    "a date alone": ({"day": "2024-12-31"}, {"event_date": date(2024, 12, 31), "time_basis": "date"}),
    "an own date comes first": (
        {"day": "2024-12-31", "started": "2025-06-03 09:00:00+00"},
        {"event_date": date(2024, 12, 31), "started_at": NINE, "time_basis": "event"},
    ),
    "failed by code": ({"code": 429}, {"http_status_code": 429, "status": "error"}),
    "failed by text": ({"err": "boom"}, {"error_message": "boom", "status": "error"}),
    "blank text is no error": ({"err": "  "}, {"error_message": "  "}),
    "one side of the tokens": ({"tokens_in": 0}, {"input_tokens": 0, "token_basis": "reported"}),
    "unreadable": (
        {"started": "infinity", "day": "soon", "tokens_out": "many", "cost": "NaN"},
        {"cast_failures": ["started_at", "event_date", "output_tokens", "cost_reported_usd"]},
    ),
    "too large a cost": ({"cost": "1e9"}, {"cast_failures": ["cost_reported_usd"]}),
}


def test_rows(spark: SparkSession) -> None:
    """What is mapped comes first, what follows from it second; what cannot be read is listed."""
    rows, expected = [], []
    for key, (given, becomes) in CASES.items():
        rows.append(ENVELOPED | {"_source_key": key, "call_id": key} | given)
        expected.append(ENVELOPED | {"_source_key": key, "source_record_id": key} | DERIVED | becomes)
    bronze = frame(spark, BRONZE, rows)
    assert_same(source().map_interactions(bronze), MAPPED_COLUMNS, expected, key=["source_record_id"])


def test_mapped_values_come_before_derived_ones(spark: SparkSession) -> None:
    """Status, time basis and the like may be mapped too; content is kept where it is configured."""
    mapping = {"status": "app", "time_basis": "'batch'", "is_synthetic": "true", "input_messages": "prompt"}
    rows = [ENVELOPED | {"_source_key": "k", "app": "rejected", "code": 500, "prompt": "hi"}]
    mapped = source(mapping, content="keep").map_interactions(frame(spark, BRONZE, rows))
    found = mapped.select("status", "time_basis", "is_synthetic", "input_messages").collect()
    assert tuple(found[0]) == ("rejected", "batch", True, "hi")
