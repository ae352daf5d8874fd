"""`observatory validate --lint`: would every rule load and run? Needs no Spark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakehouse.errors import SuiteError
from lakehouse.tables import table
from quality.derive import judged_table
from quality.judge import expectation
from quality.loader import load_suites
from quality.model import AGGREGATE_TYPES, ROW_TYPES, TABLE_TYPES, RuleSpec, Suite
from quality.thresholds import filled

NEVER_ZERO = (exp.Literal, exp.Greatest, exp.Nullif)
# Arguments that stand for what is only known in a run.
STAND_INS = {"baseline": [1.0, 1.0]}


def lint() -> list[str]:
    """Check every suite.

    Returns:
        What is wrong, one line each, with suite and rule; [] when nothing is.

    Raises:
        SuiteError: A file does not even load.
    """
    return [f"{suite.table}: {problem}" for suite in load_suites() for problem in problems(suite)]


def lint_suites() -> str:
    """Check every suite; gives one line.

    Raises:
        SuiteError: Something is wrong; the message names suite and rule of each problem.
    """
    if found := lint():
        raise SuiteError("; ".join(found))
    suites = load_suites()
    return f"{sum(len(suite.expectations) for suite in suites):,} rules of {len(suites)} suites load"


def problems(suite: Suite) -> Iterator[str]:
    """What is wrong with a suite: unknown types, arguments, columns, parameters, and SQL that does not parse."""
    if not any(rule.type == "expect_table_row_count_to_be_between" for rule in suite.expectations):
        yield "no rule counts rows, so an empty batch would pass by silence"
    parameters = dict.fromkeys((*suite.parameters, *suite.facts, "rows_written"), 1.0)
    for rule in suite.expectations:
        try:
            spec = filled(rule, parameters)
            missing = STAND_INS if rule.learned and rule.type not in ROW_TYPES and "edges" in rule.kwargs else {}
            expectation(spec.model_copy(update={"kwargs": {**spec.kwargs, **missing}}))
        except SuiteError as error:
            yield str(error)
            continue
        yield from _rule_problems(spec, suite)
    for name, sql in suite.facts.items():
        yield from _sql_problems(f"fact {name}", sql, _columns_of(table(suite.against or suite.table).column_names))


def _rule_problems(spec: RuleSpec, suite: Suite) -> Iterator[str]:
    if spec.type not in (*ROW_TYPES, *AGGREGATE_TYPES, *TABLE_TYPES):
        yield f"rule {spec.id}: type {spec.type!r} breaks the single pass; write it as a row rule or an aggregate"
    known = _columns_of((*_judged(spec, suite), *suite.computed))
    for name in ("predicate", "expression"):
        if name in spec.kwargs:
            yield from _sql_problems(f"rule {spec.id}", spec.kwargs[name], known)
    for name in ("column", "weight"):
        if (column := spec.kwargs.get(name)) and column not in known:
            yield f"rule {spec.id}: there is no column {column!r}"
    try:
        re.compile(spec.kwargs.get("regex", ""))
    except re.error as error:
        yield f"rule {spec.id}: the regex is malformed: {error}"


def _judged(spec: RuleSpec, suite: Suite) -> tuple[str, ...]:
    return table(suite.table).column_names if spec.stage == "priced" else judged_table(suite).column_names


def _columns_of(names: tuple[str, ...]) -> set[str]:
    return set(names)


def _sql_problems(where: str, sql: str, known: set[str]) -> Iterator[str]:
    try:
        parsed = sqlglot.parse_one(f"SELECT {sql}", dialect="databricks")
    except SqlglotError as error:
        yield f"{where}: not valid SQL: {str(error).splitlines()[0]}"
        return
    for division in parsed.find_all(exp.Div):
        if not isinstance(division.expression.unnest(), NEVER_ZERO):
            yield f"{where}: divides by what can be 0, which ends the whole run; use greatest(…, 1) or nullif(…, 0)"
    units = {"HOUR", "DAY", "DAYS", "MINUTES", "hour"}
    for column in parsed.find_all(exp.Column):
        if column.name not in known | units:
            yield f"{where}: there is no column {column.name!r}"
