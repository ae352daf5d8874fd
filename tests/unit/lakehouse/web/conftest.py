"""Figures of a small lakehouse, written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.web.figures import Figures, Totals

ALPHA = {"provider_name": "acme", "model_key": "acme/alpha"}
BETA = {"provider_name": None, "model_key": "beta"}
DAY, NEXT = date(2026, 1, 5), date(2026, 1, 7)
SEEN = datetime(2026, 1, 8, 9, 30)
PARTS = ("fresh_input", "cache_read", "cache_write", "output", "other")


def costs(total: str, *parts: str | None) -> dict[str, Any]:
    """Cost and its components."""
    names = (f"cost_{part}_usd" for part in PARTS)
    return {"cost_usd": Decimal(total)} | dict(zip(names, (part and Decimal(part) for part in parts), strict=True))


def traffic(day: date | None, requests: int, errors: int, untimed: int) -> dict[str, Any]:
    """A day of the source `gateway`."""
    counts = {"request_count": requests, "error_count": errors, "untimed_count": untimed}
    tokens = {"input_tokens": 10 * requests, "output_tokens": None, "mean_duration_ms": 812.5}
    return {"event_date": day, "source_name": "gateway"} | counts | tokens


def latency(model: dict[str, Any], metric: str, n: int, *quantiles: float | None) -> dict[str, Any]:
    """Quantiles of a model."""
    names = ("p50_ms", "p90_ms", "p95_ms", "p99_ms")
    return model | {"metric": metric, "request_count": n} | dict(zip(names, quantiles, strict=True))


@pytest.fixture
def empty() -> Figures:
    """Figures of a lakehouse without any row."""
    lists: dict[str, Any] = {
        name: [] for name in Figures.__dataclass_fields__ if name not in {"generated_at", "totals"}
    }
    return Figures(datetime(2026, 1, 9, 12, 5, tzinfo=UTC), Totals(0, 0, 0, 0, None, None, None), **lists)


@pytest.fixture
def figures() -> Figures:
    """Figures of 250 requests to two models from one source."""
    summary = {"cost_reported_usd": Decimal("1.5"), "unpriced_ratio": 0.0}
    coverage = {"source_name": "gateway", "no_usage_count": 1, "priced_token_ratio": 0.975}
    paid = {"cost_usd": Decimal("1.25"), "cost_reported_priced_usd": Decimal("1.5"), "variance_usd": Decimal("-0.25")}
    free = {"cost_usd": None, "cost_reported_priced_usd": None, "variance_usd": None}
    failed = {"status": "error", "http_status_code": 429, "cost_usd": None}
    judged = {"layer": "silver", "table_name": "silver.llm_interactions", "pass_ratio": 0.98, "rule_count": 30,
              "clean_row_ratio": None, "rule_coverage_ratio": 0.5, "judged_at": SEEN}  # fmt: skip
    return Figures(
        generated_at=datetime(2026, 1, 9, 12, 5, tzinfo=UTC),
        totals=Totals(2, 240, 9, 1, Decimal("1.25"), Decimal("1.5"), Decimal("-0.25")),
        conservation=[
            {"source_name": "gateway", "bronze_count": 260, "silver_count": 250, "quarantine_count": 7,
             "superseded_count": 3, "waiting_batch_count": 0, "is_conserved": True},
        ],
        freshness=[
            {"source_name": "gateway", "batch_count": 4, "last_batch_at": SEEN, "newest_event_at": None,
             "bronze_count": 260, "read_again_count": 12},
        ],
        models=[
            ALPHA | summary | {"request_count": 240, "latency_count": 230, "p50_ms": 812.0, "p95_ms": 2345.6,
                               "error_ratio": 0.0125, "cost_usd": Decimal("1.25")},
            BETA | summary | {"request_count": 10, "latency_count": 10, "p50_ms": None, "p95_ms": None,
                              "error_ratio": 0.7, "cost_usd": None},
        ],
        latency=[
            latency(ALPHA, "duration_ms", 230, 812.0, 1900.0, 2345.6, None),
            latency(BETA, "duration_ms", 10, None, None, None, None),
            latency(ALPHA, "ttft_ms", 150, 95.5, 301.0, None, None),
        ],
        throughput=[
            ALPHA | {"timed_count": 230, "mean_duration_ms": 812.5, "output_tokens_per_s": 45.67,
                     "generation_tokens_per_s": None},
        ],
        traffic=[traffic(None, 4, 0, 4), traffic(DAY, 96, 3, 10), traffic(NEXT, 150, 7, 0)],
        cost_daily=[
            ALPHA | {"event_date": DAY, "request_count": 90, "cost_usd": Decimal("0.25")},
            ALPHA | {"event_date": NEXT, "request_count": 150, "cost_usd": Decimal("0.75")},
            {"provider_name": None, "model_key": None, "event_date": NEXT, "request_count": 5,
             "cost_usd": Decimal("0.25")},
        ],
        cost_models=[ALPHA | {"request_count": 240} | costs("1.25", "1", None, None, "0.25", None)],
        coverage=[ALPHA | coverage | paid | {"request_count": 240, "priced_count": 240, "unpriced_count": 0}],
        unpriced=[BETA | coverage | free | {"request_count": 10, "priced_count": 0, "unpriced_count": 9}],
        error_rate=[
            BETA | {"request_count": 10, "error_count": 7, "error_ratio": 0.7, "error_ratio_low": 0.3968,
                    "error_ratio_high": 0.8922},
            ALPHA | {"request_count": 240, "error_count": 3, "error_ratio": 0.0125, "error_ratio_low": 0.0043,
                     "error_ratio_high": 0.0361},
        ],
        errors=[
            failed | {"error_type": "rate_limit", "error_origin": "provider", "error_count": 7, "lost_s": None},
            failed | {"error_type": "rate_limit", "error_origin": None, "error_count": 2, "lost_s": 7200.0},
            failed | {"error_type": "timeout", "error_origin": "provider", "error_count": 1, "lost_s": 30.0},
        ],
        quarantine=[
            {"source_name": "gateway", "rule_id": "time_order", "row_count": 7, "discarded_count": 2,
             "first_seen_at": SEEN, "last_seen_at": SEEN},
        ],
        columns=[
            {"source_name": "gateway", "source_system": "table", "canonical_column": "region", "expression": None,
             "why_null": "nobody records it"},
            {"source_name": "gateway", "source_system": "table", "canonical_column": "status",
             "expression": "CASE WHEN ok < 1 THEN 'error' END", "why_null": None},
        ],
        scorecard=[judged | {"dimension": None, "score": 49.0}, judged | {"dimension": "validity", "score": 62.5}],
        gate_state=[
            {"view_name": "cost_daily", "layer": "silver", "table_name": "silver.llm_interactions", "score": 49.0,
             "gate_decision": "BLOCK", "failed_rules": ["quarantine_share"], "judged_at": SEEN, "passed_at": None},
        ],
        worst_rules=[
            {"table_name": "silver.llm_interactions", "rule_id": "quarantine_share", "severity": "critical",
             "judged_count": 9, "failed_count": 2, "blocked_count": 2, "unexpected_count": None,
             "last_unexpected_ratio": None, "is_failing": True, "last_failed_at": SEEN},
        ],
        quality_trend=[
            {"judged_date": DAY, "layer": "silver", "table_name": "silver.llm_interactions", "gate_count": 3,
             "last_score": 49.0, "lowest_score": 49.0, "lowest_pass_ratio": 0.98},
        ],
    )  # fmt: skip
