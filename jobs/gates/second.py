"""`validate --engine gx`: the rules of a layer on all its rows by stock Great Expectations; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.context import JobContext
from jobs.gates.bronze import batches_with_previous, envelopes
from jobs.gates.silver import staged_rules
from lakehouse.errors import DataGateError
from lakehouse.tables import ops, silver
from quality.loader import load_suite, load_suites
from quality.model import RuleSpec, Suite
from quality.thresholds import filled


@dataclass(frozen=True)
class Part:
    """Rules of a suite, the rows that they are about, and parameters known only in the run."""

    suite: Suite
    rules: Sequence[RuleSpec]
    rows: DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)


def second_opinion(context: JobContext, layer: Literal["bronze", "silver", "gold"]) -> int:
    """Validate a layer as it lies there; rules that learn their bounds are left out.

    Returns:
        Rules judged.

    Raises:
        DataGateError: A critical rule fails, or any raises.
    """
    from quality.second import validated  # Great Expectations takes seconds to import

    parts: dict[str, Any] = {"bronze": _bronze, "silver": _silver, "gold": _gold}
    verdicts = []
    for part in parts[layer](context):
        known = {**part.suite.parameters, **context.settings.quality_parameters, **part.facts}
        specs = [filled(rule, known) for rule in part.rules if not rule.learned]
        verdicts += [(part.suite.table, verdict) for verdict in validated(specs, part.rows)]
    for table, verdict in verdicts:
        if verdict.decision == "WARN":
            context.tell(f"great expectations, {layer}: warning: {verdict.told(table)}")
    if blocked := [verdict.told(table) for table, verdict in verdicts if verdict.decision == "BLOCK"]:
        raise DataGateError(f"great expectations, {layer}: {'; '.join(blocked)}; nothing was changed")
    context.tell(f"great expectations, {layer}: {len(verdicts):,} rules judged")
    return len(verdicts)


def _bronze(context: JobContext) -> list[Part]:
    verified = context.spark.table(ops.BATCH.full_name).where("state = 'VERIFIED'").collect()
    if not verified:
        return []
    batch, source = load_suite("bronze.batch"), load_suite("bronze.source")
    written = {"rows_written": sum(row.rows_written for row in verified)}
    return [
        Part(batch, batch.expectations, batches_with_previous(context, verified)),
        Part(source, source.expectations, envelopes(context, verified), written),
    ]


def _silver(context: JobContext) -> list[Part]:
    suite = load_suite(silver.INTERACTIONS.full_name)
    return [Part(suite, staged_rules(suite), context.spark.table(ops.STAGING.full_name))]


def _gold(context: JobContext) -> list[Part]:
    suites, rows = load_suites("gold"), context.spark.table(silver.INTERACTIONS.full_name)
    wanted = {name: sql for suite in suites for name, sql in suite.facts.items()}
    facts = rows.agg(*[F.expr(sql).alias(name) for name, sql in wanted.items()]).collect()[0].asDict()
    priced = load_suite(silver.INTERACTIONS.full_name)
    parts = [Part(suite, suite.expectations, context.spark.table(suite.table), facts) for suite in suites]
    return [Part(priced, [rule for rule in priced.expectations if rule.stage == "priced"], rows), *parts]
