"""Row rules, and each with a part of it gone, on the rows of a fixture: one Spark pass for all."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from pyspark.sql import SparkSession
from sqlglot import exp

from quality.compile import compile_rules
from quality.model import RuleSpec
from tests.support.frames import frame, typed
from tests.support.rules.model import Change, Fixture, is_row_rule

PARTS = (exp.And, exp.Or, exp.LTE, exp.GTE)
STRICTER = {exp.LTE: exp.LT, exp.GTE: exp.GT}
Found = dict[str, dict[str, list[bool]]]
WHOLE = ""  # the rule itself among its mutants


def mutants(rule: RuleSpec) -> list[str]:
    """Predicates like the rule's but for one part: a term of an AND or OR, a comparison's equality, or all of it."""
    if rule.type != "expect_row_to_satisfy":
        return []
    whole = sqlglot.parse_one(rule.kwargs["predicate"], dialect="databricks")
    return sorted({"true", *(changed.sql(dialect="databricks") for changed in _changed(whole))})


def _changed(whole: exp.Expression) -> Iterator[exp.Expression]:
    for number, node in enumerate(whole.find_all(*PARTS)):
        twins = [node.this, node.expression]
        if kind := STRICTER.get(type(node)):
            twins = [kind(this=node.this.copy(), expression=node.expression.copy())]
        for twin in twins:
            copy = whole.copy()
            place = list(copy.find_all(*PARTS))[number]
            if place is copy:
                yield twin.copy()
            else:
                place.replace(twin.copy())
                yield copy


def judged_rows(spark: SparkSession, fixture: Fixture) -> Found:
    """Whether each of a row rule's rows breaks it (`WHOLE`), and each of its mutants; first those that should."""
    rules = [rule for rule in fixture.suite.expectations if is_row_rule(rule)]
    cases = {f"{rule.id} {i}": change for rule in rules for i, change in enumerate(_changes(fixture, rule))}
    specs = {(rule.id, text): _with(rule, text) for rule in rules for text in (WHOLE, *mutants(rule))}
    bad = [one.bad.alias(f"bad_{i}") for i, one in enumerate(compile_rules(specs.values()))]
    rows = [{**fixture.good, **change, "case_": case} for case, change in cases.items()]
    given = frame(spark, [*fixture.columns, *typed(case_="STRING")], rows)
    broken = {row["case_"]: row for row in given.select("case_", *bad).collect()}
    found: Found = {rule.id: {} for rule in rules}
    for i, (rule_id, text) in enumerate(specs):
        found[rule_id][text] = [broken[case][f"bad_{i}"] for case in cases if case.rpartition(" ")[0] == rule_id]
    return found


def _changes(fixture: Fixture, rule: RuleSpec) -> list[Change]:
    breaking, meeting = fixture.row_cases(rule)
    return [*breaking, *meeting]


def _with(rule: RuleSpec, text: str) -> RuleSpec:
    return rule.model_copy(update={"kwargs": {**rule.kwargs, "predicate": text}}) if text else rule
