"""Latency histograms: quantiles within 1 % of exact ones, and merging is adding."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.gold.latency import ZERO_BUCKET, bucket, latency_histogram_hourly, token_band
from lakehouse.tables.columns import TOKEN_BANDS
from lakehouse.tables.gold import LATENCY
from lakehouse.tables.silver import INTERACTIONS
from tests.support.frames import assert_same, at, frame, typed

GAMMA = 1.01 / 0.99
QUANTILES = (0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999)
ROWS = 20_000
ANSWERED = {"status": "ok", "gateway_cache_hit": False, "operation_name": "chat", "time_basis": "event"}
NINE = at("2025-06-03T09:00:00")


def drawn() -> dict[str, np.ndarray]:
    """Latencies in ms as they come: many alike, few very long, and some of almost no time."""
    draw = np.random.default_rng(7)
    return {
        "lognormal": draw.lognormal(7, 1.2, ROWS),
        "heavy tail": 50 * (1 + draw.pareto(1.1, ROWS)),
        "tiny": draw.uniform(1e-6, 1, ROWS),
        "same": np.full(ROWS, 1234.5),
        "with zeros": np.where(draw.random(ROWS) < 0.3, 0.0, draw.lognormal(5, 1, ROWS)),
    }


def quantile(counts: dict[int, int], q: float) -> float:
    """Nearest-rank quantile of a histogram, as the design defines its buckets: 2γ^i/(γ+1), zero apart."""
    needed, seen = math.ceil(q * sum(counts.values())), 0
    for index in sorted(counts):
        seen += counts[index]
        if seen >= needed:
            return 0.0 if index == ZERO_BUCKET else 2 * GAMMA**index / (GAMMA + 1)
    raise AssertionError("no bucket")


@pytest.fixture(scope="module")
def histograms(spark: SparkSession) -> dict[tuple[str, str], dict[int, int]]:
    """Buckets of every distribution, by distribution and half of the rows."""
    columns = typed(name="STRING", half="STRING", value="DOUBLE")
    rows = [
        {"name": name, "half": "first" if i % 3 else "second", "value": float(value)}
        for name, values in drawn().items()
        for i, value in enumerate(values)
    ]
    counted = frame(spark, columns, rows).groupBy("name", "half", bucket(F.col("value")).alias("bucket")).count()
    found: dict[tuple[str, str], dict[int, int]] = {}
    for row in counted.collect():
        found.setdefault((row["name"], row["half"]), {})[row["bucket"]] = row["count"]
    return found


@pytest.mark.parametrize("name", list(drawn()))
def test_quantiles_are_within_one_percent(histograms: dict[tuple[str, str], dict[int, int]], name: str) -> None:
    """Merged from two parts, against NumPy's exact nearest rank over all values."""
    merged = Counter(histograms[name, "first"]) + Counter(histograms[name, "second"])
    assert merged.total() == ROWS
    for q in QUANTILES:
        exact = float(np.quantile(drawn()[name], q, method="inverted_cdf"))
        assert quantile(merged, q) == pytest.approx(exact, rel=0.01, abs=0), q


def test_buckets(spark: SparkSession) -> None:
    """Zero has its own; null and negatives have none; γ^i is the upper end of bucket i."""
    values = {
        0.0: ZERO_BUCKET,
        -1.0: None,
        None: None,
        1.0: 0,
        GAMMA**100 * 0.9999: 100,
        GAMMA**100 * 1.0001: 101,
        0.5: math.ceil(math.log(0.5) / math.log(GAMMA)),
        1e12: math.ceil(math.log(1e12) / math.log(GAMMA)),
        5e-324: math.ceil(math.log(5e-324) / math.log(GAMMA)),
    }
    assert values[5e-324] > ZERO_BUCKET  # type: ignore[operator]
    rows = frame(spark, typed(x="DOUBLE"), [{"x": value} for value in values])
    actual = rows.select("x", bucket(F.col("x")).alias("bucket"))
    expected = [{"x": value, "bucket": index} for value, index in values.items()]
    assert_same(actual, typed(x="DOUBLE", bucket="INT"), expected, key=["x"])


def test_token_bands(spark: SparkSession) -> None:
    """Every band has its first and last count."""
    edges = {
        None: "unknown", 0: "0", -3: "0", 1: "1-255", 255: "1-255", 256: "256-1023", 1023: "256-1023",
        1024: "1024-4095", 4095: "1024-4095", 4096: "4096-16383", 16383: "4096-16383", 16384: "16384-65535",
        65535: "16384-65535", 65536: "65536+", 10**12: "65536+",
    }  # fmt: skip
    rows = frame(spark, typed(n="BIGINT"), [{"n": n} for n in edges]).select("n", token_band(F.col("n")).alias("band"))
    assert dict(rows.collect()) == edges
    assert set(edges.values()) == set(TOKEN_BANDS)


# Attempt → metrics and values that it counts in.
CASES: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "answered": ({"duration_ms": 1000.0}, {"duration_ms": 1000.0}),
    "streamed": (
        {"duration_ms": 1000.0, "ttft_ms": 100.0, "output_tokens": 10},
        {"duration_ms": 1000.0, "ttft_ms": 100.0, "tpot_ms": 100.0},
    ),
    "one token": ({"duration_ms": 9.0, "ttft_ms": 8.0, "output_tokens": 1}, {"duration_ms": 9.0, "ttft_ms": 8.0}),
    "no duration": ({"ttft_ms": 8.0, "output_tokens": 5}, {"ttft_ms": 8.0}),
    "end before first token": (
        {"duration_ms": 5.0, "ttft_ms": 8.0, "output_tokens": 5},
        {"duration_ms": 5.0, "ttft_ms": 8.0},
    ),
    "cache": ({"gateway_cache_hit": True, "duration_ms": 1.0}, {}),
    "failed": ({"status": "error", "duration_ms": 700.0, "ttft_ms": 8.0}, {"time_to_failure_ms": 700.0}),
    "cancelled": ({"status": "cancelled", "duration_ms": 70.0}, {"time_to_failure_ms": 70.0}),
    "unmeasured": ({"status": "error"}, {}),
}


def test_what_enters_which_metric(spark: SparkSession) -> None:
    """Failures and cached answers enter no latency of a model."""
    rows = [ANSWERED | {"model_key": key, "event_at": NINE} | given for key, (given, _) in CASES.items()]
    expected = [
        {"hour_at": NINE, "time_basis": "event", "operation_name": "chat", "model_key": key, "metric": metric}
        | {"input_token_band": "unknown", "output_token_band": "1-255" if "output_tokens" in given else "unknown"}
        | {"bucket": math.ceil(math.log(value) / math.log(GAMMA)), "request_count": 1}
        for key, (given, metrics) in CASES.items()
        for metric, value in metrics.items()
    ]
    actual = latency_histogram_hourly(frame(spark, INTERACTIONS.columns, rows))
    assert_same(actual, LATENCY.columns, expected, key=["model_key", "metric"])
