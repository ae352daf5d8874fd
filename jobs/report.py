"""Reads the views and writes the report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession, Window, WindowSpec
from pyspark.sql import functions as F

from lakehouse.errors import ConfigurationError
from lakehouse.web.charts import COMPONENTS
from lakehouse.web.figures import TOP_COSTS, TOP_DAYS, TOP_GLANCE, TOP_MODELS, TOP_RULES, Figures, Rows, Totals
from lakehouse.web.report import render

MODEL = ("provider_name", "model_key")
READERS = 2  # a query of some thousand rows is mostly planning, which keeps one core busy


def write_report(spark: SparkSession, path: Path, now: datetime) -> Path:
    """Write the report as one HTML file, whole or not at all.

    Args:
        spark: A session with every view registered.
        path: The file; its folder is made, an older report is replaced.
        now: When the report is made, UTC.

    Returns:
        The absolute path.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    return write_file(path, render(read_figures(spark, now)))


def write_file(path: Path, text: str) -> Path:
    """Write a file whole or not at all; see `write_report`."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ConfigurationError(f"cannot write {path}: {error.strerror}; choose another --output") from error
    return path.resolve()


def read_figures(spark: SparkSession, now: datetime) -> Figures:
    """Read what the report shows; large views are summed and cut by Spark."""
    frames = _frames(spark)
    with ThreadPoolExecutor(READERS) as pool:
        rows = dict(zip(frames, pool.map(_rows, frames.values()), strict=True))
    prices = rows.pop("prices")
    return Figures(
        generated_at=now,
        totals=_totals(rows["models"], prices),
        coverage=[row for row in prices if row["cost_usd"] is not None and row["cost_rank"] <= TOP_MODELS],
        unpriced=_unpriced(prices),
        **rows,
    )


def _frames(spark: SparkSession) -> dict[str, DataFrame]:
    """One frame for each field of `Figures`, but one, `prices`, for the three that `cost_coverage` fills."""

    def view(name: str) -> DataFrame:
        return spark.table(f"analytics.{name}")

    return {
        "conservation": view("row_conservation").orderBy("source_name"),
        "freshness": view("source_freshness").orderBy("source_name"),
        "models": _models(view("model_summary")),
        "latency": _latency(view("model_latency")),
        "throughput": _top(view("model_throughput").where("output_tokens_per_s IS NOT NULL"), "timed_count"),
        "traffic": view("traffic_daily").orderBy("event_date", "source_name"),
        "cost_daily": _cost_daily(view("cost_daily")),
        "cost_models": _top(_costs(view("cost_daily"), *MODEL), "cost_usd"),
        "prices": _prices(view("cost_coverage")),
        "error_rate": _top(view("error_rate"), "error_count", "request_count"),
        "errors": _errors(view("errors_by_type")),
        "quarantine": view("quarantine_summary").orderBy(F.desc("row_count"), "source_name", "rule_id"),
        "columns": view("column_coverage").orderBy("source_name", "canonical_column"),
        "scorecard": view("quality_scorecard").orderBy("layer", "table_name", "dimension"),
        "gate_state": view("quality_gate_state").orderBy("view_name", "layer", "table_name"),
        "worst_rules": view("quality_worst_rules").orderBy("worst_rank").limit(TOP_RULES),
        "quality_trend": _newest(view("quality_trend")),
    }


def _newest(frame: DataFrame) -> DataFrame:
    return frame.orderBy(F.desc("judged_date"), "layer", "table_name").limit(TOP_DAYS)


def _rows(frame: DataFrame) -> Rows:
    return [row.asDict() for row in frame.collect()]


def _every_row() -> WindowSpec:
    return Window.partitionBy(F.lit(1))


def _top(frame: DataFrame, *measures: str, limit: int = TOP_MODELS) -> DataFrame:
    """The first models by the measures; ties in the order of their names, so that a report can be repeated."""
    return frame.orderBy(*map(F.desc, measures), *MODEL).limit(limit)


def _rank(measure: str, *keys: str, by: str | None = None) -> Column:
    """Place of a row by a measure, 1 for the largest."""
    window = Window.partitionBy(by) if by else _every_row()
    return F.row_number().over(window.orderBy(F.desc_nulls_last(measure), *keys))


def _models(frame: DataFrame) -> DataFrame:
    """The first models; each row also carries the sums over all, which saves a second pass."""
    named = F.when(F.col("model_key") != "(none)", 1)
    sums = {
        "all_models": F.count(named).over(_every_row()),
        "all_reported_usd": F.sum("cost_reported_usd").over(_every_row()),
    }
    return _top(frame.withColumns(sums), "request_count", limit=TOP_GLANCE)


def _prices(frame: DataFrame) -> DataFrame:
    """The first models by cost and by unpriced attempts; each row also carries the sums over all."""
    sums = {
        f"all_{name}": F.sum(name).over(_every_row())
        for name in ("priced_count", "unpriced_count", "cost_usd", "variance_usd")
    }
    rows = {"all_unpriced_rows": F.count(F.when(F.col("unpriced_count") > 0, 1)).over(_every_row())}
    ranks = {
        "cost_rank": _rank("cost_usd", "source_name", *MODEL),
        "unpriced_rank": _rank("unpriced_count", "source_name", *MODEL),
    }
    shown = F.least(*ranks) <= TOP_MODELS
    return frame.withColumns(sums | rows | ranks).where(shown).orderBy("cost_rank")


def _unpriced(prices: Rows) -> Rows:
    found = [row for row in prices if row["unpriced_count"] and row["unpriced_rank"] <= TOP_MODELS]
    return sorted(found, key=lambda row: row["unpriced_rank"])


def _totals(models: Rows, prices: Rows) -> Totals:
    if not models:
        return Totals(0, 0, 0, 0, None, None, None)
    model, price = models[0], prices[0]
    return Totals(
        model_count=model["all_models"],
        priced_count=price["all_priced_count"],
        unpriced_count=price["all_unpriced_count"],
        unpriced_row_count=price["all_unpriced_rows"],
        cost_usd=price["all_cost_usd"],
        cost_reported_usd=model["all_reported_usd"],
        variance_usd=price["all_variance_usd"],
    )


def _latency(frame: DataFrame) -> DataFrame:
    shown = frame.where(F.col("metric").isin("duration_ms", "ttft_ms"))
    ranked = shown.withColumn("rank", _rank("request_count", *MODEL, by="metric"))
    return ranked.where(F.col("rank") <= TOP_MODELS).orderBy("metric", "rank")


def _costs(costs: DataFrame, *keys: str | Column) -> DataFrame:
    """Priced attempts and their cost by component, summed to the keys."""
    names = ("request_count", "cost_usd", *(f"cost_{part}_usd" for part in COMPONENTS))
    return costs.where("cost_usd IS NOT NULL").groupBy(*keys).agg(*(F.sum(name).alias(name) for name in names))


def _cost_daily(costs: DataFrame) -> DataFrame:
    """Cost by day of the dearest models; the others together, without provider and model."""
    place = F.dense_rank().over(_every_row().orderBy(F.desc("whole_usd"), *MODEL))
    whole = F.sum("cost_usd").over(Window.partitionBy(*MODEL))
    ranked = _costs(costs, "event_date", *MODEL).withColumn("whole_usd", whole).withColumn("place", place)
    models = [F.when(F.col("place") <= TOP_COSTS, F.col(name)).alias(name) for name in MODEL]
    return _costs(ranked, "event_date", *models).orderBy("event_date", F.desc("cost_usd"))


def _errors(frame: DataFrame) -> DataFrame:
    keys = ("error_type", "error_origin", "status", "http_status_code")
    sums = (F.sum(name).alias(name) for name in ("error_count", "lost_s", "cost_usd"))
    return frame.groupBy(*keys).agg(*sums).orderBy(F.desc("error_count"), *keys)
