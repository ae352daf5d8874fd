"""Findings of every kind in one order, as sentences that say what the rows say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lakehouse.analyses.insights import insights

NOW = datetime(2026, 3, 20, tzinfo=UTC)
MODEL = {"provider_name": "acme", "model_key": "it's"}


def anomaly(metric: str, state: str, age: int, p: float) -> dict[str, Any]:
    """An hour of a day some days ago."""
    start = NOW - timedelta(days=age)
    times = {"started_at": start, "ended_at": start + timedelta(hours=1), "peak_at": start, "hour_count": 1}
    figures = {"value": 40.0, "expected": 4.0, "p_value": p, "excess": 36.0, "anomaly_id": f"{metric}{age}"}
    return MODEL | times | figures | {"metric": metric, "state": state}


def saving(kind: str, low: str, high: str, confidence: str = "high") -> dict[str, Any]:
    """Bounds in USD."""
    row = {"kind": kind, "variant_name": None, "saving_low_usd": Decimal(low), "saving_high_usd": Decimal(high)}
    row |= {
        "confidence": confidence,
        "cost_usd": Decimal("9"),
        "request_count": 3,
        "evidence_query": f"SELECT '{kind}'",
    }
    return MODEL | row | {"period_from": date(2026, 1, 1), "period_to": date(2026, 3, 19)}


TEMPLATE = {"template_id": "t1", "template": "It broke", "is_new": True, "models": ["m"], "request_count": 7,
            "first_seen_at": NOW - timedelta(days=2)}  # fmt: skip
PAIR = MODEL | {
    "metric": "duration_ms", "other_provider_name": None, "other_model_key": "b", "verdict": "faster", "ratio": 0.5,
    "ratio_low": 0.4, "ratio_high": 0.6, "request_count": 50, "other_request_count": 60, "stratum_count": 2,
    "other_p50_ms": 1000.0,
}  # fmt: skip


def test_order_is_by_rule() -> None:
    """Open anomalies, money, new texts, closed anomalies of the week, comparisons, scenarios; nothing stale or void."""
    told = insights(
        [anomaly("errors", "closed", 2, 1e-9), anomaly("cost", "open", 0, 1e-4), anomaly("errors", "closed", 30, 1e-9)],
        [saving("batch", "1", "2"), saving("retry_waste", "3", "4"), saving("truncation", "0", "0"),
         saving("cheaper_model", "0", "8", "scenario")],
        [TEMPLATE, TEMPLATE | {"is_new": False}],
        [PAIR, PAIR | {"verdict": "no evidence"}, PAIR | {"metric": "ttft_ms"}],
        NOW,
    )  # fmt: skip
    assert [(row["insight_rank"], row["kind"], row["state"]) for row in told] == [
        (1, "anomaly", "open"), (2, "saving", "standing"), (3, "saving", "standing"), (4, "error_template", "open"),
        (5, "anomaly", "closed"), (6, "comparison", "standing"), (7, "saving", "standing"),
    ]  # fmt: skip
    assert (told[0]["usd_low"], told[1]["usd_low"], told[2]["usd_high"]) == (36.0, 3.0, 2.0)
    assert (told[5]["ms_low"], told[5]["ms_high"]) == (-600.0, -400.0)
    assert told[5]["sentence"] == (
        "acme/it's is faster than b on a common mix: duration × 0.50 (0.40 to 0.60), 50 and 60 attempts in 2 strata"
    )
    assert told[6]["sentence"].startswith(
        "Scenario, no saving to count on: cheaper model of acme/it's: 0.00 to 8.00 USD"
    )


def test_names_are_quoted_in_evidence() -> None:
    """A model may have any name."""
    (told,) = insights([], [], [], [PAIR], NOW)
    assert "model_key <=> 'it\\'s'" in told["evidence_query"]
    assert "other_provider_name <=> NULL" in told["evidence_query"]
