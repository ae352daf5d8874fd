"""The verdict is Great Expectations'; what is unknown, empty or raises never passes. And every committed rule lints."""

from __future__ import annotations

from typing import Any

import pytest

from quality.compile import Counts
from quality.judge import expectation, judge
from quality.lint import lint, problems
from quality.loader import load_suite
from quality.model import RuleSpec
from quality.verdicts import Verdict, decide


def rule(kind: str, severity: str = "critical", on_fail: str = "gate", **kwargs: Any) -> RuleSpec:
    """One rule of a kind."""
    given = {"id": "r", "type": kind, "kwargs": kwargs, "severity": severity, "on_fail": on_fail}
    return RuleSpec.model_validate(given | {"dimension": "validity", "why": "For this test.", "fix": "Nothing to do."})


ROW = rule("expect_row_to_satisfy", column="a", predicate="a > 1", mostly=0.9)
COUNT = rule("expect_table_row_count_to_be_between", min_value=1)
SUM = rule("expect_aggregate_to_be_between", column="a", expression="sum(a)", min_value=1, max_value=2)
PSI = rule("expect_column_psi_to_be_less_than", column="a", edges=[1, 2], weight="n", baseline=[10, 20, 30])


@pytest.mark.parametrize(
    ("spec", "counts", "success"),
    [
        (ROW, Counts(10, {"r": 1}, {"r": 0}), True),
        (ROW, Counts(10, {"r": 2}, {"r": 0}), False),
        (rule("expect_column_values_to_not_be_null", column="a"), Counts(10, {"r": 1}, {"r": 0}), False),
        (rule("expect_column_values_to_be_in_set", column="a", value_set=["x"]), Counts(9, {"r": 0}, {"r": 9}), True),
        (rule("expect_column_values_to_match_regex", column="a", regex="x"), Counts(10, {"r": 1}, {"r": 5}), False),
        (rule("expect_column_values_to_be_between", column="a", max_value=1), Counts(10, {"r": 0}, {"r": 5}), True),
        (COUNT, Counts(0), False),
        (COUNT, Counts(1), True),
        (SUM, Counts(1, observed={"r": 2}), True),
        (SUM, Counts(1, observed={"r": 2.1}), False),
        (SUM, Counts(1, observed={"r": 0.9}), False),
        (SUM, Counts(1, observed={"r": None}), False),
        (PSI, Counts(1, observed={"r": [11, 19, 30]}), True),
        (PSI, Counts(1, observed={"r": [30, 20, 10]}), False),
        (rule("expect_table_columns_to_match_set", column_set=["b", "a"], exact_match=True), Counts(1), True),
        (rule("expect_table_columns_to_match_set", column_set=["a"], exact_match=True), Counts(1), False),
    ],
)
def test_verdict(spec: RuleSpec, counts: Counts, success: bool) -> None:
    """As the counts say, by Great Expectations' own arithmetic."""
    (verdict,) = judge([spec], counts, ["a", "b"])
    assert (verdict.success, verdict.raised) == (success, False), verdict
    assert verdict.decision == ("PASS" if success else "BLOCK")


@pytest.mark.parametrize(
    "spec",
    [
        rule("expect_nonsense", "warning", column="a"),
        rule("expect_row_to_satisfy", "warning", column="a"),
        rule("expect_row_to_satisfy", "warning", column="a", predicate="a", unknown=1),
        rule("expect_aggregate_to_be_between", "warning", column="a", expression="sum(a)"),
    ],
    ids=["unknown type", "argument missing", "unknown argument", "nothing observed"],
)
def test_a_rule_that_raises_blocks(spec: RuleSpec) -> None:
    """Even one that only warns; it is told, not dropped."""
    (verdict,) = judge([spec], Counts(10, {"other": 0}, {"other": 0}), ["a"])
    assert verdict.raised
    assert decide([verdict, *judge([COUNT], Counts(5), [])]) == "BLOCK"
    assert verdict.told("silver.x").startswith("r on silver.x raised ")


def test_decision_is_the_worst_that_a_rule_asks_for() -> None:
    """A rule that holds rows back does not block by itself; rules that were not judged are no pass."""
    bad = Counts(10, {"r": 9}, {"r": 0})
    for severity, on_fail, decision in (
        ("critical", "gate", "BLOCK"), ("critical", "quarantine", "WARN"), ("warning", "gate", "WARN"),
    ):  # fmt: skip
        spec = rule("expect_column_values_to_not_be_null", severity, on_fail, column="a")
        assert decide(judge([spec], bad, ["a"])) == decision
    assert decide(judge([ROW], Counts(10, {"r": 0}, {"r": 0}), ["a"])) == "PASS"
    assert decide([]) == "BLOCK"
    assert decide([Verdict(SUM, None, reason="cold start")]) == "BLOCK"
    assert decide(judge([COUNT, ROW], Counts(0, {"r": 0}, {"r": 0}), ["a"])) == "BLOCK"


def test_message_names_rule_table_count_and_share() -> None:
    """So that whoever is woken knows where to look."""
    (verdict,) = judge([ROW], Counts(1000, {"r": 420}, {"r": 0}), ["a"])
    assert verdict.told("silver.llm_interactions") == "r on silver.llm_interactions: 420 of 1,000 rows (42.00%)"


def test_every_committed_rule_lints() -> None:
    """It loads as an expectation, and the columns, parameters and SQL that it names are there."""
    assert lint() == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"type": "expect_nonsense"}, "expect_nonsense not found"),
        ({"type": "expect_column_values_to_be_unique"}, "breaks the single pass"),
        ({"kwargs": {"column": "no_such"}}, "there is no column 'no_such'"),
        ({"kwargs": {"column": "status", "value_set": []}}, "extra fields not permitted"),
        ({"type": "expect_row_to_satisfy", "kwargs": {"column": "status", "predicate": "stat = 1"}}, "column 'stat'"),
        ({"type": "expect_row_to_satisfy", "kwargs": {"column": "status", "predicate": "(a"}}, "not valid SQL"),
        (
            {
                "type": "expect_aggregate_to_be_between",
                "kwargs": {"column": "status", "expression": "sum(ttft_ms) / sum(duration_ms)"},
            },
            "divides by what can be 0",
        ),
        ({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "status", "regex": "("}}, "malformed"),
        (
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "status", "max_value": {"$PARAMETER": "x"}},
            },
            "parameter 'x' has no value",
        ),
    ],
)
def test_lint_tells_what_is_wrong(changed: dict[str, Any], told: str) -> None:
    """With the rule's id."""
    suite = load_suite("silver.llm_interactions")
    good = rule("expect_column_values_to_not_be_null", column="status")
    found = list(problems(suite.model_copy(update={"expectations": (COUNT, good.model_copy(update=changed))})))
    assert len(found) == 1
    assert told in found[0]
    assert "rule r" in found[0]
    assert list(problems(suite.model_copy(update={"expectations": (COUNT, good)}))) == []


def test_lint_wants_a_rule_that_counts_rows() -> None:
    """Every other rule passes an empty batch."""
    suite = load_suite("silver.llm_interactions")
    good = rule("expect_column_values_to_not_be_null", column="status")
    assert "empty batch" in next(iter(problems(suite.model_copy(update={"expectations": (good,)}))))


def test_expectation_carries_what_its_reader_needs() -> None:
    """Id, dimension, severity and reason."""
    made = expectation(ROW)
    assert made.meta == {"rule_id": "r", "dimension": "validity", "on_fail": "gate"}
    assert (str(made.severity.value), made.notes) == ("critical", "For this test.")
