"""Every rule of every suite: what it is for is caught, what just meets it passes, and none could be missing unseen.

A rule without a fixture fails here, and so does one whose fixture would not notice that a part of it is gone.
"""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from quality.loader import load_suites
from quality.model import RuleSpec
from quality.verdicts import Verdict
from tests.support.rules import FIXTURES
from tests.support.rules.model import CLEAN, is_row_rule, table_verdicts
from tests.support.rules.rows import WHOLE, Found, judged_rows

RULES = [(suite.table, rule) for suite in load_suites() for rule in suite.expectations]
ROW_RULES = [pair for pair in RULES if is_row_rule(pair[1])]
TABLE_RULES = [pair for pair in RULES if not is_row_rule(pair[1])]


def name_of(value: object) -> str:
    """Id of a parameter."""
    return value.id if isinstance(value, RuleSpec) else str(value)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> dict[str, Found]:
    """What each row rule says of its rows, by table."""
    return {table: judged_rows(spark, fixture) for table, fixture in FIXTURES.items()}


@pytest.fixture(scope="module")
def tables(spark: SparkSession) -> dict[str, dict[str, list[Verdict]]]:
    """Verdicts on the clean table and on each that breaks a rule, by table of the suite."""
    return {table: table_verdicts(spark, fixture) for table, fixture in FIXTURES.items()}


def test_every_suite_has_a_fixture() -> None:
    """And none more."""
    assert set(FIXTURES) == {table for table, _ in RULES}
    for table, fixture in FIXTURES.items():
        ids = {rule.id for rule in fixture.suite.expectations}
        assert {*fixture.rows, *fixture.tables} <= ids, table


@pytest.mark.parametrize(("table", "rule"), ROW_RULES, ids=name_of)
def test_row_rule_is_broken_by_what_it_is_for(table: str, rule: RuleSpec, rows: dict[str, Found]) -> None:
    """And by nothing that just meets it."""
    breaking, meeting = FIXTURES[table].row_cases(rule)
    assert breaking
    assert meeting
    assert rows[table][rule.id][WHOLE] == [True] * len(breaking) + [False] * len(meeting)


@pytest.mark.parametrize(("table", "rule"), ROW_RULES, ids=name_of)
def test_row_rule_without_a_part_would_be_noticed(table: str, rule: RuleSpec, rows: dict[str, Found]) -> None:
    """Each mutant judges at least one of the rule's rows otherwise."""
    found = rows[table][rule.id]
    assert [text for text, broken in found.items() if text != WHOLE and broken == found[WHOLE]] == []


@pytest.mark.parametrize(("table", "rule"), TABLE_RULES, ids=name_of)
def test_table_rule_is_broken_by_what_it_is_for(
    table: str, rule: RuleSpec, tables: dict[str, dict[str, list[Verdict]]]
) -> None:
    """Great Expectations says so, nothing raises, and on clean data it is met; learned rules have ten clean results."""
    verdicts = {name: next(v for v in found if v.spec.id == rule.id) for name, found in tables[table].items()}
    assert not [v.reason for v in verdicts.values() if v.raised]
    assert verdicts[CLEAN].success is True
    own = [verdict for name, verdict in verdicts.items() if name.rpartition(" ")[0] == rule.id]
    assert own
    assert [verdict.success for verdict in own] == [False] * len(own)
