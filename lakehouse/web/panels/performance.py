"""How fast the models answer, and how much they are asked."""

from __future__ import annotations

from lakehouse.web import charts
from lakehouse.web import formats as f
from lakehouse.web.figures import TOP_GLANCE, Figures
from lakehouse.web.page import Column, Panel, Table
from lakehouse.web.panels.common import COST, DAY, MODEL, PROVIDER, REQUESTS, SOURCE, cut, drawn, quantile


def models(figures: Figures) -> Panel:
    """Every subject in one table."""
    columns = (
        MODEL,
        PROVIDER,
        REQUESTS,
        Column("n timed", "latency_count", f.count),
        quantile("p50", "latency_count"),
        quantile("p95", "latency_count"),
        Column("Failed", "error_ratio", f.percent),
        COST,
        Column("Reported cost", "cost_reported_usd", f.usd, "not reported"),
        Column("Unpriced", "unpriced_ratio", f.percent, "no usage"),
    )
    return Panel(
        "model_table",
        "Traffic, latency, failures and cost",
        "Latency: quantiles over answered attempts with a duration. Failed: ratio, failed attempts over attempts. "
        "Unpriced: ratio, attempts with usage but no price over attempts with usage. Costs: sums.",
        Table(columns, figures.models),
        "No request was loaded.",
        notes=cut(figures.models, "by requests", figures.totals.model_count, TOP_GLANCE),
    )


def latency(figures: Figures) -> Panel:
    """Quantiles of whole requests."""
    caption = (
        "Quantiles of the whole request over answered attempts that no gateway cache served, at most 1 % from the "
        "exact ones. A quantile q is shown from n · (1 − q) ≥ 10 on: p50 from 20, p95 from 200 attempts."
    )
    return _quantiles("latency", "Latency: median and 95th percentile by model", caption, figures, "duration_ms")


def ttft(figures: Figures) -> Panel:
    """Quantiles of the time to first token."""
    caption = (
        "Quantiles over answered, streamed attempts whose first token was timed; shown from the same n on as above."
    )
    return _quantiles("ttft", "Time to first token by model", caption, figures, "ttft_ms")


def _quantiles(key: str, title: str, caption: str, figures: Figures, metric: str) -> Panel:
    rows = [row for row in figures.latency if row["metric"] == metric]
    columns = (
        MODEL,
        PROVIDER,
        Column("n", "request_count", f.count),
        *(quantile(name, "request_count") for name in ("p50", "p90", "p95", "p99")),
    )
    chart = drawn(charts.quantiles, rows)
    notes = cut(rows, "by attempts measured")
    return Panel(key, title, caption, Table(columns, rows), "No attempt was measured.", chart, notes)


def speed(figures: Figures) -> Panel:
    """Output tokens per second."""
    rows = figures.throughput
    columns = (
        MODEL,
        PROVIDER,
        Column("n timed", "timed_count", f.count),
        Column("Output tokens/s, whole request", "output_tokens_per_s", f.per_second, "no output tokens"),
        Column("Output tokens/s, after the first", "generation_tokens_per_s", f.per_second, "not streamed"),
        Column("Mean duration", "mean_duration_ms", f.milliseconds, "not measured"),
    )
    return Panel(
        "speed",
        "Output tokens per second by model",
        "Ratios: sum of output tokens over sum of seconds, not a mean of ratios. Tokens after the first are divided by "
        "the time after the first. Mean duration: arithmetic mean.",
        Table(columns, rows),
        "No answer was timed.",
        drawn(charts.speeds, rows),
        cut(rows, "by attempts timed"),
    )


def traffic(figures: Figures) -> Panel:
    """Attempts per day; says how many have no time of day, and how many no date."""
    rows = charts.newest(figures.traffic)
    columns = (
        DAY,
        SOURCE,
        REQUESTS,
        Column("Failed", "error_count", f.count),
        Column("Without time of day", "untimed_count", f.count),
        Column("Input tokens", "input_tokens", f.count, "not recorded"),
        Column("Output tokens", "output_tokens", f.count, "not recorded"),
        Column("Mean duration", "mean_duration_ms", f.milliseconds, "not measured"),
    )
    undated, untimed = figures.undated_count, figures.sum_traffic("untimed_count")
    rest = f"{undated:,} of these have no date either and are not drawn" if undated else "all of these have a date"
    return Panel(
        "traffic",
        "Requests per day",
        f"Counts per UTC day. Of {figures.request_count:,} attempts, {untimed:,} have no time of day; {rest}.",
        Table(columns, rows),
        "No request has a date.",
        drawn(charts.traffic, rows),
        charts.newest_note(figures.traffic),
    )
