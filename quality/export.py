"""Suites as files that stock Great Expectations loads and runs, without any code of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

import great_expectations as gx

from lakehouse.errors import ConfigurationError, SuiteError
from quality.judge import expectation
from quality.model import RuleSpec, Suite
from quality.thresholds import filled

ROWS = "unexpected_rows_expectation"  # stock: the query must give no row; {batch} stands for the table
BAD_ROWS = Template("SELECT * FROM {batch} WHERE NOT coalesce($predicate, false)")
BAD_SHARE = Template(
    "SELECT * FROM (SELECT avg(int(NOT coalesce($predicate, false))) AS share FROM {batch}) WHERE share > $share"
)
BAD_VALUE = Template("SELECT * FROM (SELECT $expression AS value FROM {batch}) WHERE $wrong")


def export(suites: Iterable[Suite], folder: Path, parameters: Mapping[str, float]) -> list[str]:
    """Write ``<layer>_<table>.json`` for every suite.

    Args:
        suites: The suites.
        folder: Made if missing; files of the same name are replaced.
        parameters: Of the settings; they come before a suite's own.

    Returns:
        Rules that are left out: those whose bounds are learned or are facts of a run, which no file knows.

    Raises:
        ConfigurationError: The folder cannot be written.
    """
    left_out: list[str] = []
    for suite in suites:
        known = {**suite.parameters, **parameters}
        kept = [(rule, stock(rule, known)) for rule in suite.expectations]
        left_out += [f"{suite.table}: {rule.id}" for rule, spec in kept if spec is None]
        made = gx.ExpectationSuite(
            name=suite.table, expectations=[expectation(spec) for _, spec in kept if spec is not None]
        )
        _write(folder / f"{suite.table.replace('.', '_')}.json", json.dumps(made.to_json_dict(), indent=2))
    return left_out


def stock(rule: RuleSpec, parameters: Mapping[str, float]) -> RuleSpec | None:
    """The rule as a stock expectation with equal verdicts; None where its bounds are known only in a run."""
    if rule.learned:
        return None
    try:
        spec = filled(rule, parameters)
    except SuiteError:
        return None
    if spec.type == "expect_row_to_satisfy":
        query = _rows_query(spec.kwargs["predicate"], float(spec.kwargs.get("mostly", 1)))
    elif spec.type == "expect_aggregate_to_be_between":
        query = _aggregate_query(spec)
    else:
        return spec
    return spec.model_copy(update={"type": ROWS, "kwargs": {"unexpected_rows_query": query}})


def _rows_query(predicate: str, mostly: float) -> str:
    if mostly == 1:
        return BAD_ROWS.substitute(predicate=predicate)
    return BAD_SHARE.substitute(predicate=predicate, share=round(1 - mostly, 12))


def _aggregate_query(spec: RuleSpec) -> str:
    bounds = [("<", spec.kwargs.get("min_value")), (">", spec.kwargs.get("max_value"))]
    wrong = " OR ".join(["value IS NULL", *(f"value {sign} {bound}" for sign, bound in bounds if bound is not None)])
    return BAD_VALUE.substitute(expression=spec.kwargs["expression"], wrong=wrong)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}; choose another folder") from error
