"""What a month will cost, from the days that are known."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
LEAST_DAYS = 7  # fewer have not even seen each day of the week
SEASON_DAYS = 7
ETS_DAYS = 4 * SEASON_DAYS
PATHS = 4000
SEED = 20250101  # simulated paths are the same in each run


@dataclass(frozen=True)
class Forecast:
    """Sum of the coming days with its prediction interval; null with too little history.

    Attributes:
        expected: Expected sum, never below 0.
        low: Lower end of the interval, never below 0.
        high: Upper end.
        method: `ets`, `daily_mean` or `none`.
    """

    expected: float | None
    low: float | None
    high: float | None
    method: str


def coming_days(history: Floats, days: int, confidence: float = CONFIDENCE) -> Forecast:
    """Predict the sum of the `days` that follow.

    From four weeks on: exponential smoothing with additive error, level and weekly season (Hyndman, Koehler, Ord and
    Snyder 2008, model ANA), the interval from simulated paths of its own errors. From one week on: the mean of the days
    with Student's interval for the sum of new ones, s²·(m + m²/n) with n − 1 degrees of freedom (Hahn and Meeker 1991,
    section 4.6). Before that nothing, as a straight line through two days says nothing.

    Args:
        history: Cost of each known day, oldest first, days without requests as 0.
        days: How many follow; with none, the sum is 0 and certain.
        confidence: Of the two-sided interval.
    """
    if days == 0:
        return Forecast(0.0, 0.0, 0.0, "none")
    if len(history) < LEAST_DAYS:
        return Forecast(None, None, None, "none")
    if len(history) >= ETS_DAYS and np.ptp(history) > 0:
        return _ets(history, days, confidence)
    mean, spread = float(np.mean(history)), float(np.std(history, ddof=1))
    factor = float(stats.t.ppf((1 + confidence) / 2, len(history) - 1))
    half = factor * spread * math.sqrt(days + days**2 / len(history))
    return _clipped(mean * days, mean * days - half, mean * days + half, "daily_mean")


def _ets(history: Floats, days: int, confidence: float) -> Forecast:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # takes a second to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the optimiser stopped early widens the interval and is no error
        fitted = ETSModel(history, error="add", seasonal="add", seasonal_periods=SEASON_DAYS).fit(disp=False)
        paths = fitted.simulate(days, anchor="end", repetitions=PATHS, rng=np.random.default_rng(SEED))
    sums = np.asarray(paths, dtype=float).reshape(days, PATHS).sum(axis=0)
    low, high = np.quantile(sums, [(1 - confidence) / 2, (1 + confidence) / 2])
    return _clipped(float(np.sum(fitted.forecast(days))), float(low), float(high), "ets")


def _clipped(expected: float, low: float, high: float, method: str) -> Forecast:
    return Forecast(max(expected, 0.0), max(low, 0.0), max(high, 0.0), method)


def verdict(budget: float, spent: float, low: float | None, high: float | None) -> str:
    """What a month's cost means for its budget; low and high are the ends of its interval, null without one."""
    if spent > budget:
        return "exceeded"
    if low is None or high is None:
        return "unknown"
    if low > budget:
        return "will_exceed"
    return "may_exceed" if high > budget else "within"
