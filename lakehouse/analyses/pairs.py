"""Every pair of models: rows of gold.model_comparison from strata and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from lakehouse.analyses.comparisons import (
    FALSE_DISCOVERIES,
    LEAST,
    NO_EVIDENCE,
    TOO_FEW,
    ZERO_BUCKET,
    Comparison,
    RateComparison,
    adjusted,
    compare,
    compare_rates,
    stratum,
    verdict,
)
from lakehouse.tables.analyses import ERROR_RATIO, LATENCIES

GAMMA = 1.01 / 0.99  # growth of gold's buckets
Model = tuple[str | None, str]
Row = dict[str, Any]
Histogram = Mapping[int, int]
Strata = Mapping[tuple[Any, ...], Histogram]
FEWER, MORE = "fewer errors", "more errors"


@dataclass(frozen=True)
class Pair:
    """Two models and what was found; null where they have no mix in common."""

    metric: str
    ours: Model
    theirs: Model
    sizes: tuple[int, int, int]
    found: Comparison | RateComparison | None
    median_ms: float | None = None  # of theirs

    @property
    def p_value(self) -> float:
        """NaN where there was nothing, or too little, to test."""
        return np.nan if self.found is None or min(self.sizes[:2]) < LEAST else self.found.p_value


def compared(strata: pd.DataFrame, outcomes: pd.DataFrame) -> list[Row]:
    """Compare every pair in every metric; q-values are over all of them.

    Args:
        strata: Counts per provider, model, metric, stratum and bucket.
        outcomes: Attempts and failures per provider, model and operation.
    """
    pairs = [*_latencies(strata), *_errors(outcomes)]
    q_values = adjusted([pair.p_value for pair in pairs])
    return [_row(pair, float(q)) for pair, q in zip(pairs, q_values, strict=True)]


def _latencies(strata: pd.DataFrame) -> Iterator[Pair]:
    for metric in LATENCIES:
        models = _by_model(strata[strata["metric"] == metric])
        for (ours, mine), (theirs, other) in combinations(sorted(models.items(), key=_order), 2):
            shared = sorted(mine.keys() & other.keys(), key=str)
            sizes = [sum(sum(side[key].values()) for key in shared) for side in (mine, other)]
            enough = min(sizes) >= LEAST
            found = compare([stratum(mine[key], other[key]) for key in shared]) if enough else None
            median = _median([other[key] for key in shared]) if found else None
            yield Pair(metric, ours, theirs, (sizes[0], sizes[1], len(shared)), found, median)


def _median(histograms: Iterable[Histogram]) -> float:
    """Middle of the bucket that holds the median."""
    counts = sum((Counter(dict(each)) for each in histograms), Counter[int]())
    buckets = np.array(sorted(counts))
    upto = np.cumsum([counts[bucket] for bucket in buckets])
    at = buckets[np.searchsorted(upto, upto[-1] / 2)]
    return 0.0 if at == ZERO_BUCKET else float(2 * GAMMA**at / (GAMMA + 1))


def _order(item: tuple[Model, object]) -> tuple[str, str]:
    return (item[0][0] or "", item[0][1])


def _by_model(rows: pd.DataFrame) -> dict[Model, Strata]:
    found: dict[Model, dict[tuple[Any, ...], dict[int, int]]] = {}
    for provider, model, operation, given, answer, stream, bucket, count in rows[
        ["provider_name", "model_key", "operation_name", "input_token_band", "output_token_band", "is_stream", "bucket",
         "request_count"]
    ].itertuples(index=False):  # fmt: skip
        key = (operation, given, answer, None if pd.isna(stream) else bool(stream))
        histogram = found.setdefault((_known(provider), model), {}).setdefault(key, {})
        histogram[int(bucket)] = histogram.get(int(bucket), 0) + int(count)
    return dict(found)


def _known(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


def _errors(outcomes: pd.DataFrame) -> Iterator[Pair]:
    """Failures over the operations that both serve."""
    models: dict[Model, dict[Any, tuple[int, int]]] = {}
    columns = outcomes[["provider_name", "model_key", "operation_name", "error_count", "request_count"]]
    for provider, model, operation, failed, count in columns.itertuples(index=False):
        models.setdefault((_known(provider), model), {})[_known(operation)] = (int(failed), int(count))
    for (ours, mine), (theirs, other) in combinations(sorted(models.items(), key=_order), 2):
        shared = mine.keys() & other.keys()
        k, n = (sum(mine[key][i] for key in shared) for i in (0, 1))
        other_k, other_n = (sum(other[key][i] for key in shared) for i in (0, 1))
        found = compare_rates(k, n, other_k, other_n) if n and other_n else None
        yield Pair(ERROR_RATIO, ours, theirs, (n, other_n, len(shared)), found)


def _row(pair: Pair, q_value: float) -> Row:
    n, other_n, shared = pair.sizes
    row: Row = {
        "metric": pair.metric,
        "provider_name": pair.ours[0], "model_key": pair.ours[1],
        "other_provider_name": pair.theirs[0], "other_model_key": pair.theirs[1],
        "request_count": n, "other_request_count": other_n, "stratum_count": shared,
        "p_value": _number(pair.p_value), "q_value": _number(q_value), "verdict": _verdict(pair, q_value),
    }  # fmt: skip
    if isinstance(pair.found, Comparison):
        ratio, low, high = pair.found.ratios(GAMMA)
        row |= {
            "other_p50_ms": pair.median_ms,
            "a12": pair.found.a12,
            "ratio": ratio,
            "ratio_low": low,
            "ratio_high": high,
        }
    if isinstance(pair.found, RateComparison):
        row |= {"difference": pair.found.difference, "difference_low": pair.found.low}
        row["difference_high"] = pair.found.high
    return row


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _verdict(pair: Pair, q_value: float) -> str:
    if pair.found is None or min(pair.sizes[:2]) < LEAST:
        return TOO_FEW
    if isinstance(pair.found, Comparison):
        return verdict(pair.found, q_value)
    if not q_value < FALSE_DISCOVERIES:
        return NO_EVIDENCE
    return FEWER if pair.found.difference < 0 else MORE
