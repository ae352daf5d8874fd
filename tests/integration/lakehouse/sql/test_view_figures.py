"""Figures of the views against published and exact ones, on rows written straight into gold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pyspark.sql import Row, SparkSession

from jobs.context import JobContext
from lakehouse.io.write import append_first
from lakehouse.tables import Table, table
from lakehouse.tables.gold import ERRORS, LATENCY, USAGE
from tests.support.frames import Rows, at, frame

GAMMA = 1.01 / 0.99
# Wilson's interval without continuity correction as Newcombe (1998), table I, gives it: k of n → lower, upper.
NEWCOMBE = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
SIZES = {"few": 19, "some": 150, "many": 5000}
BATCHES = {"waiting": ["VERIFIED"], "conserved": ["VERIFIED", "REFINED"], "lost": ["VERIFIED", "REFINED"]}


def latencies(model: str) -> np.ndarray:
    """Durations in ms."""
    return np.random.default_rng(SIZES[model]).lognormal(7, 1, SIZES[model])


@pytest.fixture(scope="module")
def filled(open_lakehouse: Callable[..., JobContext]) -> SparkSession:
    """A lakehouse with the rows that the tests are about."""
    session = open_lakehouse(()).spark

    def put(into: Table, rows: Rows) -> None:
        append_first(frame(session, into.columns, rows), into)

    hours = [at("2025-06-03T10:00:00"), at("2025-06-03T11:00:00")]
    put(USAGE, [usage(k, n, hour, i) for k, n in NEWCOMBE for i, hour in enumerate(hours)])
    put(LATENCY, [bucket for model in SIZES for bucket in histogram(model)])
    put(ERRORS, [{"model_key": "m", "status": "error", "request_count": n, "duration_sum_ms": 500.0} for n in (2, 3)])
    put(table("ops.batch"), [batch(source, state) for source, states in BATCHES.items() for state in states])
    put(table("silver.quarantine"), [{"source_name": "conserved", "failed_rules": ["a", "b"]}, {"source_name": "lost"}])
    put(table("silver.superseded"), [{"source_name": "conserved"}])
    return session


def usage(k: int, n: int, hour: object, part: int) -> dict[str, Any]:
    """One of two hours of a model with k failures of n: the first has all but one attempt."""
    counts = {"request_count": 1, "error_count": 0} if part else {"request_count": n - 1, "error_count": k}
    return {"hour_at": hour, "model_key": f"{k}/{n}", "input_tokens": None} | counts


def histogram(model: str) -> list[dict[str, Any]]:
    """Rows of gold for a model's durations, in two hours."""
    buckets = Counter((math.ceil(math.log(x) / math.log(GAMMA)), i % 2) for i, x in enumerate(latencies(model)))
    return [
        {"hour_at": at(f"2025-06-03T1{half}:00:00"), "model_key": model, "metric": "duration_ms"}
        | {"bucket": bucket, "request_count": count}
        for (bucket, half), count in buckets.items()
    ]


def batch(source: str, state: str) -> dict[str, Any]:
    """A batch of two rows."""
    return {"batch_id": 1, "source_name": source, "state": state, "rows_written": 2, "rows_read": 5}


def view(spark: SparkSession, name: str, key: str) -> dict[str, Row]:
    """A view's rows by one of its columns."""
    return {row[key]: row for row in spark.table(f"analytics.{name}").collect()}


def test_error_rate_has_wilsons_interval(filled: SparkSession) -> None:
    """To the four digits that were published, over hours that were added first."""
    found = view(filled, "error_rate", "model_key")
    for (k, n), bounds in NEWCOMBE.items():
        row = found[f"{k}/{n}"]
        assert (row.error_count, row.request_count, row.error_ratio) == (k, n, k / n)
        assert (round(row.error_ratio_low, 4), round(row.error_ratio_high, 4)) == bounds


def test_latency_quantiles_are_within_one_percent_or_not_shown(filled: SparkSession) -> None:
    """A quantile needs ten attempts beyond it."""
    found = view(filled, "model_latency", "model_key")
    shown = {"few": [], "some": [50, 90], "many": [50, 90, 95, 99]}
    for model, percents in shown.items():
        row = found[model]
        assert row.request_count == SIZES[model]
        assert [p for p in (50, 90, 95, 99) if row[f"p{p}_ms"] is not None] == percents
        for p in percents:
            exact = float(np.quantile(latencies(model), p / 100, method="inverted_cdf"))
            assert row[f"p{p}_ms"] == pytest.approx(exact, rel=0.01)


def test_errors_are_added_over_hours(filled: SparkSession) -> None:
    """Time lost in seconds."""
    row = view(filled, "errors_by_type", "model_key")["m"]
    assert (row.error_count, row.lost_s, row.cost_usd) == (5, 1.0, None)


def test_conservation_of_rows(filled: SparkSession) -> None:
    """Told only once nothing waits; a row that broke two rules is held once and stands under both."""
    found = view(filled, "row_conservation", "source_name")
    assert {name: row.is_conserved for name, row in found.items()} == {
        "waiting": None,
        "conserved": True,
        "lost": False,
    }
    assert (found["conserved"].quarantine_count, found["conserved"].superseded_count) == (1, 1)
    rules = view(filled, "quarantine_summary", "rule_id")
    assert {rule: row.row_count for rule, row in rules.items()} == {"a": 1, "b": 1}
    freshness = view(filled, "source_freshness", "source_name")
    assert (freshness["lost"].bronze_count, freshness["lost"].read_again_count) == (2, 3)
