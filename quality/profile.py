"""Proposes rules from what a table holds: never the last word, a person reviews them; pure but for two aggregates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import floor
from typing import Any

import yaml
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DateType, NumericType, StringType, TimestampType

from lakehouse.errors import ConfigurationError

FEW = 20  # a text column with at most so many values looks like an enum
REPEATED = 10  # … when each stands so often on average
FIX = "Proposed by `observatory profile`; write what to do when it is broken."
ORDERED = (NumericType, DateType, TimestampType)

Facts = Mapping[str, Any]
Rule = dict[str, Any]


def profile(table: str, rows: DataFrame) -> str:
    """Propose a suite as YAML, from two passes over the rows.

    Args:
        table: Name of the table, layer.name.
        rows: Its rows.

    Raises:
        ConfigurationError: The table is empty, or no column is never null.
    """
    kinds = {field.name: field.dataType for field in rows.schema}
    facts = rows.agg(*_measures(kinds)).collect()[0].asDict()
    if not facts["rows"]:
        raise ConfigurationError(f"profile: {table} has no row to learn from")
    always = [name for name in kinds if not facts[f"null {name}"]]
    if not always:
        raise ConfigurationError(
            f"profile: every column of {table} is null somewhere; rules over rows need one to count"
        )
    enums = [name for name, kind in kinds.items() if isinstance(kind, StringType) and _is_enum(facts, name)]
    sets = rows.agg(*[F.collect_set(name).alias(name) for name in enums]).collect()[0].asDict() if enums else {}
    rules = [rule for name, kind in kinds.items() for rule in _rules(name, kind, facts, sets)]
    counted = _rule("rows_there", "expect_table_row_count_to_be_between", {"min_value": 1}, "completeness", "No rows.")
    suite = {"table": table, "every_row": always[0], "expectations": [counted, *rules]}
    head = f"# Proposed from {facts['rows']:,} rows; review every rule before it judges anything.\n"
    return head + yaml.safe_dump(suite, sort_keys=False, allow_unicode=True, width=110)


def _measures(kinds: Mapping[str, DataType]) -> list[Column]:
    found = [F.count(F.lit(1)).alias("rows")]
    for name, kind in kinds.items():
        column = F.col(f"`{name}`")
        found.append(F.count_if(column.isNull()).alias(f"null {name}"))
        if isinstance(kind, StringType):
            found.append(F.approx_count_distinct(column, 0.02).alias(f"distinct {name}"))
        if isinstance(kind, ORDERED):
            found += [F.min(column).alias(f"min {name}"), F.max(column).alias(f"max {name}")]
    return found


def _is_enum(facts: Facts, name: str) -> bool:
    filled = facts["rows"] - facts[f"null {name}"]
    return bool(0 < facts[f"distinct {name}"] <= min(FEW, filled / REPEATED))


def _rules(name: str, kind: DataType, facts: Facts, sets: Mapping[str, list[str]]) -> Iterator[Rule]:
    about = "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
    nulls = facts[f"null {name}"] / facts["rows"]
    if nulls < 1:
        kwargs = {"column": name} | ({"mostly": floor((1 - nulls) * 100) / 100} if nulls else {})
        why = f"{name} was null in {nulls:.2%} of the rows."
        yield _rule(f"{about}_there", "expect_column_values_to_not_be_null", kwargs, "completeness", why)
    if name in sets:
        kwargs = {"column": name, "value_set": sorted(sets[name])}
        yield _rule(
            f"{about}_known", "expect_column_values_to_be_in_set", kwargs, "validity", f"{name} held just these."
        )
    if isinstance(kind, ORDERED) and nulls < 1:
        low, high = _plain(facts[f"min {name}"]), _plain(facts[f"max {name}"])
        kwargs = {"column": name, "min_value": low} | ({"max_value": high} if isinstance(kind, NumericType) else {})
        why = f"{name} lay between {low} and {high}."
        yield _rule(f"{about}_range", "expect_column_values_to_be_between", kwargs, "validity", why)


def _rule(name: str, kind: str, kwargs: Rule, dimension: str, why: str) -> Rule:
    given: Rule = {"id": name, "type": kind, "kwargs": kwargs, "severity": "warning", "dimension": dimension}
    return given | {"on_fail": "gate", "why": f"Proposed: {why}", "fix": FIX}


def _plain(value: object) -> object:
    """Values that YAML has: exact numbers as such, times as text, which Spark compares with times."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value) if isinstance(value, date) else value
