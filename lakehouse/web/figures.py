"""What the report shows: rows of the views `analytics`, as plain mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]

TOP_GLANCE = 12  # rows of the first table
TOP_MODELS = 25  # rows of a table or chart by model
TOP_RULES = 40  # rules that failed
TOP_DAYS = 120  # rows of the scores by day
TOP_COSTS = 8  # models with a colour of their own in the daily cost


@dataclass(frozen=True)
class Totals:
    """Sums over everything loaded.

    Attributes:
        model_count: Pairs of provider and model; rows that name no model are not counted.
        priced_count: Attempts with a price.
        unpriced_count: Attempts with usage but no price.
        unpriced_row_count: Combinations of source, provider and model that have such attempts.
        cost_usd: Cost of the priced attempts, USD; null where none is priced.
        cost_reported_usd: What the sources report over all attempts, USD; null where they report none.
        variance_usd: Ours minus reported over attempts that have both, USD; null where none has.
    """

    model_count: int
    priced_count: int
    unpriced_count: int
    unpriced_row_count: int
    cost_usd: Decimal | None
    cost_reported_usd: Decimal | None
    variance_usd: Decimal | None


@dataclass(frozen=True)
class Figures:
    """Rows of the views, named after them; columns as the views document them.

    Attributes:
        generated_at: When they were read, UTC.
        totals: Sums over `cost_coverage` and `model_summary`.
        conservation: `row_conservation`, all.
        freshness: `source_freshness`, all.
        models: `model_summary`, the first `TOP_GLANCE` by requests.
        latency: `model_latency`, per metric the first `TOP_MODELS` by attempts measured.
        throughput: `model_throughput`, the first `TOP_MODELS` by attempts timed.
        traffic: `traffic_daily`, all.
        cost_daily: `cost_daily` summed to day and model, days without cost left out; the `TOP_COSTS` dearest models,
            the rest together under a null model.
        cost_models: `cost_daily` summed to model, the first `TOP_MODELS` by cost.
        coverage: `cost_coverage` of priced models, the first `TOP_MODELS` by cost.
        unpriced: `cost_coverage` of models without a price, the first `TOP_MODELS` by attempts.
        error_rate: `error_rate`, the first `TOP_MODELS` by failures, then by requests.
        errors: `errors_by_type` summed over models.
        quarantine: `quarantine_summary`, all.
        columns: `column_coverage`, all.
        scorecard: `quality_scorecard`, all.
        gate_state: `quality_gate_state`, all.
        worst_rules: `quality_worst_rules`, the first `TOP_RULES`.
        quality_trend: `quality_trend`, the newest `TOP_DAYS` rows.
    """

    generated_at: datetime
    totals: Totals
    conservation: Rows
    freshness: Rows
    models: Rows
    latency: Rows
    throughput: Rows
    traffic: Rows
    cost_daily: Rows
    cost_models: Rows
    coverage: Rows
    unpriced: Rows
    error_rate: Rows
    errors: Rows
    quarantine: Rows
    columns: Rows
    scorecard: Rows
    gate_state: Rows
    worst_rules: Rows
    quality_trend: Rows

    @property
    def row_count(self) -> int:
        """Rows read from the sources."""
        return sum(row["bronze_count"] for row in self.conservation)

    @property
    def request_count(self) -> int:
        """Attempts."""
        return self.sum_traffic("request_count")

    @property
    def error_count(self) -> int:
        """Attempts that failed."""
        return self.sum_traffic("error_count")

    @property
    def undated_count(self) -> int:
        """Attempts of which not even the date is known."""
        return sum(row["request_count"] for row in self.traffic if row["event_date"] is None)

    @property
    def period(self) -> tuple[date, date] | None:
        """First and last day with traffic, UTC; null where no row has a date."""
        days = [row["event_date"] for row in self.traffic if row["event_date"] is not None]
        return (min(days), max(days)) if days else None

    @property
    def sources(self) -> list[str]:
        """Names of the sources."""
        return sorted({row["source_name"] for row in self.conservation})

    def sum_traffic(self, column: str) -> int:
        """Sum of a count of `traffic_daily`."""
        return sum(row[column] for row in self.traffic)


def model_labels(rows: Rows) -> list[str]:
    """Short names that fit beside a bar: provider and the model's last part, the whole key where two would be equal."""
    short = [_label(row, str(row["model_key"]).rsplit("/", 1)[-1]) for row in rows]
    return [
        name if short.count(name) == 1 else _label(row, row["model_key"]) for name, row in zip(short, rows, strict=True)
    ]


def _label(row: Row, model: str) -> str:
    return f"{row['provider_name']} · {model}" if row["provider_name"] else str(model)
