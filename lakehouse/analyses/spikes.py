"""Is this hour strange? Chances under "nothing changed" for counts and for positive measures, hour by hour.

The baseline is of earlier hours only: the same hour of the last eight weeks and its neighbours (Farrington et al. 1996,
Noufaily et al. 2013 on the window), or the same hour of the last fourteen days while there are no weeks yet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Lags = tuple[int, ...]
WEEK, DAY = 168, 24
NEIGHBOURS = (-1, 0, 1)
WEEKLY: Lags = tuple(WEEK * week + hour for week in range(1, 9) for hour in NEIGHBOURS)
DAILY: Lags = tuple(DAY * day + hour for day in range(1, 15) for hour in NEIGHBOURS)
LEAST_HOURS = 9  # of baseline; fewer give no judgement
TRAILING = 28 * DAY  # hours that an error ratio is compared with
GAP = 2  # hours before the judged one that are left out: a spike begins in them
TAMED = 4.0  # deviations beyond which a value of the past counts no more
MAD_TO_SIGMA = 1.4826
LEAST_SPREAD = 0.05  # of a logarithm: what varies by less than 5 % is not strange
MAD_EFFICIENCY = 0.37  # of the deviation's estimate by MAD under the normal (Rousseeuw and Croux 1993)


class Judged:
    """One series, hour by hour; NaN where nothing can be said.

    Attributes:
        expected: What was to be expected.
        z: 0.6745 (x − median) / MAD (Iglewicz and Hoaglin 1993), NaN where the MAD is 0.
        p_up: Chance of a value as great.
        p_down: Chance of a value as small.
    """

    def __init__(self, expected: Floats, z: Floats, p_up: Floats, p_down: Floats) -> None:
        self.expected, self.z, self.p_up, self.p_down = expected, z, p_up, p_down


def lagged(values: Floats, lags: Lags) -> Floats:
    """Earlier values, a row a lag; NaN before the beginning."""
    rows = np.full((len(lags), len(values)), np.nan)
    for row, lag in zip(rows, lags, strict=True):
        if lag < len(values):
            row[lag:] = values[:-lag]
    return rows


def baseline(values: Floats) -> Floats:
    """Same hours of weeks before where there are enough, else of days before."""
    weekly, daily = lagged(values, WEEKLY), lagged(values, DAILY)
    enough = np.isfinite(weekly).sum(axis=0) >= LEAST_HOURS
    padded = np.full(daily.shape, np.nan)
    padded[: len(WEEKLY)] = weekly
    return np.where(enough, padded, daily)


def judge_counts(counts: Floats) -> Judged:
    """Exact test of a count against those of its baseline, and a robust z beside it.

    Given both counts, the new one is binomial if the rates are equal (Przyborowski and Wilenski 1940); counts that vary
    more than Poisson's are divided by their dispersion first (quasi-likelihood, as Farrington et al. 1996), and must be
    as strange for a negative binomial of that dispersion, whose tail is longer (Noufaily et al. 2013).
    """
    past = baseline(counts)
    hours = np.isfinite(past).sum(axis=0)
    known = hours >= LEAST_HOURS
    middle = _median(past)
    spread = np.maximum(MAD_TO_SIGMA * _mad(past), np.sqrt(middle + 1))
    past = np.minimum(past, middle + TAMED * spread)  # so that a past burst hides no new one
    total = np.where(known, np.nansum(past, axis=0), np.nan)
    expected = total / np.maximum(hours, 1)
    dispersion = np.maximum(_variance(past, hours) / np.maximum(expected, 1e-12), 1.0)
    share = 1 / (1 + np.maximum(hours, 1))
    ours, theirs = counts / dispersion, total / dispersion
    p_up = np.maximum(_at_least(ours, theirs, share), _bursts(counts, expected, dispersion))
    return Judged(expected, _robust_z(counts, past), p_up, _at_most(ours, theirs, share))


def judge_ratio(hits: Floats, trials: Floats) -> Judged:
    """Exact test of an hour's failures against the last four weeks' ratio, over-dispersion taken out."""
    n = _trailing(trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(trials > 0, hits / np.maximum(trials, 1), np.nan)
        past, usual = baseline(ratio), _trailing(hits) / n
        spread = np.fmax(MAD_TO_SIGMA * _mad(past), np.sqrt(usual * (1 - usual) / np.maximum(trials, 1)))
        most = trials * (usual + TAMED * spread) + 1
        tamed = np.where(np.isfinite(most), np.minimum(hits, most), hits)  # so that a past incident hides no new one
        k, share = _trailing(tamed), trials / (trials + n)
        rate = k / n
    dispersion = _dispersion(tamed, trials, rate, n)
    known = (n >= LEAST_HOURS * 5) & (trials > 0)
    exact = _at_least(hits / dispersion, k / dispersion, share)
    p_up = np.where(known, np.maximum(exact, _bursts(hits, rate * trials, dispersion)), np.nan)
    return Judged(np.where(known, rate * trials, np.nan), _robust_z(ratio, past), p_up, np.full(len(k), 1.0))


def _dispersion(hits: Floats, trials: Floats, rate: Floats, n: Floats) -> Floats:
    """Pearson's over the trailing hours, at least 1: Σ (k − n r)² / (n r (1 − r)) over hours less one."""
    square = np.where(trials > 0, hits**2 / np.maximum(trials, 1), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = (_trailing(square) - rate**2 * n) / (rate * (1 - rate))
    hours = np.maximum(_trailing((trials > 0).astype(float)) - 1, 1)
    return np.maximum(np.nan_to_num(pearson / hours, nan=1.0, posinf=1.0), 1.0)


def judge_measure(values: Floats) -> Judged:
    """Place of a positive measure among its baseline, on the logarithm: median and MAD, with Student's tail.

    The tail has the degrees of freedom that a deviation estimated by MAD is worth; the median's own error is in it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.where(values > 0, np.log(values), np.nan)
    past = baseline(logarithm)
    hours = np.isfinite(past).sum(axis=0)
    middle = _median(past)
    spread = np.maximum(MAD_TO_SIGMA * _mad(past), LEAST_SPREAD)
    with np.errstate(invalid="ignore"):
        score = np.where(hours >= LEAST_HOURS, (logarithm - middle) / spread, np.nan)
    free = np.maximum(MAD_EFFICIENCY * hours - 1, 1)
    tail = stats.t.sf(score / np.sqrt(1 + np.pi / (2 * np.maximum(hours, 1))), free)
    return Judged(np.exp(middle), score, tail, 1 - tail)


def _median(rows: Floats) -> Floats:
    """Median of each column, NaN where it has none, without numpy's warning."""
    empty = ~np.isfinite(rows).any(axis=0)
    return np.where(empty, np.nan, np.nanmedian(np.where(empty, 0.0, rows), axis=0))


def _mad(rows: Floats) -> Floats:
    return _median(np.abs(rows - _median(rows)))


def _variance(rows: Floats, n: NDArray[np.int64]) -> Floats:
    middle = np.nansum(rows, axis=0) / np.maximum(n, 1)
    found: Floats = np.nansum((rows - middle) ** 2, axis=0) / np.maximum(n - 1, 1)
    return found


def _robust_z(values: Floats, past: Floats) -> Floats:
    middle = _median(past)
    mad = _mad(past)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mad > 0, (values - middle) / (MAD_TO_SIGMA * mad), np.nan)


def _trailing(values: Floats) -> Floats:
    """Sum over the hours of the last four weeks, without the judged one and those just before."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    end = np.maximum(np.arange(len(values)) - GAP + 1, 0)
    found: Floats = total[end] - total[np.maximum(end - TRAILING, 0)]
    return found


def _at_least(ours: Floats, theirs: Floats, share: Floats) -> Floats:
    """P(X ≥ ours) for X binomial over ours + theirs, by the incomplete beta function, which takes fractions too."""
    found: Floats = np.where(ours > 0, special.betainc(np.maximum(ours, 1e-12), theirs + 1, share), 1.0)
    return np.where(np.isfinite(theirs), found, np.nan)


def _bursts(counts: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """P(X ≥ counts) for a negative binomial of this mean and variance mean × dispersion; 0 where it is Poisson's."""
    over = (dispersion > 1) & (mean > 0)
    size = np.where(over, mean / np.where(over, dispersion - 1, 1.0), 1.0)
    tail = special.betainc(np.maximum(counts, 1e-12), size, np.where(over, 1 - 1 / dispersion, 0.5))
    return np.where(over, np.where(counts > 0, tail, 1.0), 0.0)


def _at_most(ours: Floats, theirs: Floats, share: Floats) -> Floats:
    found: Floats = np.where(theirs > 0, special.betainc(np.maximum(theirs, 1e-12), ours + 1, 1 - share), 1.0)
    return np.where(np.isfinite(theirs), found, np.nan)
