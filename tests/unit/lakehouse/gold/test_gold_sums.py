"""gold.usage_hourly and gold.error_hourly against sums in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession

from lakehouse.gold.errors import error_hourly
from lakehouse.gold.usage import usage_hourly
from lakehouse.tables.columns import COST_COMPONENTS
from lakehouse.tables.gold import ERRORS, USAGE
from lakehouse.tables.silver import INTERACTIONS
from tests.support.frames import assert_same, at, frame

Row = dict[str, Any]
MONEY = ["cost_usd", "cost_reported_usd", *(f"cost_{part}_usd" for part in COST_COMPONENTS)]
TOKENS = [
    "input_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
]  # fmt: skip


def attempts() -> list[Row]:
    """300 attempts drawn at random: every column may be null, few groups, hours and dates and neither."""
    draw = np.random.default_rng(11)

    def one_of(*values: Any) -> Any:
        return values[draw.integers(len(values))]

    def maybe(value: Any) -> Any:
        return None if draw.random() < 0.3 else value

    def attempt() -> Row:
        start = at("2025-06-03T22:00:00") + timedelta(minutes=int(draw.integers(0, 240)))
        basis = one_of("event", "paired", "date", "missing")
        timed, dated = basis in ("event", "paired"), basis != "missing"
        row = {"time_basis": basis, "event_at": start if timed else None, "event_date": start.date() if dated else None}
        row |= {"source_name": "s", "operation_name": "chat", "model_key": one_of("m1", "m2"), "team_id": maybe("t")}
        row |= {"status": one_of("ok", "ok", "ok", "error", "rejected"), "is_stream": one_of(True, False, None)}
        row |= {"error_type": one_of("timeout", "other"), "http_status_code": one_of(429, 500, None)}
        row |= {"gateway_cache_hit": bool(draw.random() < 0.1), "retry_count": maybe(int(draw.integers(0, 3)))}
        row |= {"cost_status": one_of("priced", "free", "unpriced", "no_usage", "reported_only")}
        row |= {name: maybe(int(draw.integers(0, 2**40))) for name in TOKENS}
        row["output_tokens"] = maybe(int(draw.integers(0, 3)))
        row |= {name: maybe(Decimal(int(draw.integers(0, 10**15))).scaleb(-12)) for name in MONEY}
        return row | {name: maybe(float(draw.integers(0, 9000))) for name in ("duration_ms", "ttft_ms")}

    return [attempt() for _ in range(300)]


def total(values: Iterable[Any]) -> Any:
    """Sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


def grouped(rows: list[Row], key: tuple[str, ...], measure: Callable[[list[Row]], Row]) -> list[Row]:
    """Rows with their hour, grouped by `key` and measured."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        event = row["event_at"]
        hour = {"hour_at": event and event.replace(minute=0, second=0, microsecond=0)}
        groups[tuple((row | hour).get(name) for name in key)].append(row)
    return [dict(zip(key, values, strict=True)) | measure(group) for values, group in groups.items()]


def usage(rows: list[Row]) -> Row:
    """Every measure of usage_hourly as its description says."""
    priced = [r for r in rows if r["cost_status"] in ("priced", "free")]
    timed = [r for r in rows if r["status"] == "ok" and not r["gateway_cache_hit"] and r["duration_ms"] is not None]
    streamed = [r for r in timed if r["ttft_ms"] is not None and (r["output_tokens"] or 0) > 1]
    return {name: total(r[name] for r in rows) for name in (*MONEY, *TOKENS)} | {
        "request_count": len(rows),
        "error_count": sum(r["status"] != "ok" for r in rows),
        "gateway_cache_hit_count": sum(r["gateway_cache_hit"] for r in rows),
        "retry_count": sum(r["retry_count"] or 0 for r in rows),
        "priced_count": len(priced),
        "unpriced_count": sum(r["cost_status"] in ("unpriced", "reported_only") for r in rows),
        "no_usage_count": sum(r["cost_status"] == "no_usage" for r in rows),
        "priced_tokens": sum((r["input_tokens"] or 0) + (r["output_tokens"] or 0) for r in priced),
        "cost_compared_usd": total(r["cost_usd"] for r in rows if r["cost_reported_usd"] is not None),
        "cost_reported_priced_usd": total(r["cost_reported_usd"] for r in rows if r["cost_usd"] is not None),
        "duration_sum_ms": total(r["duration_ms"] for r in timed),
        "duration_count": len(timed),
        "generation_sum_ms": total(r["duration_ms"] - r["ttft_ms"] for r in streamed),
        "generation_tokens": total(r["output_tokens"] - 1 for r in streamed),
        "timed_output_tokens": total(r["output_tokens"] for r in timed),
    }


def errors(rows: list[Row]) -> Row:
    """Every measure of error_hourly."""
    sums = {"cost_usd": total(r["cost_usd"] for r in rows), "duration_sum_ms": total(r["duration_ms"] for r in rows)}
    return sums | {"request_count": len(rows)}


def test_usage(spark: SparkSession) -> None:
    """Sums of money are exact, sums over nothing are null, counts are 0."""
    rows = attempts()
    actual = usage_hourly(frame(spark, INTERACTIONS.columns, rows))
    assert_same(actual, USAGE.columns, grouped(rows, USAGE.key, usage), key=USAGE.key)


def test_errors(spark: SparkSession) -> None:
    """Failed attempts only."""
    rows = attempts()
    failed = [row for row in rows if row["status"] != "ok"]
    actual = error_hourly(frame(spark, INTERACTIONS.columns, rows)).select(*ERRORS.column_names)
    assert_same(actual, ERRORS.columns, grouped(failed, ERRORS.key, errors), key=ERRORS.key)


@pytest.mark.parametrize("transform", [usage_hourly, error_hourly])
def test_nothing_gives_nothing(spark: SparkSession, transform: Callable[..., Any]) -> None:
    """No row of zeros for no rows."""
    assert transform(frame(spark, INTERACTIONS.columns, [])).count() == 0
