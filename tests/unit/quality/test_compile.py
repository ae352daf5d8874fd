"""Rules as Spark columns: what each type means, and that a null never decides."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.errors import SuiteError
from quality.compile import broken, compile_suite
from quality.loader import RuleSpec, Suite, load_suite
from tests.support.frames import frame, typed
from tests.support.rules.silver import INTERACTIONS as FIXTURE


def rule(kind: str, **kwargs: Any) -> RuleSpec:
    """One rule of a kind."""
    given = {"id": "r", "type": kind, "kwargs": kwargs, "severity": "warning", "on_fail": "flag"}
    given |= {"dimension": "validity", "why": "For this test.", "fix": "Nothing to do."}
    return RuleSpec.model_validate(given)


def suite(*rules: RuleSpec) -> Suite:
    """Rules of a table."""
    return Suite(table="silver.llm_interactions", every_row="batch_id", expectations=rules)


def test_a_good_row_and_a_row_of_nulls(spark: SparkSession) -> None:
    """A good row breaks nothing; of nulls only those rules complain that want something to be there."""
    rules = compile_suite(load_suite("silver.llm_interactions"))
    rows = frame(spark, FIXTURE.columns, [FIXTURE.good, {}])
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
