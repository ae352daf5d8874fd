"""Rules → Spark columns; pure. The meaning of each type is Great Expectations' own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.errors import SuiteError
from quality.loader import RuleSpec, Suite


@dataclass(frozen=True)
class Rule:
    """A compiled rule: `bad` is true for rows that break it and never null."""

    id: str
    on_fail: str
    severity: str
    bad: Column


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
    """Compile every rule of a suite, in its order.

    Raises:
        SuiteError: A type cannot be judged row by row, or an argument is missing.
    """
    return [Rule(spec.id, spec.on_fail, spec.severity, _bad(spec)) for spec in suite.expectations]


def _bad(spec: RuleSpec) -> Column:
    try:
        return F.coalesce(_condition(spec), F.lit(False))
    except KeyError as error:
        raise SuiteError(f"rule {spec.id}: argument {error} is missing") from error


def _condition(spec: RuleSpec) -> Column:
    if spec.type == "expect_row_to_satisfy":  # an undecided predicate is not satisfied
        return ~F.coalesce(F.expr(spec.kwargs["predicate"]), F.lit(False))
    column = F.col(spec.kwargs["column"])
    if spec.type == "expect_column_values_to_not_be_null":
        return column.isNull()
    if spec.type not in VALUE:
        known = ", ".join(["expect_row_to_satisfy", "expect_column_values_to_not_be_null", *VALUE])
        raise SuiteError(f"rule {spec.id}: type {spec.type!r} cannot be judged row by row; known are {known}")
    return column.isNotNull() & ~VALUE[spec.type](column, spec.kwargs)


def broken(rules: list[Rule], on_fail: str) -> Column:
    """Array of the ids of the broken rules of one kind, in suite order."""
    chosen = [F.when(rule.bad, F.lit(rule.id)) for rule in rules if rule.on_fail == on_fail]
    return F.array_compact(F.array(*chosen)) if chosen else F.array().cast("array<string>")
