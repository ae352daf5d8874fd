"""What a rule is tried on, and one Spark pass that tries all rules of a suite on everything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.tables.model import Column
from quality.compile import Counts, compile_rules, measures, read_counts
from quality.judge import judge
from quality.model import ROW_TYPES, RuleSpec, Suite
from quality.thresholds import Past, filled, learn
from quality.verdicts import Verdict
from tests.support.frames import at, frame, typed

Change = Mapping[str, Any]
NOW = at("2025-06-03T12:00:00")
CLEAN = "clean"


@dataclass(frozen=True)
class Case:
    """A whole table: its rows, what the run knows beside them, and columns that it has beside the defined ones."""

    rows: Sequence[Change]
    facts: Mapping[str, Any] = field(default_factory=dict)
    more_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fixture:
    """How the rules of a suite are tried.

    Attributes:
        suite: The rules.
        columns: Of the rows.
        good: A row that breaks nothing.
        clean: A table on which every rule is met, with the facts that belong to it.
        rows: By row rule the changes to `good` that break it, and those that just do not.
        tables: By any other rule the tables that break it; facts are those of `clean` unless given.
    """

    suite: Suite
    columns: Sequence[Column]
    good: Change
    clean: Case
    rows: Mapping[str, tuple[Sequence[Change], Sequence[Change]]]
    tables: Mapping[str, Sequence[Case]]

    def row_cases(self, rule: RuleSpec) -> tuple[Sequence[Change], Sequence[Change]]:
        """Changes that break a row rule and that do not; those of rules that a definition implies follow from it."""
        kind, _, name = rule.id.partition("_")
        column = next((column for column in self.columns if column.name == name), None)
        if rule.id in self.rows or column is None:
            return self.rows[rule.id]
        if kind == "null":
            return [{name: None}], [{}]
        if kind == "enum":
            return [{name: "unheard-of"}], [{name: value} for value in column.enum]
        return [{name: -1}], [{name: 0}]

    def table_cases(self, rule: RuleSpec) -> Sequence[Case]:
        """Tables that break any other rule."""
        if rule.id.startswith("columns_"):
            return [Case(self.clean.rows, more_columns=("surprise",))]
        if rule.id.startswith("key_"):
            return [Case([*self.clean.rows, self.clean.rows[0]])]
        return self.tables[rule.id]


def is_row_rule(rule: RuleSpec) -> bool:
    """Whether it is judged row by row."""
    return rule.type in ROW_TYPES


def table_verdicts(spark: SparkSession, fixture: Fixture) -> dict[str, list[Verdict]]:
    """Verdicts of every rule that is not about single rows on `clean` and on each table that breaks one."""
    rules = [rule for rule in fixture.suite.expectations if not is_row_rule(rule)]
    cases = {f"{rule.id} {i}": case for rule in rules for i, case in enumerate(fixture.table_cases(rule))}
    cases[CLEAN] = fixture.clean
    counts = _counts(spark, fixture, rules, {name: case.rows for name, case in cases.items()})
    history = {rule.id: _history(counts[CLEAN].observed.get(rule.id)) for rule in rules}
    return {name: _judged(rules, counts[name], fixture, case, history) for name, case in cases.items()}


def _judged(
    rules: Sequence[RuleSpec], counts: Counts, fixture: Fixture, case: Case, history: Mapping[str, list[Past]]
) -> list[Verdict]:
    known = {**fixture.suite.parameters, **fixture.clean.facts, **case.facts}
    learned = [learn(filled(rule, known), history[rule.id], NOW) for rule in rules]
    specs = [spec for spec in learned if isinstance(spec, RuleSpec)]
    assert len(specs) == len(rules), [reason for reason in learned if isinstance(reason, str)]
    defined = next((r.kwargs["column_set"] for r in rules if r.id.startswith("columns_")), [])
    return judge(specs, counts, [*defined, *case.more_columns])


def _history(observed: object) -> list[Past]:
    """Ten earlier results just like the clean one."""
    if observed is None:
        return []
    details = json.dumps({"counts": observed}) if isinstance(observed, list) else None
    value = 0.0 if isinstance(observed, list) else float(str(observed))
    return [Past(NOW - timedelta(hours=i), value, details) for i in range(1, 11)]


def _counts(
    spark: SparkSession, fixture: Fixture, rules: Sequence[RuleSpec], tables: Mapping[str, Sequence[Change]]
) -> dict[str, Counts]:
    """What one pass over all tables counts for each."""
    rows = [{**fixture.good, **row, "case_": name} for name, table in tables.items() for row in table]
    given = frame(spark, [*fixture.columns, *typed(case_="STRING")], rows)
    found = {
        row["case_"]: read_counts(row.asDict())
        for row in given.groupBy("case_").agg(*measures(compile_rules(rules), rules)).collect()
    }
    nothing = given.where("false").agg(*measures(compile_rules(rules), rules)).collect()[0].asDict()
    return {name: found.get(name) or read_counts(nothing) for name in tables}
