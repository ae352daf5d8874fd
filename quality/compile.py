"""Rules → Spark columns; pure. The meaning of each type is Great Expectations' own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.errors import SuiteError
from lakehouse.expressions import names_where
from quality.model import ROW_TYPES, RuleSpec, Suite

ROW_COUNT = "n"


@dataclass(frozen=True)
class Rule:
    """A compiled row rule: `bad` is true for rows that break it, `missing` for rows out of its scope; never null."""

    spec: RuleSpec
    bad: Column
    missing: Column

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.spec.id

    @property
    def on_fail(self) -> str:
        """What happens to a row that breaks it."""
        return self.spec.on_fail


@dataclass(frozen=True)
class Counts:
    """What one pass over a table found: rows, rows broken and out of scope by rule, and aggregates by rule."""

    rows: int
    bad: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    observed: Mapping[str, Any] = field(default_factory=dict)


Kwargs = Mapping[str, Any]


def _between(column: Column, kwargs: Kwargs) -> Column:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above = F.lit(True) if low is None else (column > low if kwargs.get("strict_min") else column >= low)
    below = F.lit(True) if high is None else (column < high if kwargs.get("strict_max") else column <= high)
    return above & below


# What a value that is not null must meet.
VALUE: dict[str, Callable[[Column, Kwargs], Column]] = {
    "expect_column_values_to_be_in_set": lambda column, kwargs: column.isin(list(kwargs["value_set"])),
    "expect_column_values_to_match_regex": lambda column, kwargs: column.rlike(kwargs["regex"]),
    "expect_column_values_to_be_between": _between,
}


def compile_suite(suite: Suite) -> list[Rule]:
    """Compile the row rules of a suite, in its order.

    Raises:
        SuiteError: An argument is missing, or a rule that is to hold rows back cannot be judged row by row.
    """
    for spec in suite.expectations:
        if spec.type not in ROW_TYPES and spec.on_fail != "gate":
            known = ", ".join(ROW_TYPES)
            raise SuiteError(f"rule {spec.id}: type {spec.type!r} cannot be judged row by row; known are {known}")
    return compile_rules(suite.expectations)


def compile_rules(specs: Iterable[RuleSpec]) -> list[Rule]:
    """Compile the row rules among some rules, in their order.

    Raises:
        SuiteError: An argument is missing.
    """
    return [_rule(spec) for spec in specs if spec.type in ROW_TYPES]


def _rule(spec: RuleSpec) -> Rule:
    try:
        bad, missing = _condition(spec)
    except KeyError as error:
        raise SuiteError(f"rule {spec.id}: argument {error} is missing") from error
    return Rule(spec, F.coalesce(bad, F.lit(False)), missing)


def _condition(spec: RuleSpec) -> tuple[Column, Column]:
    if spec.type == "expect_row_to_satisfy":  # an undecided predicate is not satisfied
        return ~F.coalesce(F.expr(spec.kwargs["predicate"]), F.lit(False)), F.lit(False)
    column = F.col(spec.kwargs["column"])
    if spec.type == "expect_column_values_to_not_be_null":
        return column.isNull(), F.lit(False)
    return column.isNotNull() & ~VALUE[spec.type](column, spec.kwargs), column.isNull()


def broken(rules: Iterable[Rule], on_fail: str) -> Column:
    """Array of the ids of the broken rules of one kind, in suite order."""
    return names_where((rule.id, rule.bad) for rule in rules if rule.on_fail == on_fail)


def aggregate(spec: RuleSpec) -> Column | None:
    """Aggregate that a rule of one of the `AGGREGATE_TYPES` is judged on; None for other types."""
    if spec.type == "expect_aggregate_to_be_between":
        return F.expr(spec.kwargs["expression"])
    if spec.type == "expect_column_psi_to_be_less_than":
        return bucket_counts(F.col(spec.kwargs["column"]), spec.kwargs["edges"], F.col(spec.kwargs["weight"]))
    return None


def bucket_counts(column: Column, edges: Sequence[float], weight: Column) -> Column:
    """Array of the weights by bucket: below the first edge, between each two, from the last edge on."""
    inner = [(column >= low) & (column < high) for low, high in pairwise(edges)]
    buckets = [column < edges[0], *inner, column >= edges[-1]]
    return F.array(*[F.coalesce(F.sum(F.when(bucket, weight)), F.lit(0)).cast("double") for bucket in buckets])


def measures(rules: Sequence[Rule], specs: Sequence[RuleSpec]) -> list[Column]:
    """Aggregates for one pass over the rows: the number of rows, and what each rule needs."""
    found = [F.count(F.lit(1)).alias(ROW_COUNT)]
    for rule in rules:
        found += [F.count_if(rule.bad).alias(f"bad_{rule.id}"), F.count_if(rule.missing).alias(f"missing_{rule.id}")]
    for spec in specs:
        if (value := aggregate(spec)) is not None:
            found.append(value.alias(f"observed_{spec.id}"))
    return found


def read_counts(values: Mapping[str, Any]) -> Counts:
    """Counts from the row that `measures` gives."""

    def part(prefix: str) -> dict[str, Any]:
        return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}

    return Counts(int(values[ROW_COUNT] or 0), part("bad_"), part("missing_"), part("observed_"))
