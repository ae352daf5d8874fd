"""Rules of gold: sums as silver has them, and distributions as they were."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lakehouse.tables import gold
from quality.loader import load_suite
from tests.support.frames import at
from tests.support.rules.model import Case, Fixture

HOUR = at("2025-06-03T10:00:00")
WINDOW = {"event_date": date(2025, 6, 3), "hour_at": HOUR, "time_basis": "event"}
MONEY = {"cost_usd": Decimal(1), "cost_fresh_input_usd": Decimal("0.4"), "cost_output_usd": Decimal("0.6")}
COUNTS = {"request_count": 10, "error_count": 1, "priced_count": 8, "unpriced_count": 1, "no_usage_count": 1}
SILVER = {
    "silver_requests": 10, "silver_errors": 1, "silver_tokens": 150, "silver_cost_usd": Decimal(1),
    "silver_cost_reported_usd": Decimal(2), "silver_hours": 1,
}  # fmt: skip
LATER = [at("2025-06-03T11:00:00"), at("2025-06-03T16:00:00")]


def _off(*names: str) -> dict[str, list[Case]]:
    """For each rule of conservation the clean rows beside a silver that has one more, or one less."""
    rules = dict(zip(names[::2], names[1::2], strict=True))
    return {rule: [Case([{}], {fact: SILVER[fact] + by}) for by in (-1, 1)] for rule, fact in rules.items()}


USAGE = Fixture(
    suite=load_suite("gold.usage_hourly"),
    columns=gold.USAGE.columns,
    good={**WINDOW, "source_name": "s", "input_tokens": 100, "output_tokens": 50, **COUNTS, **MONEY,
          "cost_reported_usd": Decimal(2)},
    clean=Case([{}], SILVER),
    rows={
        "cost_parts_sum_hourly": (
            [{"cost_output_usd": Decimal("0.5")}, {"cost_other_usd": Decimal("1e-12")}],
            [{}, {"cost_usd": None}, {"cost_usd": Decimal("1.5"), "cost_cache_read_usd": Decimal("0.5")},
             {"cost_usd": Decimal("1.5"), "cost_cache_write_usd": Decimal("0.5")}],
        ),
        "errors_within_requests": ([{"error_count": 11}], [{"error_count": 10}]),
        "price_states_sum": (
            [{"priced_count": 7}, {"unpriced_count": 2}, {"no_usage_count": None}],
            [{"priced_count": 7, "unpriced_count": 2}],
        ),
    },
    tables={
        "usage_rows": [Case([])],
        "hour_gaps": [Case([{}, {"hour_at": LATER[1]}])],
        "hourly_volume": [Case([{"request_count": 100}]), Case([{"request_count": 1}])],
        **_off(
            "requests_conserved", "silver_requests", "errors_conserved", "silver_errors", "tokens_conserved",
            "silver_tokens", "cost_conserved", "silver_cost_usd", "reported_cost_conserved",
            "silver_cost_reported_usd", "hours_conserved", "silver_hours",
        ),
    },
)  # fmt: skip

BUCKETS = [{"bucket": bucket, "request_count": 10} for bucket in range(200, 500, 10)]
TIMED = {"silver_timed": 300, "silver_failures_timed": 0, "silver_any_timed": 1}
FAILED = {"metric": "time_to_failure_ms"}

LATENCY = Fixture(
    suite=load_suite("gold.latency_histogram_hourly"),
    columns=gold.LATENCY.columns,
    good={**WINDOW, "metric": "duration_ms", "input_token_band": "0", "bucket": 300, "request_count": 10},
    clean=Case(BUCKETS, TIMED),
    rows={"bucket_possible": ([{"bucket": -2001}, {"bucket": 2001}], [{"bucket": b} for b in (-100000, -2000, 2000)])},
    tables={
        "histogram_conserved": [Case(BUCKETS[:-1]), Case([*BUCKETS, {}])],
        "failures_timed_conserved": [Case([*BUCKETS, FAILED]), Case(BUCKETS, {"silver_failures_timed": 1})],
        "histogram_rows": [Case([])],
        "latency_shift": [Case([{"bucket": row["bucket"] + 110, "request_count": 10} for row in BUCKETS])],
    },
)

ERRORS = Fixture(
    suite=load_suite("gold.error_hourly"),
    columns=gold.ERRORS.columns,
    good={**WINDOW, "source_name": "s", "status": "error", "error_type": "timeout", "request_count": 2,
          "cost_usd": Decimal("0.1")},
    clean=Case([{}], {"silver_failed": 2, "silver_failed_cost_usd": Decimal("0.1"), "silver_any_failed": 1}),
    rows={"only_failures": ([{"status": "ok"}, {"status": None}], [{"status": "cancelled"}])},
    tables={
        "error_rows_conserved": [Case([{"request_count": 1}]), Case([{"request_count": 3}])],
        "error_cost_conserved": [Case([{"cost_usd": None}]), Case([{"cost_usd": Decimal("0.2")}])],
        "error_row_count": [Case([])],
    },
)  # fmt: skip
