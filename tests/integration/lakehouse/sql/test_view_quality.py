"""Views over the gates' results, against figures worked by hand on rows written straight into ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs.context import JobContext
from lakehouse.io.write import append_first
from lakehouse.tables.quality import DECISION, LINEAGE, RESULT, SCORE
from lakehouse.tables.silver import QUARANTINE
from tests.support.frames import at, frame
from tests.support.source import rows_of

FIRST, SECOND, THIRD = at("2025-06-03T10:00:00"), at("2025-06-03T11:00:00"), at("2025-06-04T10:00:00")
SILVER, GOLD = "silver.llm_interactions", "gold.usage_hourly"
HEAD = {"run_id": "r", "layer": "silver", "table_name": SILVER}


def result(rule: str, when: object, met: bool | None, gate: str, **more: Any) -> dict[str, Any]:
    """One verdict of silver's gate."""
    alone = {True: "PASS", None: "PASS", False: gate}[met]
    return HEAD | {"rule_id": rule, "judged_at": when, "is_met": met, "decision": alone, "gate_decision": gate} | more


def score(when: object, value: float | None, **more: Any) -> dict[str, Any]:
    """One score."""
    return HEAD | {"judged_at": when, "score": value, "rule_count": 2} | more


@pytest.fixture(scope="module")
def context(open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """Silver passed, warned, then blocked; gold was never judged again after its first time, one table never."""
    opened = open_lakehouse(())
    rows = {
        RESULT: [
            result("a", FIRST, True, "PASS", unexpected_count=0),
            result("b", FIRST, None, "PASS"),
            result("a", SECOND, False, "WARN", unexpected_count=3, unexpected_ratio=0.3),
            result("b", SECOND, True, "WARN"),
            result("a", THIRD, True, "BLOCK", unexpected_count=0, unexpected_ratio=0.0),
            result("b", THIRD, False, "BLOCK"),
            result("c", SECOND, True, "PASS", layer="gold", table_name=GOLD),
        ],
        SCORE: [
            score(FIRST, 100.0, pass_ratio=1.0), score(SECOND, 60.0, pass_ratio=0.7),
            score(THIRD, 49.0, pass_ratio=1.0), score(THIRD, 40.0, dimension="validity"),
            score(SECOND, 100.0, layer="gold", table_name=GOLD),
            score(SECOND, None, dimension="accuracy", layer="gold", table_name=GOLD),
        ],
        LINEAGE: [
            {"view_name": "spend", "table_name": SILVER}, {"view_name": "spend", "table_name": GOLD},
            {"view_name": "new", "table_name": "bronze.batch"},
        ],
        QUARANTINE: [
            {"source_name": "s", "record_hash": h, "batch_id": 1, "failed_rules": ["x"], "recorded_at": FIRST}
            for h in ("h1", "h2")
        ],
        DECISION: [
            {"decision_id": i, "source_name": "s", "record_hash": "h1", "batch_id": 1, "outcome": outcome}
            for i, outcome in enumerate(("requested", "held", "discarded"))
        ],
    }  # fmt: skip
    for table, values in rows.items():
        append_first(frame(opened.spark, table.columns, values), table)
    return opened


def test_scorecard_is_the_newest_judgement_of_each_gate(context: JobContext) -> None:
    """Whole tables and dimensions."""
    found = rows_of(context, "SELECT layer, table_name, dimension, score FROM analytics.quality_scorecard")
    assert set(found) == {
        ("silver", SILVER, None, 49.0), ("silver", SILVER, "validity", 40.0),
        ("gold", GOLD, None, 100.0), ("gold", GOLD, "accuracy", None),
    }  # fmt: skip


def test_trend_is_by_day(context: JobContext) -> None:
    """Last and lowest of the day."""
    query = "SELECT day(judged_date), gate_count, last_score, lowest_score, lowest_pass_ratio"
    found = rows_of(context, f"{query} FROM analytics.quality_trend WHERE layer = 'silver' ORDER BY 1")
    assert found == [(3, 2, 60.0, 60.0, 0.7), (4, 1, 49.0, 49.0, 1.0)]


def test_worst_rules_come_first_that_blocked(context: JobContext) -> None:
    """Rules that never failed are not there; those not judged count as nothing."""
    names = "rule_id, judged_count, failed_count, blocked_count, unexpected_count, last_unexpected_ratio, is_failing"
    found = rows_of(context, f"SELECT {names} FROM analytics.quality_worst_rules ORDER BY worst_rank")
    assert found == [("b", 2, 1, 1, None, None, True), ("a", 3, 1, 0, 3, 0.0, False)]


def test_gate_state_tells_what_a_view_rests_on(context: JobContext) -> None:
    """The gate that blocked, since when it is closed, and a gate that never judged."""
    names = "view_name, layer, table_name, gate_decision, score, failed_rules, day(passed_at), hour(passed_at)"
    assert set(map(repr, rows_of(context, f"SELECT {names} FROM analytics.quality_gate_state"))) == set(
        map(repr, [
            ("spend", "silver", SILVER, "BLOCK", 49.0, ["b"], 3, 11),
            ("spend", "gold", GOLD, "PASS", 100.0, [], 3, 11),
            ("new", None, "bronze.batch", None, None, None, None, None),
        ])
    )  # fmt: skip


def test_discarded_rows_stay_in_the_sum(context: JobContext) -> None:
    """One of two was discarded, after a release in vain."""
    assert rows_of(context, "SELECT rule_id, row_count, discarded_count FROM analytics.quarantine_summary") == [
        ("x", 2, 1)
    ]
