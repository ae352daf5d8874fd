"""Intervals that hold what they promise: of rates, of differences of rates, of quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
LEAST_BEYOND = 10  # observations beyond a quantile; fewer say nothing about it


def z_of(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 for 0.95."""
    return float(stats.norm.ppf((1 + confidence) / 2))


def wilson(hits: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Score interval of a rate (Wilson 1927; Brown, Cai and DasGupta 2001 on why not Wald's); NaN where n is 0.

    Args:
        hits: Events, element by element.
        n: Trials.
        confidence: Of the two-sided interval.
    """
    z, trials = z_of(confidence), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.asarray(hits, dtype=float) / trials
        centre = rate + z**2 / (2 * trials)
        half = z * np.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
        scale = 1 + z**2 / trials
        return np.clip((centre - half) / scale, 0, 1), np.clip((centre + half) / scale, 0, 1)


def newcombe(
    hits: ArrayLike, n: ArrayLike, other_hits: ArrayLike, other_n: ArrayLike, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    """Interval of the difference of two independent rates, first minus other (Newcombe 1998, method 10)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.asarray(hits, dtype=float) / np.asarray(n, dtype=float)
        other = np.asarray(other_hits, dtype=float) / np.asarray(other_n, dtype=float)
    low, high = wilson(hits, n, confidence)
    other_low, other_high = wilson(other_hits, other_n, confidence)
    below = np.sqrt((rate - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - rate) ** 2 + (other - other_low) ** 2)
    return rate - other - below, rate - other + above


@dataclass(frozen=True)
class Ranks:
    """Where a quantile's interval ends among n sorted values, counted from 1, with fractions between neighbours."""

    low: float
    high: float


def quantile_ranks(n: int, quantile: float, confidence: float = CONFIDENCE) -> Ranks | None:
    """Order-statistic interval of a quantile, whatever the distribution; null where too few values lie beyond it.

    The number of values below the quantile is binomial. As whole ranks can only overshoot the confidence, the ends are
    interpolated between neighbours (Hettmansperger and Sheather 1986 for the median; Nyblom 1992 for any quantile).

    Args:
        n: Values.
        quantile: Between 0 and 1.
        confidence: Of the two-sided interval.
    """
    if n * min(quantile, 1 - quantile) < LEAST_BEYOND - 1e-9:
        return None
    tail = (1 - confidence) / 2
    return Ranks(_lower_rank(n, quantile, tail), n + 1 - _lower_rank(n, 1 - quantile, tail))


def _lower_rank(n: int, quantile: float, tail: float) -> float:
    rank = int(stats.binom.ppf(tail, n, quantile))  # P(fewer than `rank` below) ≤ tail < P(at most `rank` below)
    if rank < 1:
        return 1.0
    missed, missed_next = stats.binom.cdf([rank - 1, rank], n, quantile)
    if math.isclose(tail, missed):
        return float(rank)
    step = rank * (1 - quantile) * (missed_next - tail) / ((n - rank) * quantile * (tail - missed))
    return rank + 1 / (1 + float(step))


def at_rank(ordered: Floats, rank: float) -> float:
    """Value at a rank of sorted values, between neighbours by its fraction."""
    return float(np.interp(rank, np.arange(1, len(ordered) + 1), ordered))


def bucket_at_rank(counts: NDArray[np.int64], rank: float) -> float:
    """Place of a rank in a histogram: bucket, plus the share of it that lies below, as if spread evenly within.

    Args:
        counts: Values per consecutive bucket.
        rank: From 1 to the number of values.
    """
    below = np.concatenate([[0], np.cumsum(counts)])
    at = min(int(np.searchsorted(below, rank - 0.5, side="right")) - 1, len(counts) - 1)
    return at + float((rank - 0.5 - below[at]) / max(int(counts[at]), 1))
