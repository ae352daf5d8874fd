"""Rules as Spark columns: what breaks each, what meets it, and that a null never decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.errors import SuiteError
from lakehouse.tables.ops import STAGING
from lakehouse.tables.silver import INTERACTIONS
from quality.compile import broken, compile_suite
from quality.loader import RuleSpec, Suite, load_suite
from tests.support.frames import at, frame, typed

GOOD: dict[str, Any] = {
    "source_record_id": "r1", "cast_failures": [], "status": "ok", "response_model": "m",
    "ingested_at": at("2025-06-03T12:00:00"), "event_at": at("2025-06-03T10:00:00"), "time_basis": "event",
    "operation_name": "chat", "token_basis": "reported", "duration_ms": 400.0, "cost_status": "no_usage",
    "source_name": "s", "batch_id": 1, "interaction_id": "i1",
}  # fmt: skip
ERROR: dict[str, Any] = {"status": "error", "error_type": "other"}
PRICED: dict[str, Any] = {
    "cost_status": "priced", "cost_usd": Decimal("0.1"), "cost_output_usd": Decimal("0.1"), "cost_other_usd": None,
}  # fmt: skip
SECOND = {"started_at": at("2025-06-03T10:00:01"), "ended_at": at("2025-06-03T10:00:01")}

# Rule → rows that break it, rows that just do not.
CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "bad_identity": (
        [{"source_record_id": text} for text in (None, "", "  ", "None", "null", " None ")],
        [{"source_record_id": "none-1"}],
    ),
    "unparsable_value": ([{"cast_failures": ["started_at"]}], [{"cast_failures": []}]),
    "negative_measure": (
        [{name: -1} for name in ("input_tokens", "output_tokens", "cache_read_input_tokens")]
        + [{name: -1} for name in ("cache_write_input_tokens", "reasoning_output_tokens", "retry_count")]
        + [{"cost_reported_usd": Decimal("-1e-12")}, {"duration_ms": -0.001}, {"ttft_ms": -1.0}],
        [{"input_tokens": 0, "output_tokens": 5, "cost_reported_usd": Decimal(0), "duration_ms": 0.0, "ttft_ms": 0.0}],
    ),
    "future_time": ([{"event_at": at("2025-06-03T12:05:00.000001")}], [{"event_at": at("2025-06-03T12:05:00")}]),
    "epoch_unit": ([{"event_at": at("2019-12-31T23:59:59")}], [{"event_at": at("2020-01-01T00:00:00")}]),
    "time_order": ([SECOND | {"ended_at": at("2025-06-03T10:00:00")}], [SECOND, SECOND | {"ended_at": None}]),
    "ttft_after_end": (
        [{"ttft_ms": 2.0, "duration_ms": 1.0}],
        [{"ttft_ms": 1.0, "duration_ms": 1.0}, {"ttft_ms": 2.0}],
    ),
    "token_sum_mismatch": (
        [{"total_tokens_reported": 4, "input_tokens": 2, "output_tokens": 1}],
        [{"total_tokens_reported": 3, "input_tokens": 2, "output_tokens": 1}, {"total_tokens_reported": 3}],
    ),
    "cache_exceeds_input": (
        [
            {"input_tokens": 5, "cache_read_input_tokens": 4, "cache_write_input_tokens": 2},
            {"cache_read_input_tokens": 1},
        ],
        [{"input_tokens": 5, "cache_read_input_tokens": 4, "cache_write_input_tokens": 1}, {"input_tokens": 5}],
    ),
    "reasoning_exceeds_output": (
        [{"output_tokens": 5, "reasoning_output_tokens": 6}, {"reasoning_output_tokens": 1}],
        [{"output_tokens": 5, "reasoning_output_tokens": 5}],
    ),
    "no_model": ([{"response_model": None}], [{"response_model": None, "status": "error"}]),
    "ttft_is_total": (
        [{"ttft_ms": 900.0, "duration_ms": 900.0, "output_tokens": 16}],
        [
            {"ttft_ms": 899.0, "duration_ms": 900.0, "output_tokens": 16},
            {"ttft_ms": 900.0, "duration_ms": 900.0, "output_tokens": 15},
            {"ttft_ms": 900.0, "duration_ms": 900.0},
            {"ttft_ms": 0.0, "duration_ms": 0.0, "output_tokens": 16},
        ],
    ),
    "duration_implausible": ([{"duration_ms": 86_400_000.1}], [{"duration_ms": 86_400_000.0}, {"duration_ms": None}]),
    "speed_implausible": (
        [{"output_tokens": 2001, "duration_ms": 100.0}, {"output_tokens": 16, "duration_ms": 0.0}],
        [
            {"output_tokens": 2000, "duration_ms": 100.0},
            {"output_tokens": 2001, "duration_ms": 100.0, "gateway_cache_hit": True},
            {"output_tokens": 2001, "duration_ms": 100.0, "status": "error", "error_type": "other"},
            {"output_tokens": 15, "duration_ms": 0.0},
        ],
    ),
    "failure_without_duration": (
        [{"status": "error", "error_type": "other", "duration_ms": 0.0}],
        [{"status": "error", "error_type": "other"}, {"duration_ms": 0.0}],
    ),
    "tokens_implausible": (
        [{"input_tokens": 20_000_001}, {"output_tokens": 20_000_001}],
        [{"input_tokens": 20_000_000, "output_tokens": 20_000_000}],
    ),
    "ok_without_usage": (
        [{"duration_ms": None}],
        [{"output_tokens": 1, "duration_ms": None}, {"gateway_cache_hit": True, "duration_ms": None}],
    ),
    "status_conflict": (
        [{"http_status_code": 400}],
        [{"http_status_code": 399}, {"http_status_code": 500, "status": "error", "error_type": "other"}],
    ),
    "failure_without_class": ([{"status": "error"}], [{"status": "error", "error_type": "other"}]),
    "cost_implausible": (
        [{"cost_reported_usd": Decimal("10000.01")}],
        [{"cost_reported_usd": Decimal("10000")}],
    ),
    "cached_answer_billed": (
        [{"gateway_cache_hit": True, "cost_reported_usd": Decimal("0.1")}],
        [{"gateway_cache_hit": True, "cost_reported_usd": Decimal(0)}, {"cost_reported_usd": Decimal("0.1")}],
    ),
    "time_without_event": (
        [{"event_at": None, "time_basis": "event"}, {"event_at": None, "time_basis": "paired"}],
        [{"event_at": None, "time_basis": "date"}],
    ),
    "source_cost_zero": (
        [PRICED | {"cost_reported_usd": Decimal(0)}],
        [
            PRICED | {"cost_reported_usd": Decimal("0.1")},
            PRICED,
            {"cost_status": "free", "cost_usd": Decimal(0), "cost_reported_usd": Decimal(0)},
            {"cost_reported_usd": Decimal(0)},
        ],
    ),
    "unpriced_has_cost": (
        [{"cost_usd": Decimal(0)}, {"cost_status": "priced"}],
        [PRICED, {"cost_status": "unpriced"}],
    ),
    "cost_parts_sum": (
        [PRICED | {"cost_output_usd": Decimal("0.09")}, PRICED | {"cost_other_usd": Decimal("1e-12")}],
        [PRICED, PRICED | {"cost_usd": Decimal("0.12"), "cost_other_usd": Decimal("0.02")}],
    ),
    "null_source_name": ([{"source_name": None}], [{"source_name": "s"}]),
    "null_batch_id": ([{"batch_id": None}], [{"batch_id": 0}]),
    "null_interaction_id": ([{"interaction_id": None}], [{}]),
    "http_status_range": (
        [{"http_status_code": 99}, {"http_status_code": 600}],
        [{"http_status_code": 100}, {"http_status_code": 599}, {"http_status_code": None}],
    ),
}  # fmt: skip


def rule(kind: str, **kwargs: Any) -> RuleSpec:
    """One rule of a kind."""
    given = {"id": "r", "type": kind, "kwargs": kwargs, "severity": "warning", "on_fail": "flag"}
    given |= {"dimension": "validity", "why": "For this test.", "fix": "Nothing to do."}
    return RuleSpec.model_validate(given)


def suite(*rules: RuleSpec) -> Suite:
    """Rules of a table."""
    return Suite(table="silver.llm_interactions", every_row="batch_id", expectations=rules)


def test_every_rule_of_silver_is_broken_by_what_it_is_for(spark: SparkSession) -> None:
    """And by nothing that just meets it, whatever else the rows break."""
    rules = compile_suite(load_suite("silver.llm_interactions"))
    assert {r.id for r in rules} == {*CASES, *(f"enum_{c.name}" for c in STAGING.columns if c.enum)}
    rows = [
        GOOD | change | {"app_name": f"{name} {'breaks' if breaks else 'meets'} {i}"}
        for name, pair in CASES.items()
        for breaks, changes in zip((True, False), pair, strict=True)
        for i, change in enumerate(changes)
    ]
    every = F.concat(*[broken(rules, on_fail) for on_fail in ("quarantine", "flag", "gate")])
    judged = frame(spark, INTERACTIONS.columns, rows).select("app_name", every.alias("broken"))
    for key, found in judged.collect():
        name, outcome, _ = key.split()
        assert (name in found) == (outcome == "breaks"), (key, found)


def test_every_enum_of_silver_is_judged(spark: SparkSession) -> None:
    """A value that its definition does not have breaks just the rule of that column; each of its values meets it."""
    rules = compile_suite(load_suite("silver.llm_interactions"))
    enums = [column for column in STAGING.columns if column.enum]
    unknown = [GOOD | ERROR | {c.name: "unheard-of", "app_name": c.name} for c in enums]
    known = [GOOD | ERROR | {c.name: value, "app_name": "known"} for c in enums for value in c.enum]
    judged = frame(spark, INTERACTIONS.columns, unknown + known)
    for name, found in judged.select("app_name", broken(rules, "quarantine")).collect():
        assert found == ([] if name == "known" else [f"enum_{name}"]), name


def test_a_good_row_and_a_row_of_nulls(spark: SparkSession) -> None:
    """A good row breaks nothing; of nulls only those rules complain that want something to be there."""
    rules = compile_suite(load_suite("silver.llm_interactions"))
    rows = frame(spark, INTERACTIONS.columns, [GOOD, {}])
    bad = rows.select(*[r.bad.alias(r.id) for r in rules]).collect()
    assert all(value is not None for row in bad for value in row)
    assert not any(bad[0])
    assert [r.id for r, value in zip(rules, bad[1], strict=True) if value] == [
        "bad_identity", "unparsable_value", "ok_without_usage", "no_model", "failure_without_class",
        "time_without_event", "unpriced_has_cost", "null_interaction_id", "null_source_name", "null_batch_id",
    ]  # fmt: skip


def test_meaning_of_each_type(spark: SparkSession) -> None:
    """As Great Expectations means it: a null meets every rule about values, but not the one against nulls."""
    rules = {
        "set": rule("expect_column_values_to_be_in_set", column="s", value_set=["a", "b"]),
        "regex": rule("expect_column_values_to_match_regex", column="s", regex="^a"),
        "between": rule("expect_column_values_to_be_between", column="n", min_value=1, max_value=3),
        "strict": rule(
            "expect_column_values_to_be_between", column="n", min_value=1, strict_min=True, max_value=3, strict_max=True
        ),
        "above": rule("expect_column_values_to_be_between", column="n", min_value=2),
        "not null": rule("expect_column_values_to_not_be_null", column="n"),
        "row": rule("expect_row_to_satisfy", predicate="n > 1"),
    }
    rows = frame(spark, typed(s="STRING", n="BIGINT"), [{"s": "a", "n": 1}, {"s": "xa", "n": 3}, {}])
    compiled = compile_suite(suite(*rules.values()))
    found = rows.select(*[r.bad.alias(name) for r, name in zip(compiled, rules, strict=True)]).collect()
    assert {name: [row[name] for row in found] for name in rules} == {
        "set": [False, True, False],
        "regex": [False, True, False],
        "between": [False, False, False],
        "strict": [True, True, False],
        "above": [True, False, False],
        "not null": [False, False, True],
        "row": [True, False, True],
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            rule("expect_column_values_to_be_unique", column="x"),
            "rule r: type 'expect_column_values_to_be_unique' cannot",
        ),
        (rule("expect_column_values_to_be_in_set", column="x"), "rule r: argument 'value_set' is missing"),
        (rule("expect_column_values_to_not_be_null"), "rule r: argument 'column' is missing"),
        (rule("expect_row_to_satisfy"), "rule r: argument 'predicate' is missing"),
    ],
)
def test_what_cannot_be_compiled_is_named(spark: SparkSession, spec: RuleSpec, message: str) -> None:
    """With its rule."""
    with pytest.raises(SuiteError, match=message):
        compile_suite(suite(spec))


def test_no_rule_of_a_kind_gives_no_ids(spark: SparkSession) -> None:
    """An empty array, not null."""
    rows = frame(spark, typed(n="BIGINT"), [{"n": 1}])
    assert rows.select(broken([], "flag")).collect()[0][0] == []
