"""Task detect: what gold says when statistics are asked, as small gold tables of findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.analyses.anomalies import anomalies, merged
from lakehouse.analyses.burn import WINDOWS, burn_rates
from lakehouse.analyses.insights import insights
from lakehouse.analyses.pairs import compared
from lakehouse.analyses.template_history import templates
from lakehouse.gold import messages, mix, series
from lakehouse.gold.slo import error_misses, latency_misses
from lakehouse.io.small import pandas_of, rows_in, rows_of, state
from lakehouse.sql.savings import load_savings
from lakehouse.tables import analyses, gold, silver
from lakehouse.tables.model import Table

BASELINE_DAYS = 8 * 7 + 1  # before the judged days; what the detector looks back
MODELS, LEAST = 60, 200  # with series of their own: how many, and attempts that each needs
MISSES = ("bad", "total")
NO_COLUMN = {"max_tokens": "silver has no column with the limit that a request set, so unused limits cannot be seen"}


@dataclass(frozen=True)
class Period:
    """Days that are analysed: up to the newest date of the data, not of the clock, so that a replay sees the same."""

    first: date
    last: date

    @property
    def end(self) -> datetime:
        """End of the last day, UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    @property
    def names(self) -> dict[str, date]:
        """As columns of a finding."""
        return {"period_from": self.first, "period_to": self.last}


def detect(context: JobContext, again: bool = False) -> int:
    """State every table of findings anew; a replay changes none.

    Args:
        context: Of the run.
        again: Also where no batch was aggregated since the last time.

    Returns:
        Rows written.
    """
    pending = batches.in_state(context.spark, "AGGREGATED", without="DETECTED")
    period = _period(context) if pending or again else None
    if not period:
        context.tell("findings: nothing new")
        return 0
    written = sum(_stated(context, table, find, period) for table, find in FINDERS)
    batches.advance(context, pending, "DETECTED")
    return written


Rows = list[dict[str, Any]]
Find = Callable[[JobContext, Period], Rows]


def _stated(context: JobContext, table: Table, find: Find, period: Period) -> int:
    rows = find(context, period)
    written = state(context.spark, table, rows)
    context.tell(f"{table.full_name}: {len(rows):,} rows, {written:,} written")
    return written


def _period(context: JobContext) -> Period | None:
    newest = context.spark.table(gold.USAGE.full_name).agg(F.max("event_date")).collect()[0][0]
    return Period(newest - timedelta(days=context.settings.analysis_days - 1), newest) if newest else None


def comparisons(context: JobContext, period: Period) -> Rows:
    """Rows of gold.model_comparison."""
    since = F.lit(period.first)
    named = context.spark.table(gold.USAGE.full_name).where("model_key <> '(none)'")
    outcomes = mix.busiest(named, since)
    strata = mix.strata(context.spark.table(gold.LATENCY.full_name), since, outcomes)
    return [row | period.names for row in compared(pandas_of(strata), pandas_of(outcomes))]


def strange_hours(context: JobContext, period: Period) -> Rows:
    """Rows of gold.anomaly."""
    since = F.lit(period.first - timedelta(days=BASELINE_DAYS))
    usage = context.spark.table(gold.USAGE.full_name)
    models = mix.busiest(usage.where("hour_at IS NOT NULL"), since, MODELS, LEAST).select(*mix.MODEL).distinct()
    hours = series.hourly(mix.of(usage, models), since)
    quantiles = series.hourly_quantiles(mix.of(context.spark.table(gold.LATENCY.full_name), models), since)
    first = datetime.combine(period.first, time(), UTC)
    found = anomalies(pandas_of(hours), pandas_of(quantiles), first)
    return merged(rows_of(context.spark, analyses.ANOMALY), found, first)


def error_templates(context: JobContext, period: Period) -> Rows:
    """Rows of gold.error_template."""
    texts = messages.masked_errors(context.spark.table(silver.INTERACTIONS.full_name), F.lit(period.first))
    known = rows_of(context.spark, analyses.TEMPLATE)
    return templates(known, rows_in(texts), period.end)


def savings(context: JobContext, period: Period) -> Rows:
    """Rows of gold.savings_opportunity: what each query gives, or why it cannot tell."""
    found = [{"kind": kind, "why_unknown": why} | period.names for kind, why in NO_COLUMN.items()]
    for saving in load_savings():
        query = saving.within(period.first, period.last)
        head = {"kind": saving.kind, "confidence": saving.confidence, "method": saving.method}
        head |= {"assumptions": saving.assumptions, "evidence_query": query} | period.names
        if _is_known(context, saving.needs, period):
            found += [head | row for row in rows_in(context.spark.sql(query))]
        else:
            found.append(head | {"why_unknown": f"no row of these days has {saving.needs}"})
    return found


def _is_known(context: JobContext, column: str, period: Period) -> bool:
    table, _, name = column.rpartition(".")
    days = F.col("event_date").between(period.first, period.last)
    return bool(context.spark.table(table).where(days & F.col(name).isNotNull()).limit(1).count())


def burning(context: JobContext, period: Period) -> Rows:
    """Rows of gold.slo_burn: windows end with the newest hour of data."""
    usage, latency = (context.spark.table(table.full_name) for table in (gold.USAGE, gold.LATENCY))
    newest = usage.agg(F.max("hour_at")).collect()[0][0] if context.settings.slos else None
    if newest is None:
        return []
    clock = [newest.replace(tzinfo=UTC) - timedelta(hours=back) for back in reversed(range(WINDOWS[-1].hours))]
    found = []
    for slo in context.settings.slos:
        since = F.lit(clock[0])
        if slo.threshold_ms is None:
            misses = error_misses(usage, since, slo.only)
        else:
            misses = latency_misses(latency, since, slo.only, slo.metric, slo.threshold_ms)
        hours = {row["hour_at"]: row for row in rows_in(misses)}
        bad, total = (np.array([hours[at][name] if at in hours else 0 for at in clock], float) for name in MISSES)
        head = {"slo_name": slo.name, "metric": slo.metric, "threshold_ms": slo.threshold_ms}
        head |= {"objective_ratio": slo.objective, "measured_at": clock[-1] + timedelta(hours=1)}
        found += [head | row for row in burn_rates(bad, total, slo.objective)]
    return found


def ranked(context: JobContext, period: Period) -> Rows:
    """Rows of gold.insight, from the tables before it."""
    known = [rows_of(context.spark, table) for table in (analyses.ANOMALY, analyses.SAVING, analyses.TEMPLATE)]
    return insights(*known, rows_of(context.spark, analyses.COMPARISON), period.end)


FINDERS: tuple[tuple[Table, Find], ...] = (
    (analyses.COMPARISON, comparisons),
    (analyses.ANOMALY, strange_hours),
    (analyses.TEMPLATE, error_templates),
    (analyses.SAVING, savings),
    (analyses.SLO, burning),
    (analyses.INSIGHT, ranked),
)
