"""What a run prints: models, money, failures, and what was held back."""

from __future__ import annotations

from pyspark.sql import Row, SparkSession
from rich.console import Console
from rich.table import Table

TOP = 12
TOTALS = """
SELECT SUM(request_count) AS requests, SUM(error_count) / SUM(request_count) AS errors, SUM(cost_usd) AS cost,
  SUM(cost_reported_usd) AS reported,
  TRY_DIVIDE(SUM(unpriced_count), SUM(priced_count) + SUM(unpriced_count)) AS unpriced
FROM gold.usage_hourly"""
MODELS = "SELECT * FROM analytics.model_summary ORDER BY request_count DESC, model_key LIMIT 12"
HELD = "SELECT source_name, rule_id, row_count FROM analytics.quarantine_summary ORDER BY row_count DESC"
ROWS = "SELECT * FROM analytics.row_conservation ORDER BY source_name"


def print_summary(spark: SparkSession, console: Console) -> None:
    """Print the summary of a lakehouse."""
    console.print(_models(spark.sql(MODELS).collect()))
    total = spark.sql(TOTALS).collect()[0]
    if total.requests:
        console.print(
            f"{total.requests:,} requests, {total.errors:.2%} failed; cost {usd(total.cost)} by our price book, "
            f"{usd(total.reported)} as reported; {percent(total.unpriced)} of requests with usage have no price"
        )
    for row in spark.sql(ROWS).collect():
        verdict = {True: "complete", False: "NOT COMPLETE", None: "waiting"}[row.is_conserved]
        console.print(
            f"{row.source_name}: {row.bronze_count:,} bronze = {row.silver_count:,} silver + {row.quarantine_count:,} "
            f"quarantine + {row.superseded_count:,} superseded: {verdict}"
        )
    held = spark.sql(HELD).collect()
    for row in held:
        console.print(f"quarantine: {row.row_count:,} rows of {row.source_name} broke {row.rule_id}")
    if not held:
        console.print("quarantine: empty, no row broke a rule that holds rows back")


def _models(rows: list[Row]) -> Table:
    table = Table(title=f"Models by requests (top {TOP})", title_justify="left")
    table.add_column("model", overflow="fold")
    for name in ("provider", "requests", "p50 ms (n)", "p95 ms (n)", "failed", "cost USD", "unpriced"):
        table.add_column(name, justify="right" if name != "provider" else "left")
    for row in rows:
        table.add_row(
            row.model_key,
            row.provider_name or "unknown",
            f"{row.request_count:,}",
            quantile(row.p50_ms, row.latency_count),
            quantile(row.p95_ms, row.latency_count),
            percent(row.error_ratio),
            usd(row.cost_usd).removesuffix(" USD"),
            percent(row.unpriced_ratio),
        )
    return table


def quantile(value: float | None, n: int) -> str:
    """A quantile with its n; null says why."""
    return f"{value:,.0f} ({n:,})" if value is not None else f"n too small ({n:,})" if n else "not measured"


def usd(value: object) -> str:
    """Money to four digits after the point; null is no price, not zero."""
    return "no price" if value is None else f"{value:,.4f} USD"


def percent(value: float | None) -> str:
    """A ratio as per cent; null is a dash."""
    return "–" if value is None else f"{value:.1%}"
