"""Within publish: what each budget's month will cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from pyspark.sql import functions as F

from jobs.context import JobContext
from lakehouse.io.frames import local_frame
from lakehouse.io.write import merge_by_key
from lakehouse.reporting import BudgetSettings
from lakehouse.tables import gold

HISTORY_DAYS = 182  # of half a year, older habits say little about this month
PLACES = Decimal("0.000000000001")


def forecast_budgets(context: JobContext, as_of: date | None = None) -> int:
    """Forecast the month of every budget; a second time on one day takes the place of the first.

    Args:
        context: The run.
        as_of: First day that is not known yet; today in the reporting time zone by default.

    Returns:
        Budgets.
    """
    budgets, now = context.settings.budgets, context.now()
    if not budgets:
        return 0
    day = as_of or now.astimezone(ZoneInfo(context.settings.reporting_time_zone)).date()
    rows = [(*_forecast(budget, day, _daily(context, budget, day)), now) for budget in budgets]
    merge_by_key(local_frame(context.spark, gold.FORECAST, rows), gold.FORECAST, "true")
    for row in rows:
        context.tell(f"budget {row[0]}: {row[-2]}")
    return len(rows)


def _daily(context: JobContext, budget: BudgetSettings, day: date) -> dict[date, Decimal]:
    """Cost of each day before `day` that has one."""
    costs = context.spark.table("analytics.cost_attribution")
    for name, value in budget.only.items():
        costs = costs.where(F.col(name) == value)
    known = costs.where(F.col("reporting_date").between(day - timedelta(days=HISTORY_DAYS), day - timedelta(days=1)))
    sums = known.groupBy("reporting_date").agg(F.sum("cost_usd").alias("cost_usd")).where("cost_usd IS NOT NULL")
    return {row.reporting_date: row.cost_usd for row in sums.collect()}


def _forecast(budget: BudgetSettings, day: date, daily: dict[date, Decimal]) -> tuple[object, ...]:
    """One row of gold.budget_forecast, without its time."""
    from lakehouse.analyses.forecast import coming_days, verdict  # scipy takes a second to import

    start = day.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    spent = sum((cost for at, cost in daily.items() if at >= start), Decimal(0))
    first = min(daily, default=day)
    history = [float(daily.get(first + timedelta(days=i), 0)) for i in range((day - first).days)]
    found = coming_days(np.array(history), (end - day).days)
    ends = [None if value is None else spent + _usd(value) for value in (found.expected, found.low, found.high)]
    low, high = (None if value is None else float(value) for value in ends[1:])
    told = verdict(float(budget.monthly_usd), float(spent), low, high)
    money = (budget.monthly_usd.quantize(PLACES), spent, *ends)
    return budget.name, day, start, *money, len(history), found.method, told


def _usd(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)
