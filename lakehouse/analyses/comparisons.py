"""Is one model faster than another? From histograms of log buckets, over a common mix, with intervals and FDR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lakehouse.analyses.intervals import CONFIDENCE, Floats, newcombe, z_of

LEAST = 30  # values a side in the common mix, below which a comparison is "too few"
FALSE_DISCOVERIES = 0.05
ZERO_BUCKET = -100_000  # of gold's histograms: values that are zero
FASTER, SLOWER, NO_EVIDENCE, TOO_FEW = "faster", "slower", "no evidence", "too few"
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Stratum:
    """Values of two models that share a stratum, per consecutive log bucket: the same buckets for both."""

    ours: Counts
    theirs: Counts


def stratum(ours: Mapping[int, int], theirs: Mapping[int, int]) -> Stratum:
    """Align two histograms of bucket → count; zeros count as one bucket below all others, which keeps their rank."""
    known = [bucket for bucket in (*ours, *theirs) if bucket != ZERO_BUCKET] or [0]
    first, last = min(known) - 1, max(known)
    sides = np.zeros((2, last - first + 1), dtype=np.int64)
    for side, counts in zip(sides, (ours, theirs), strict=True):
        for bucket, count in counts.items():
            side[max(bucket - first, 0)] += count
    return Stratum(*sides)


@dataclass(frozen=True)
class Comparison:
    """Two models over their common mix.

    Attributes:
        n_ours: Values of the first in strata that both have.
        n_theirs: Values of the other.
        a12: Chance that one of ours is greater than one of theirs, ties half (Vargha and Delaney 2000); 0.5 is equal.
        p_value: Two-sided, of equal distributions in every stratum.
        shift: Buckets by which ours are greater: median of differences of pairs (Hodges and Lehmann 1963).
        shift_low: Lower end of its interval.
        shift_high: Upper end.
    """

    n_ours: int
    n_theirs: int
    a12: float
    p_value: float
    shift: float
    shift_low: float
    shift_high: float

    def ratios(self, gamma: float) -> tuple[float, float, float]:
        """Shift and its interval as ratio of ours to theirs, for buckets that grow by `gamma`."""
        return gamma**self.shift, gamma**self.shift_low, gamma**self.shift_high


def compare(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Comparison | None:
    """Compare over the mix that both have in common; null where they share no stratum.

    Within each stratum it is Mann and Whitney's test (1947) with mid-ranks and the variance for ties. Strata count by
    their share of all values of both, the same for both (direct standardisation), so that a model that gets the long
    prompts does not look slow. Test, effect and interval of the shift are of one statistic: the interval holds the
    shifts that the test would not reject.
    """
    shared = [each for each in strata if each.ours.sum() and each.theirs.sum()]
    if not shared:
        return None
    sizes = np.array([[each.ours.sum(), each.theirs.sum()] for each in shared], dtype=float)
    weight = sizes.sum(axis=1) / sizes.sum()
    effects = np.array([_superiority(each) for each in shared])
    error = float(np.sqrt((weight**2 * [_null_variance(each) for each in shared]).sum()))
    continuity = float((weight / (2 * sizes.prod(axis=1))).sum())  # half a pair, as each count of pairs is whole
    a12 = float((weight * effects).sum())
    z = max(abs(a12 - 0.5) - continuity, 0) / error if error else 0.0
    reach = z_of(confidence) * error
    low, middle, high = _shifts(shared, weight, (0.5 - reach, 0.5, 0.5 + reach))
    n_ours, n_theirs = (int(total) for total in sizes.sum(axis=0))
    return Comparison(n_ours, n_theirs, a12, float(2 * stats.norm.sf(z)), middle, low, high)


def _superiority(each: Stratum) -> float:
    """A12 of one stratum: U / (n m)."""
    below = np.cumsum(each.theirs) - each.theirs / 2
    return float((each.ours * below).sum() / (each.ours.sum() * each.theirs.sum()))


def _null_variance(each: Stratum) -> float:
    """Variance of A12 if both are drawn from one distribution, with the correction for ties."""
    n, m, tied = float(each.ours.sum()), float(each.theirs.sum()), (each.ours + each.theirs).astype(float)
    total = n + m
    return (total + 1 - float((tied**3 - tied).sum()) / (total * (total - 1))) / (12 * n * m)


def _shifts(strata: Sequence[Stratum], weight: Floats, shares: tuple[float, ...]) -> list[float]:
    """Differences ours − theirs below which these shares of the weighted pairs lie, interpolated between buckets."""
    width = max(len(each.ours) for each in strata)
    pairs = np.zeros(2 * width - 1)
    for each, share in zip(strata, weight, strict=True):
        found = np.correlate(each.ours.astype(float), each.theirs.astype(float), mode="full")
        start = width - len(each.ours)
        pairs[start : start + len(found)] += share * found / found.sum()
    below = np.concatenate([[0.0], np.cumsum(pairs)])
    edges = np.arange(len(below), dtype=np.float64) - width + 0.5
    return [_place(below, edges, share) for share in shares]


def _place(below: Floats, edges: Floats, share: float) -> float:
    """Where a rising curve reaches a share; the middle of the stretch where it rests there."""
    first, after = (int(np.searchsorted(below, share, side=side)) for side in ("left", "right"))
    if first < after:
        return float(edges[first] + edges[after - 1]) / 2
    if after in (0, len(below)):  # beyond the curve's ends, by rounding or by an interval wider than all pairs
        return float(edges[min(after, len(below) - 1)])
    rise = (share - below[after - 1]) / (below[after] - below[after - 1])
    return float(edges[after - 1] + rise * (edges[after] - edges[after - 1]))


def adjusted(p_values: ArrayLike) -> Floats:
    """Benjamini and Hochberg's (1995) adjusted p-values over all pairs; NaN stays and counts as no test."""
    given = np.asarray(p_values, dtype=float)
    tested, found = ~np.isnan(given), np.full(given.shape, np.nan)
    if tested.any():
        found[tested] = stats.false_discovery_control(given[tested], method="bh")
    return found


def verdict(comparison: Comparison | None, q_value: float, level: float = FALSE_DISCOVERIES) -> str:
    """Say in words whether ours is faster: smaller values with an adjusted p-value below the level."""
    if comparison is None or min(comparison.n_ours, comparison.n_theirs) < LEAST:
        return TOO_FEW
    if not q_value < level:
        return NO_EVIDENCE
    return FASTER if comparison.a12 < 0.5 else SLOWER


@dataclass(frozen=True)
class RateComparison:
    """Difference of two rates, ours minus theirs, with Newcombe's interval and the p-value of the pooled score test."""

    difference: float
    low: float
    high: float
    p_value: float


def compare_rates(hits: int, n: int, other_hits: int, other_n: int, confidence: float = CONFIDENCE) -> RateComparison:
    """Compare two rates, such as of errors.

    Raises:
        ValueError: One side has no trials.
    """
    if not n or not other_n:
        raise ValueError("a rate needs trials on both sides")
    low, high = newcombe(hits, n, other_hits, other_n, confidence)
    pooled = (hits + other_hits) / (n + other_n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    difference = hits / n - other_hits / other_n
    p_value = float(2 * stats.norm.sf(abs(difference) / error)) if error else 1.0
    return RateComparison(difference, float(low), float(high), p_value)
