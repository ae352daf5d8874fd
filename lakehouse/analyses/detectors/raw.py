"""How strange a row is by one idea each; none looks ahead, and none knows what size is much."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import erfc

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
DAY_S = 86_400
WARM_ROWS = 20  # fewer rows tell nothing about a spread


def rolling_z(values: Floats, window: int) -> Floats:
    """Distance from the mean of the `window` rows before, in their standard deviations; 0 while these are few."""
    before = pd.Series(values).rolling(window, min_periods=WARM_ROWS)
    mean, spread = before.mean().shift(1), before.std().shift(1)
    return filled((pd.Series(values) - mean).abs() / spread.replace(0, np.nan))


def robust_z(values: Floats, window: int) -> Floats:
    """0.6745 |x − median| / MAD over the `window` rows before (Iglewicz and Hoaglin, 1993).

    MAD is at least a tenth of the standard deviation so far: flat stretches would make each ripple infinite.
    """
    series = pd.Series(values)
    median = series.rolling(window, min_periods=WARM_ROWS).median().shift(1)
    away = (series - median).abs()
    mad = away.rolling(window, min_periods=WARM_ROWS).median().shift(1)
    floor = 0.1 * series.expanding(WARM_ROWS).std().shift(1)
    return filled(away / np.fmax(mad / 0.6745, floor).replace(0, np.nan))


def windowed_gaussian(values: Floats, window: int = 6_400, step: int = 100) -> Floats:
    """1 − Q(|x − mean| / sd) of a window that moves by `step` rows once full: the benchmark's own baseline detector."""
    before = pd.Series(values).expanding()
    mean, sd = (found.shift(1).to_numpy(copy=True) for found in (before.mean(), before.std(ddof=0)))
    for at in range(window, len(values), step):
        past = values[at - window : at]
        mean[at : at + step], sd[at : at + step] = past.mean(), past.std()
    found = 1 - 0.5 * erfc(np.abs(values - mean) / np.where(sd == 0, 1e-6, sd) / np.sqrt(2))
    found[:1] = 0
    return np.asarray(np.round(found, 12))  # as its published scores are


def range_novelty(values: Floats) -> Floats:
    """How far a row lies outside all rows before it, in widths of their range; 0 within."""
    before = pd.Series(values).expanding(WARM_ROWS)
    high, low = before.max().shift(1), before.min().shift(1)
    width = (high - low).replace(0, np.nan)
    beyond = np.maximum((values - high) / width, (low - values) / width)
    return filled(beyond).clip(0)


def step_z(values: Floats, window: int) -> Floats:
    """`rolling_z` of the differences between neighbours: sudden steps, whatever the level."""
    return rolling_z(np.diff(values, prepend=values[:1]), window)


def seasonal_residual(
    seconds: Seconds, values: Floats, days: int = 14, around: int = 3, period_days: int = 1
) -> Floats:
    """Distance from the median of the same time of day, or of week, before; from the mean so far where there is none.

    Args:
        seconds: Times; the cadence is taken from the first hundred.
        values: One a row.
        days: Periods of history.
        around: Rows before and after the same time that count too.
        period_days: 1 for the time of day, 7 for the time of week.
    """
    cadence = float(np.median(np.diff(seconds[:100]))) if len(seconds) > 1 else DAY_S
    period = round(period_days * DAY_S / max(cadence, 1))
    lags = [day * period + near for day in range(1, days + 1) for near in range(-around, around + 1)]
    history = np.full((len(lags) + 1, len(values)), np.nan)
    for row, lag in enumerate(lags):
        if 0 < lag < len(values):
            history[row, lag:] = values[:-lag]
    usual = pd.Series(np.nanmedian(history[:, period + around :], axis=0)) if period + around < len(values) else None
    expected = pd.Series(values).expanding().mean().shift(1).to_numpy(copy=True)
    if usual is not None:
        expected[period + around :] = usual.to_numpy()
    return filled(pd.Series(values - expected))


def left_matrix_profile(values: Floats, length: int, history: int = 25_000) -> Floats:
    """Euclidean distance of the last `length` rows to the most similar earlier ones that do not overlap.

    The left matrix profile (Yeh et al., ICDM 2016; Lu et al., DAMP, KDD 2022) without z-normalisation, as the level of
    a metric matters. Each lag is one pass of cumulative sums: rows × history steps in all.

    Args:
        values: One a row.
        length: Rows of a pattern.
        history: Rows to look back at most.
    """
    rows = len(values) - length + 1
    if rows <= length:
        return np.zeros(len(values))
    nearest = np.full(rows, np.inf)
    for lag in range(length, min(rows, history)):
        total = np.cumsum((values[lag:] - values[:-lag]) ** 2)
        total[length:] -= total[:-length].copy()
        np.minimum(nearest[lag:], total[length - 1 :], out=nearest[lag:])
    found = np.sqrt(np.maximum(np.where(np.isfinite(nearest), nearest, 0), 0))
    return np.concatenate([np.zeros(length - 1), found])


def filled(series: pd.Series) -> Floats:
    """Values with 0 where there is none, or an infinite one."""
    return np.nan_to_num(np.asarray(series, dtype=np.float64), nan=0.0, posinf=0.0)
