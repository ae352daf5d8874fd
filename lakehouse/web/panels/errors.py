"""What fails, how often and why."""

from __future__ import annotations

from lakehouse.web import charts
from lakehouse.web import formats as f
from lakehouse.web.figures import Figures
from lakehouse.web.page import Column, Panel, Table
from lakehouse.web.panels.common import COST, MODEL, PROVIDER, cut, drawn

NO_FAILURES = "No failures."


def ratios(figures: Figures) -> Panel:
    """Error ratio by model with its interval."""
    rows = figures.error_rate
    columns = (
        MODEL,
        PROVIDER,
        Column("n", "request_count", f.count),
        Column("Failed", "error_count", f.count),
        Column("Error ratio", "error_ratio", f.percent),
        Column("95 % from", "error_ratio_low", f.percent),
        Column("to", "error_ratio_high", f.percent),
    )
    caption = "Ratio: failed attempts over attempts, with its 95 % Wilson interval, which is wide where n is small."
    return Panel(
        "error_rate",
        "Error ratio by model",
        caption if figures.error_count else f"{NO_FAILURES} {caption}",
        Table(columns, rows),
        "No request was loaded.",
        drawn(charts.error_ratios, rows),
        cut(rows, "by failures, then by requests", figures.totals.model_count),
    )


def classes(figures: Figures) -> Panel:
    """Failures by class and origin."""
    columns = (
        Column("Class", "error_type"),
        Column("Origin", "error_origin", missing="cannot be told"),
        Column("Outcome", "status"),
        Column("HTTP", "http_status_code", str, "not recorded"),
        Column("Failed", "error_count", f.count),
        Column("Time lost", "lost_s", f.seconds, "not measured"),
        COST,
    )
    return Panel(
        "errors",
        "Failures by class and origin",
        "Counts of failed attempts; time lost and cost are their sums.",
        Table(columns, figures.errors),
        NO_FAILURES,
        drawn(charts.error_classes, figures.errors),
    )
