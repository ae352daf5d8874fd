"""Proposed rules load, hold for the rows that they were learned from, and are broken by others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.errors import ConfigurationError
from quality.compile import Counts, compile_rules, measures, read_counts
from quality.judge import judge
from quality.loader import parse_suite
from quality.profile import profile
from tests.support.frames import at, frame, typed

COLUMNS = typed(id="STRING", kind="STRING", n="BIGINT", usd="DECIMAL(20,12)", seen="TIMESTAMP", empty="STRING")
ROWS: list[dict[str, Any]] = [
    {"id": f"r{i}", "kind": "ab"[i % 2], "n": i, "seen": at("2025-06-03T10:00:00")}
    | ({"usd": Decimal(i) / 8} if i % 4 else {})
    for i in range(100)
]


def test_proposals_hold_and_are_broken_by_other_rows(spark: SparkSession) -> None:
    """By hand: id is no enum, kind is one of two, usd is there in 3 of 4 rows, n and seen have bounds."""
    rows = frame(spark, COLUMNS, ROWS)
    suite = parse_suite(profile("silver.calls", rows), "proposed.yml")
    kwargs = {rule.id: rule.kwargs for rule in suite.expectations}
    assert set(kwargs) == {
        "rows_there", "id_there", "kind_there", "kind_known", "n_there", "n_range", "usd_there", "usd_range",
        "seen_there", "seen_range",
    }  # fmt: skip
    assert kwargs["kind_known"]["value_set"] == ["a", "b"]
    assert kwargs["usd_there"]["mostly"] == 0.75
    assert (kwargs["n_range"]["min_value"], kwargs["n_range"]["max_value"]) == (0, 99)
    odd = [{"kind": "c", "n": -1, "usd": Decimal(-1), "seen": at("2020-01-01T00:00:00")}]

    def failed(given: list[dict[str, Any]]) -> set[str]:
        them = frame(spark, COLUMNS, given)
        counted = them.agg(*measures(compile_rules(suite.expectations), suite.expectations)).collect()[0].asDict()
        counts: Counts = read_counts(counted)
        return {v.spec.id for v in judge(suite.expectations, counts, them.columns) if not v.success}

    assert failed(ROWS) == set()
    assert failed(odd) == {"id_there", "kind_known", "n_range", "usd_range", "seen_range"}


def test_nothing_to_learn_from_is_told(spark: SparkSession) -> None:
    """An empty table, and one whose every column is null somewhere."""
    with pytest.raises(ConfigurationError, match=r"silver\.calls has no row"):
        profile("silver.calls", frame(spark, COLUMNS, []))
    with pytest.raises(ConfigurationError, match=r"every column of silver\.calls is null somewhere"):
        profile("silver.calls", frame(spark, COLUMNS, [{"id": "a"}, {"kind": "b"}]))
