"""What the requests cost, and how far our prices are from what the sources report."""

from __future__ import annotations

from lakehouse.web import charts
from lakehouse.web import formats as f
from lakehouse.web.figures import Figures, Row
from lakehouse.web.page import Column, Panel, Table
from lakehouse.web.panels.common import COST, DAY, MODEL, PROVIDER, REQUESTS, SOURCE, cut, drawn

DRAWN = 12  # models in the chart of components; further ones are too small beside them to be seen
NOTHING_PRICED = "No attempt has a price."


def daily(figures: Figures) -> Panel:
    """Cost per day, stacked by model."""
    rows = charts.newest(figures.cost_daily)
    columns = (DAY, Column("Model", "model_key", missing="all other models", breaks=True), PROVIDER, REQUESTS, COST)
    return Panel(
        "cost_daily",
        "Cost per day by model",
        "Sums per UTC day by our price book, over priced attempts that have a date.",
        Table(columns, rows),
        "No attempt with a date has a price.",
        drawn(charts.cost_per_day, rows),
        charts.newest_note(figures.cost_daily),
    )


def models(figures: Figures) -> Panel:
    """Cost by model and component."""
    rows = figures.cost_models
    parts = (Column(part.replace("_", " ").capitalize(), f"cost_{part}_usd", f.usd) for part in charts.COMPONENTS)
    return Panel(
        "cost_models",
        "Cost by model and component",
        "Sums over priced attempts; the components of a model add up to its cost. Fresh input: what no cache served.",
        Table((MODEL, PROVIDER, REQUESTS, COST, *parts), rows),
        NOTHING_PRICED,
        drawn(charts.cost_components, rows[:DRAWN]),
        cut(rows, "by cost") + ((f"Drawn: the first {DRAWN}.",) if len(rows) > DRAWN else ()),
    )


def coverage(figures: Figures) -> Panel:
    """Our cost beside the reported cost of the same attempts."""
    rows = [{**row, "variance_ratio": _ratio(row)} for row in figures.coverage]
    columns = (
        MODEL,
        PROVIDER,
        SOURCE,
        Column("Priced", "priced_count", f.count),
        COST,
        Column("Reported cost", "cost_reported_priced_usd", f.usd, "not reported"),
        Column("Ours − reported", "variance_usd", f.change, "not reported"),
        Column("% of reported", "variance_ratio", f.percent_change),
        Column("Tokens priced", "priced_token_ratio", f.percent, "no tokens"),
    )
    return Panel(
        "coverage",
        "Our cost against the reported cost",
        "Sums over the attempts that we price. Tokens priced: ratio, tokens of priced attempts over all tokens.",
        Table(columns, rows),
        NOTHING_PRICED,
        notes=cut(rows, "by cost"),
    )


def unpriced(figures: Figures) -> Panel:
    """Models of which at least one attempt has usage but no price."""
    columns = (
        MODEL,
        PROVIDER,
        SOURCE,
        REQUESTS,
        Column("Unpriced", "unpriced_count", f.count),
        Column("Without usage", "no_usage_count", f.count),
    )
    return Panel(
        "unpriced",
        "Models without a price",
        "Counts of attempts with usage but no price; no cost above holds them.",
        Table(columns, figures.unpriced),
        "Every attempt with usage has a price.",
        notes=cut(figures.unpriced, "by unpriced attempts", figures.totals.unpriced_row_count),
    )


def _ratio(row: Row) -> float | None:
    reported = row["cost_reported_priced_usd"]
    return float(row["variance_usd"] / reported) if reported and row["variance_usd"] is not None else None
