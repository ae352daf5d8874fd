"""Rules of silver: rows as they are staged, and as they are priced."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from lakehouse.tables.columns import pick
from lakehouse.tables.silver import INTERACTIONS as TABLE
from quality.loader import load_suite
from tests.support.frames import at
from tests.support.rules.model import Case, Change, Fixture

READ = at("2025-06-03T12:00:00")
GOOD: dict[str, Any] = {
    "source_record_id": "r1", "cast_failures": [], "status": "ok", "response_model": "m",
    "ingested_at": READ, "event_at": at("2025-06-03T10:00:00"), "time_basis": "event",
    "operation_name": "chat", "token_basis": "reported", "duration_ms": 400.0, "cost_status": "no_usage",
    "source_name": "s", "batch_id": 1, "interaction_id": "i1", "failed_rules": [],
}  # fmt: skip
ERROR: dict[str, Any] = {"status": "error", "error_type": "other"}
PRICED: dict[str, Any] = {
    "cost_status": "priced", "cost_usd": Decimal("0.1"), "cost_output_usd": Decimal("0.1"), "cost_other_usd": None,
}  # fmt: skip
SECOND = {"started_at": at("2025-06-03T10:00:01"), "ended_at": at("2025-06-03T10:00:01")}

# Rule → rows that break it, rows that just do not.
CASES: dict[str, tuple[list[Change], list[Change]]] = {
    "bad_identity": (
        [{"source_record_id": text} for text in (None, "", "  ", "None", "null", " None ")],
        [{"source_record_id": "none-1"}],
    ),
    "unparsable_value": ([{"cast_failures": ["started_at"]}], [{"cast_failures": []}]),
    "negative_measure": (
        [{name: -1} for name in ("input_tokens", "output_tokens", "cache_read_input_tokens")]
        + [{name: -1} for name in ("cache_write_input_tokens", "reasoning_output_tokens", "retry_count")]
        + [{"cost_reported_usd": Decimal("-1e-12")}, {"duration_ms": -0.001}, {"ttft_ms": -1.0}],
        [{"input_tokens": 0, "output_tokens": 5, "cost_reported_usd": Decimal(0), "duration_ms": 0.0, "ttft_ms": 0.0}],
    ),
    "not_finite": (
        [{name: float(text)} for name in ("duration_ms", "ttft_ms") for text in ("inf", "nan")],
        [{"duration_ms": 1e12, "ttft_ms": 1e12}, {"duration_ms": None, "ttft_ms": None}],
    ),
    "future_time": (
        [{"event_at": at("2025-06-03T12:05:00.000001")}],
        [{"event_at": at("2025-06-03T12:05:00")}, {"event_at": None}],
    ),
    "epoch_unit": (
        [{"event_at": at("2019-12-31T23:59:59")}],
        [{"event_at": at("2020-01-01T00:00:00")}, {"event_at": None}],
    ),
    "time_order": (
        [SECOND | {"ended_at": at("2025-06-03T10:00:00")}],
        [SECOND, SECOND | {"ended_at": None}, SECOND | {"started_at": None}],
    ),
    "ttft_after_end": (
        [{"ttft_ms": 2.0, "duration_ms": 1.0}],
        [{"ttft_ms": 1.0, "duration_ms": 1.0}, {"ttft_ms": 2.0, "duration_ms": None}, {"ttft_ms": None}],
    ),
    "token_sum_mismatch": (
        [{"total_tokens_reported": 4, "input_tokens": 2, "output_tokens": 1}],
        [
            {"total_tokens_reported": 3, "input_tokens": 2, "output_tokens": 1},
            {"total_tokens_reported": 3, "input_tokens": 2},
            {"total_tokens_reported": 3, "output_tokens": 1},
            {"input_tokens": 2, "output_tokens": 1},
        ],
    ),
    "cache_exceeds_input": (
        [
            {"input_tokens": 5, "cache_read_input_tokens": 4, "cache_write_input_tokens": 2},
            {"cache_read_input_tokens": 1},
        ],
        [{"input_tokens": 5, "cache_read_input_tokens": 4, "cache_write_input_tokens": 1}, {"input_tokens": 5}],
    ),
    "reasoning_exceeds_output": (
        [{"output_tokens": 5, "reasoning_output_tokens": 6}, {"reasoning_output_tokens": 1}],
        [{"output_tokens": 5, "reasoning_output_tokens": 5}],
    ),
    "no_model": ([{"response_model": None}], [{"response_model": None, "status": "error"}, {}]),
    "ttft_is_total": (
        [{"ttft_ms": 900.0, "duration_ms": 900.0, "output_tokens": 16}],
        [
            {"ttft_ms": 899.0, "duration_ms": 900.0, "output_tokens": 16},
            {"ttft_ms": 900.0, "duration_ms": 900.0, "output_tokens": 15},
            {"ttft_ms": 900.0, "duration_ms": 900.0},
            {"ttft_ms": 900.0, "duration_ms": None, "output_tokens": 16},
            {"ttft_ms": None, "duration_ms": 900.0, "output_tokens": 16},
            {"ttft_ms": 0.0, "duration_ms": 0.0, "output_tokens": 16},
        ],
    ),
    "duration_implausible": ([{"duration_ms": 86_400_000.1}], [{"duration_ms": 86_400_000.0}, {"duration_ms": None}]),
    "speed_implausible": (
        [{"output_tokens": 2001, "duration_ms": 100.0}, {"output_tokens": 16, "duration_ms": 0.0}],
        [
            {"output_tokens": 2000, "duration_ms": 100.0},
            {"output_tokens": 2001, "duration_ms": 100.0, "gateway_cache_hit": True},
            {"output_tokens": 2001, "duration_ms": 100.0, "status": "error", "error_type": "other"},
            {"output_tokens": 15, "duration_ms": 0.0},
            {"output_tokens": 2001, "duration_ms": None},
            {"output_tokens": None, "duration_ms": 0.0},
        ],
    ),
    "failure_without_duration": (
        [{"status": "error", "error_type": "other", "duration_ms": 0.0}],
        [ERROR, ERROR | {"duration_ms": None}, {"duration_ms": 0.0}],
    ),
    "tokens_implausible": (
        [{"input_tokens": 20_000_001}, {"output_tokens": 20_000_001}],
        [{"input_tokens": 20_000_000, "output_tokens": 20_000_000}],
    ),
    "ok_without_usage": (
        [{"duration_ms": None}],
        [
            {"output_tokens": 1, "duration_ms": None},
            {"input_tokens": 1, "duration_ms": None},
            {"gateway_cache_hit": True, "duration_ms": None},
            ERROR | {"duration_ms": None},
            {},
        ],
    ),
    "status_conflict": (
        [{"http_status_code": 400}],
        [{}, {"http_status_code": 399}, {"http_status_code": 500, "status": "error", "error_type": "other"}],
    ),
    "failure_without_class": ([{"status": "error"}], [ERROR, {"status": "ok"}]),
    "cost_implausible": (
        [{"cost_reported_usd": Decimal("10000.01")}],
        [{"cost_reported_usd": Decimal("10000")}, {"cost_reported_usd": None}],
    ),
    "cached_answer_billed": (
        [{"gateway_cache_hit": True, "cost_reported_usd": Decimal("0.1")}],
        [{"gateway_cache_hit": True, "cost_reported_usd": Decimal(0)}, {"cost_reported_usd": Decimal("0.1")}],
    ),
    "time_without_event": (
        [{"event_at": None, "time_basis": "event"}, {"event_at": None, "time_basis": "paired"}],
        [{"event_at": None, "time_basis": "date"}, {}],
    ),
    "source_cost_zero": (
        [PRICED | {"cost_reported_usd": Decimal(0)}],
        [
            PRICED | {"cost_reported_usd": Decimal("0.1")},
            PRICED,
            {"cost_status": "free", "cost_usd": Decimal(0), "cost_reported_usd": Decimal(0)},
            {"cost_reported_usd": Decimal(0)},
        ],
    ),
    "unpriced_has_cost": (
        [{"cost_usd": Decimal(0)}, {"cost_status": "priced"}],
        [PRICED, {"cost_status": "unpriced"}],
    ),
    "cost_parts_sum": (
        [PRICED | {"cost_output_usd": Decimal("0.09")}, PRICED | {"cost_other_usd": Decimal("1e-12")}],
        [{}, PRICED, PRICED | {"cost_usd": Decimal("0.12"), "cost_other_usd": Decimal("0.02")}],
    ),
    "http_status_range": (
        [{"http_status_code": 99}, {"http_status_code": 600}],
        [{"http_status_code": 100}, {"http_status_code": 599}, {"http_status_code": None}],
    ),
}  # fmt: skip

ANSWERED = {
    "input_tokens": 60, "output_tokens": 40, "cost_status": "priced", "cost_usd": Decimal("0.01"),
    "cost_output_usd": Decimal("0.01"),
}  # fmt: skip
ROWS = 40


def _table(rows: int = ROWS, changed: int = 0, **change: Any) -> Case:
    """So many answered rows, the first of them changed."""
    return Case([ANSWERED | (change if i < changed else {}) for i in range(rows)])


INTERACTIONS = Fixture(
    suite=load_suite(TABLE.full_name),
    columns=[*TABLE.columns, *pick("failed_rules")],
    good=GOOD,
    clean=_table(),
    rows=CASES,
    tables={
        "price_coverage": [_table(changed=1, cost_status="unpriced"), _table(changed=1, cost_status="reported_only")],
        "rows_staged": [_table(rows=0)],
        "quarantine_share": [_table(changed=20, failed_rules=["time_order"])],
        "quarantine_share_jump": [_table(rows=2000, changed=21, failed_rules=["time_order"])],
        "new_enum_values": [_table(changed=4, operation_name="other")],
        "model_null_drift": [_table(changed=4, response_model=None)],
        "usage_null_drift": [_table(changed=4, input_tokens=None)],
        "cost_per_token_drift": [_table(changed=ROWS, cost_usd=Decimal("0.02"))],
        "volume_band": [_table(rows=ROWS * 2), _table(rows=ROWS // 2)],
        "source_freshness": [_table(changed=ROWS, event_at=READ - timedelta(seconds=172801))],
    },
)
