"""Gate gold: the windows that aggregate rebuilt, against silver in the same windows; a failed gate takes gold back."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import functions as F

from jobs.context import JobContext
from jobs.gates.measure import measured
from jobs.gates.record import Subject, gate
from lakehouse.errors import DataGateError
from lakehouse.gold.windows import Touched
from lakehouse.io.write import restore, version
from lakehouse.tables import silver, table
from quality.compile import compile_rules, measures, read_counts
from quality.loader import load_suite, load_suites


def judge_rebuilt(context: JobContext, windows: Touched, before: Mapping[str, int]) -> None:
    """Judge rebuilt windows.

    Args:
        context: The run.
        windows: What was rebuilt.
        before: Version of each gold table before that.

    Raises:
        DataGateError: A critical rule failed; gold is what it was before.
    """
    try:
        gate(context, "gold", _subjects(context, windows))
    except DataGateError:
        for name, at in before.items():
            if version(context.spark, table(name)) != at:
                restore(context.spark, table(name), at)
        raise


def _subjects(context: JobContext, windows: Touched) -> list[Subject]:
    """One scan of silver for every fact and every rule about prices, one of each gold table."""
    suites = load_suites("gold")
    priced = load_suite(silver.INTERACTIONS.full_name)
    rules = [rule for rule in priced.expectations if rule.stage == "priced"]
    facts = {name: sql for suite in suites for name, sql in suite.facts.items()}
    rows = context.spark.table(silver.INTERACTIONS.full_name).where(windows.where("event_at"))
    wanted = [F.expr(sql).alias(f"fact_{name}") for name, sql in facts.items()]
    values = rows.agg(*measures(compile_rules(rules), rules), *wanted).collect()[0].asDict()
    known = {name: values[f"fact_{name}"] for name in facts}
    subjects = [Subject(priced, rules, read_counts(values), rows.columns)]
    for suite in suites:
        there = context.spark.table(suite.table).where(windows.where("hour_at"))
        subjects.append(Subject(suite, suite.expectations, *measured(suite.expectations, there), known))
    return subjects
