"""A second opinion: stock Great Expectations on the rows themselves, rule by rule, with as many scans as it likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import great_expectations as gx
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from pyspark.sql import DataFrame

from quality.judge import RESULT_FORMAT, expectation
from quality.model import RuleSpec
from quality.verdicts import Verdict


def validated(specs: Sequence[RuleSpec], rows: DataFrame) -> list[Verdict]:
    """Let Great Expectations validate rows; verdicts in the order of the rules, whose parameters are filled in.

    Raises:
        SuiteError: A rule is no expectation.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_spark("rows", persist=False)  # caching is refused on serverless
    batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    suite = context.suites.add(gx.ExpectationSuite(name="rules", expectations=[expectation(s) for s in specs]))
    run = context.validation_definitions.add(gx.ValidationDefinition(name="rules", data=batch, suite=suite))
    results = run.run(batch_parameters={"dataframe": rows}, result_format=RESULT_FORMAT).results
    found = {one.expectation_config.meta["rule_id"]: one for one in results if one.expectation_config}
    return [_verdict(spec, found[spec.id]) for spec in specs]


def _verdict(spec: RuleSpec, result: ExpectationValidationResult) -> Verdict:
    told: Mapping[str, Any] = result.result
    reason = _raised(result.exception_info or {})
    observed = told.get("observed_value")
    return Verdict(
        spec,
        success=bool(result.success),
        element_count=told.get("element_count"),
        missing_count=told.get("missing_count"),
        unexpected_count=told.get("unexpected_count"),
        observed=float(observed) if isinstance(observed, int | float) else None,
        reason=reason,
        raised=reason is not None,
    )


def _raised(info: Mapping[str, Any]) -> str | None:
    """What a rule raised; Great Expectations nests one entry per metric, or has the only one flat."""
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [str(e.get("exception_message")) for e in entries if e.get("raised_exception")]
    return raised[0][:500] if raised else None
