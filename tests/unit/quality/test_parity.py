"""Our one pass and Great Expectations' own run find the same, for every rule, on random rows that are mostly bad."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import great_expectations as gx
import pytest
from great_expectations.core import ExpectationSuite
from great_expectations.expectations.registry import get_expectation_impl
from pyspark.sql import SparkSession

from lakehouse.tables.model import Column
from quality.compile import compile_rules, measures, read_counts
from quality.export import export
from quality.judge import judge
from quality.loader import load_suite, load_suites
from quality.model import RuleSpec
from quality.second import validated
from quality.thresholds import filled
from tests.support.frames import at, frame
from tests.support.rules import FIXTURES
from tests.support.rules.model import Fixture

ROWS = 300
NOON = at("2025-06-03T12:00:00")
WORDS = ["", "None", "ok", "error", "other", "event", "chat", "s", "c", "f", "0123456789abcdef" * 4]


def draw(column: Column, dice: random.Random) -> Any:
    """A value that may be null, unheard of, negative, far away or just right."""
    if dice.random() < 0.15:
        return None
    kind = column.type.split("(")[0]
    number = dice.choice([-1, 0, 1, 5, 16, 400, 599, 20_000_001, dice.randrange(100)])
    if kind == "STRING":
        return dice.choice([*column.enum, *WORDS])
    if kind == "ARRAY<STRING>":
        return dice.choice([[], ["started_at"], ["a", "b"]])
    if kind == "BOOLEAN":
        return dice.random() < 0.5
    if kind == "TIMESTAMP":
        return NOON + timedelta(minutes=dice.choice([-5_000_000, -60, 0, 4, 6, 3000]))
    if kind == "DATE":
        return date(2025, 6, dice.randrange(1, 30))
    if kind == "DECIMAL":
        return Decimal(number) / 10
    return number * 0.5 if kind == "DOUBLE" else number


def settled(table: str) -> list[RuleSpec]:
    """Rules of a suite whose bounds need no history, with the facts of its clean fixture."""
    suite = load_suite(table)
    known = {**suite.parameters, **FIXTURES[table].clean.facts}
    specs = [filled(rule, known) for rule in suite.expectations if not rule.learned]
    learned = [rule for rule in suite.expectations if rule.learned and "edges" in rule.kwargs]
    baselines = [{**rule.kwargs, "baseline": [1.0] * (len(rule.kwargs["edges"]) + 1)} for rule in learned]
    return specs + [r.model_copy(update={"kwargs": k}) for r, k in zip(learned, baselines, strict=True)]


def random_rows(fixture: Fixture) -> list[dict[str, Any]]:
    """Rows of which each value is drawn; only the column that counts rows is never null."""
    dice = random.Random(fixture.suite.table)  # noqa: S311  no secret
    rows = [{column.name: draw(column, dice) for column in fixture.columns} for _ in range(ROWS)]
    every = fixture.suite.every_row
    return [row | ({every: fixture.good[every]} if row[every] is None else {}) for row in rows]


@pytest.mark.parametrize("table", FIXTURES)
def test_counts_and_verdicts_are_those_of_great_expectations(spark: SparkSession, table: str) -> None:
    """Success, rows looked at, out of scope and broken, and the observed value, to the last row."""
    fixture, specs = FIXTURES[table], settled(table)
    rows = frame(spark, fixture.columns, random_rows(fixture))
    counts = read_counts(rows.agg(*measures(compile_rules(specs), specs)).collect()[0].asDict())
    ours, theirs = judge(specs, counts, rows.columns), validated(specs, rows)
    assert not [verdict.reason for verdict in (*ours, *theirs) if verdict.raised]
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.success, mine.element_count, mine.missing_count, mine.unexpected_count) == (
            other.success, other.element_count, other.missing_count, other.unexpected_count,
        ), mine.spec.id  # fmt: skip
        assert (mine.observed is None) == (other.observed is None)
        assert mine.observed is None or math.isclose(mine.observed, other.observed or 0, abs_tol=1e-12), mine.spec.id
    assert {verdict.success for verdict in ours} == {True, False}


def test_exported_suites_run_in_stock_great_expectations(spark: SparkSession, tmp_path: Path) -> None:
    """They name no type of ours, load from a folder as its own context keeps them, and come to the same verdicts."""
    context = gx.get_context(mode="file", project_root_dir=tmp_path)
    left_out = export(load_suites(), tmp_path / "gx" / "expectations", {})
    assert "silver.llm_interactions: volume_band" in left_out
    assert not [rule for rule in left_out if rule.split(": ")[0] in ("bronze.batch",) and "read_again" not in rule]
    suites = {suite.name: suite for suite in context.suites.all()}
    assert set(suites) == set(FIXTURES)
    types = {expectation.expectation_type for suite in suites.values() for expectation in suite.expectations}
    assert all(get_expectation_impl(name).__module__.startswith("great_expectations.") for name in types)
    table = "silver.llm_interactions"
    fixture = FIXTURES[table]
    rows = frame(spark, fixture.columns, random_rows(fixture))
    own = {verdict.spec.id: verdict.success for verdict in validated(settled(table), rows)}
    source = context.data_sources.add_spark("rows", persist=False)
    batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    kept: ExpectationSuite = suites[table]
    found = batch.get_batch({"dataframe": rows}).validate(kept, result_format="BOOLEAN_ONLY").results
    stock = {one.expectation_config.meta["rule_id"]: one.success for one in found if one.expectation_config}
    assert len(stock) == len(kept.expectations)
    assert stock == {rule: own[rule] for rule in stock}
