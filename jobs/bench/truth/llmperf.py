"""LLMPerf leaderboard: quantiles and error rates per provider and model size, beside the published summaries.

Failed requests enter no quantile. Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996,
type 7); from the histogram, whose buckets hold each order statistic within 1 %, so does their interpolation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import functions as F

from jobs.bench.truth.frame import Check, Outcome, set_files
from jobs.bench.truth.scratch import scratch_session
from lakehouse.errors import ConfigurationError
from lakehouse.gold.latency import ALPHA, GAMMA, ZERO_BUCKET, bucket

SET = "llmperf-leaderboard"
REACH = "quantiles exact on raw rows and within 1 % from the histogram, error rates exact"
METRICS = ("ttft_s", "inter_token_latency_s", "end_to_end_latency_s", "request_output_throughput_token_per_s")
QUANTILES = {"p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
EXACT = 1e-9  # of doubles that two programs added in another order
Buckets = Mapping[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.int64]]]


def run(data: Path | None) -> Outcome:
    """Compare every summary with the requests of its provider and size."""
    rows = _read(data, "requests.jsonl*")
    rows["file"] = rows["provider"] + "_" + rows["size"]
    answered = rows[rows["error_code"].isna()]
    buckets = _buckets(answered)
    checks: list[Check] = []
    for summary in _read(data, "published_summary.jsonl*").to_dict("records"):
        checks += _quantiles(summary, answered[answered["file"] == summary["file"]], buckets)
        checks.append(_error_rate(summary, rows[rows["file"] == summary["file"]]))
    worst = max((float(check.note.split()[0]) for check in checks if check.note.endswith("% off")), default=0.0)
    notes = [f"from the histogram at most {worst:.3f} % off"]
    return Outcome("llmperf", REACH, checks, bool(checks) and all(check.passed for check in checks), notes)


def from_histogram(buckets: NDArray[np.int64], counts: NDArray[np.int64], q: float) -> float:
    """Quantile of type 7 from ascending log buckets and their counts; see `lakehouse.gold.latency`."""
    upto = np.cumsum(counts)
    rank = q * (upto[-1] - 1)
    low, high = (int(np.searchsorted(upto, place, side="right")) for place in (math.floor(rank), math.ceil(rank)))
    values = np.where(buckets == ZERO_BUCKET, 0.0, 2 * GAMMA ** buckets.astype(float) / (GAMMA + 1))
    return float(values[low] + (rank - math.floor(rank)) * (values[high] - values[low]))


def _read(data: Path | None, pattern: str) -> pd.DataFrame:
    files = set_files(data, SET, pattern)
    if not files:
        raise ConfigurationError(f"the set {SET} lacks {pattern}")
    return pd.concat([pd.read_json(file, lines=True) for file in files], ignore_index=True)


def _buckets(answered: pd.DataFrame) -> Buckets:
    """Buckets and counts by file and metric, by the very expression that fills gold."""
    stacked = ", ".join(f"'{metric}', {metric}" for metric in METRICS)
    with scratch_session() as spark:
        rows = spark.createDataFrame(answered[["file", *METRICS]].astype(dict.fromkeys(METRICS, float)))
        long = rows.select("file", F.expr(f"stack({len(METRICS)}, {stacked}) AS (metric, value)"))
        counted = long.groupBy("file", "metric", bucket(F.col("value")).alias("bucket")).count().orderBy("bucket")
        found = counted.toPandas()
    return {
        key: (group["bucket"].to_numpy(np.int64), group["count"].to_numpy(np.int64))
        for key, group in found.groupby(["file", "metric"])
    }


def _quantiles(summary: Mapping[str, object], answered: pd.DataFrame, buckets: Buckets) -> Iterator[Check]:
    file = str(summary["file"])
    for metric in METRICS:
        for name, q in QUANTILES.items():
            expected = float(str(summary[f"results_{metric}_quantiles_{name}"]))
            subject, values = f"{file} {metric} {name}", answered[metric].to_numpy(float)
            if not len(values):
                yield Check(subject, expected, None, False, "no answered request")
                continue
            raw, merged = float(np.quantile(values, q)), from_histogram(*buckets[file, metric], q)
            yield Check(subject, expected, raw, math.isclose(raw, expected, rel_tol=EXACT), "raw rows")
            off = abs(merged / expected - 1) if expected else abs(merged)
            yield Check(f"{subject}, histogram", expected, merged, off <= ALPHA, f"{100 * off:.3f} % off")


def _error_rate(summary: Mapping[str, object], rows: pd.DataFrame) -> Check:
    expected = float(str(summary["results_error_rate"]))
    ours = float(rows["error_code"].notna().mean()) if len(rows) else None
    is_exact = ours is not None and math.isclose(ours, expected, abs_tol=EXACT)
    codes = json.dumps(rows["error_code"].value_counts().to_dict())
    return Check(f"{summary['file']} error rate", expected, ours, is_exact, f"errors by code {codes}")
