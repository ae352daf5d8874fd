"""The verdict is Great Expectations': it gets the counts of our one pass and judges them itself.

`metrics_validate` and `get_validation_dependencies` are half private: the exact version is pinned, and the parity test
compares every rule with the same expectation run by Great Expectations on the rows. Import this module in gates only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import great_expectations.expectations.core  # registers the stock expectations
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl

import quality.expectations  # registers ours
from lakehouse.errors import SuiteError
from quality.compile import Counts
from quality.model import RuleSpec
from quality.verdicts import Verdict

__all__ = ["expectation", "great_expectations", "judge", "quality"]

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}  # counts, never a value of a row
LEARN_FROM = ("counts", "js")


def expectation(spec: RuleSpec) -> Expectation:
    """Make the expectation of a rule.

    Raises:
        SuiteError: Its type is unknown, or an argument is missing, unknown or malformed.
    """
    meta = {"rule_id": spec.id, "dimension": spec.dimension, "on_fail": spec.on_fail}
    try:
        given = {**spec.kwargs, "severity": spec.severity, "meta": meta, "notes": spec.why}
        return get_expectation_impl(spec.type)(**given)
    except (GreatExpectationsError, TypeError, ValueError) as error:
        raise SuiteError(f"rule {spec.id}: {' '.join(str(error).split())}") from error


def judge(specs: Sequence[RuleSpec], counts: Counts, columns: Sequence[str]) -> list[Verdict]:
    """Judge rules on the counts of one pass; a rule that raises is told so, never dropped."""
    return [_judged(spec, counts, columns) for spec in specs]


def _judged(spec: RuleSpec, counts: Counts, columns: Sequence[str]) -> Verdict:
    try:
        result = _result(expectation(spec), _seeds(spec, counts, columns))
    except Exception as error:  # noqa: BLE001  whatever a rule raises is its verdict
        return Verdict(spec, success=False, reason=f"{type(error).__name__}: {error}"[:500], raised=True)
    found = result["result"]
    details = {name: value for name, value in found.get("details", {}).items() if name in LEARN_FROM}
    observed = found.get("observed_value")
    return Verdict(
        spec,
        success=bool(result["success"]),
        element_count=found.get("element_count"),
        missing_count=found.get("missing_count"),
        unexpected_count=found.get("unexpected_count"),
        observed=float(observed) if isinstance(observed, int | float) else None,
        details=json.dumps(details) if details else None,
    )


def _result(rule: Expectation, seeds: Mapping[str, Any]) -> Mapping[str, Any]:
    needed = rule.get_validation_dependencies(None, {"result_format": RESULT_FORMAT}).metric_configurations
    metrics = {configuration.id: seeds[name] for name, configuration in needed.items()}
    found = rule.metrics_validate(metrics, {"result_format": RESULT_FORMAT}, None)
    return {"success": found.success, "result": found.result}


def _seeds(spec: RuleSpec, counts: Counts, columns: Sequence[str]) -> dict[str, Any]:
    """Metrics by the names under which Great Expectations asks for them."""
    seeds: dict[str, Any] = {"table.row_count": counts.rows, "table.columns": list(columns)}
    if spec.id in counts.observed:
        seeds |= dict.fromkeys(("column.aggregate_expression", "column.bucket_counts"), counts.observed[spec.id])
    if spec.id in counts.bad:
        metric = getattr(get_expectation_impl(spec.type), "map_metric", "")
        seeds["column_values.nonnull.unexpected_count"] = counts.missing[spec.id]
        seeds |= {f"{metric}.unexpected_count": counts.bad[spec.id], f"{metric}.unexpected_values": []}
    return seeds
