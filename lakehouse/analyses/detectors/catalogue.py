"""The detectors by name, and the ensemble of them that is used."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lakehouse.analyses.detectors.calibrate import once, tail_surprise
from lakehouse.analyses.detectors.raw import (
    Floats,
    Seconds,
    filled,
    left_matrix_profile,
    range_novelty,
    robust_z,
    rolling_z,
    seasonal_residual,
    step_z,
    windowed_gaussian,
)

CHOSEN = Path(__file__).parent / "chosen.toml"
Detector = Callable[[Seconds, Floats], Floats]
WINDOW, SHORT = 6_400, 400  # rows of a long and of a short memory


@cache
def parameters(name: str) -> Mapping[str, float]:
    """Parameters of a detector by its section of the versioned file."""
    found = tomllib.loads(CHOSEN.read_text(encoding="utf-8"))[name]
    return {key: value for key, value in found.items() if not isinstance(value, str)}


def chosen() -> Mapping[str, float]:
    """Parameters of the ensemble, and the threshold above which a row is an alarm."""
    return parameters("ensemble")


def ewma(values: Floats, span: int = 60) -> Floats:
    """|EWMA − mean so far| in the EWMA's own deviations, λ = 2 / (span + 1) (Roberts 1959)."""
    series, rate = pd.Series(values), 2 / (span + 1)
    before = series.rolling(WINDOW, min_periods=20)
    spread = before.std().shift(1) * np.sqrt(rate / (2 - rate))
    away = (series.ewm(span=span, adjust=False).mean() - before.mean().shift(1)).abs()
    return filled(away / spread.replace(0, np.nan))


def cusum(values: Floats, slack: float = 0.5) -> Floats:
    """Larger of the two one-sided cumulative sums of z-scores less a slack (Page 1954), each reset at zero."""
    series = pd.Series(values)
    before = series.rolling(WINDOW, min_periods=20)
    z = ((series - before.mean().shift(1)) / before.std().shift(1).replace(0, np.nan)).fillna(0).clip(-10, 10)
    high = low = 0.0
    found = np.zeros(len(values))
    for at, away in enumerate(z.tolist()):
        high, low = max(0.0, high + away - slack), max(0.0, low - away - slack)
        found[at] = max(high, low)
    return found


def relative_entropy(values: Floats, window: int = 50, bins: int = 5) -> Floats:
    """Kullback-Leibler divergence of the last rows' histogram from that of all before (Wang et al., IM 2011)."""
    series = pd.Series(values)
    low, high = series.expanding().min().shift(window).bfill(), series.expanding().max().shift(window).bfill()
    place = ((series - low) / (high - low).replace(0, np.nan) * bins).fillna(0).clip(0, bins - 1e-9).astype(int)
    member = pd.get_dummies(place).astype(float)
    recent = member.rolling(window, min_periods=1).mean() + 1e-3
    usual = member.expanding().mean().shift(window).bfill() + 1e-3
    return filled((recent * np.log(recent / usual)).sum(axis=1)).clip(0)


def surprises(seconds: Seconds, values: Floats) -> list[Floats]:
    """Calibrated surprise of each member of the ensemble: a new extreme, a strange hour, an unseen pattern."""
    raw = (
        range_novelty(values),
        rolling_z(seasonal_residual(seconds, values), WINDOW),
        left_matrix_profile(values, int(chosen()["pattern_rows"])),
    )
    return [tail_surprise(found, chosen()["tail_quantile"]) for found in raw]


def ensemble(seconds: Seconds, values: Floats) -> Floats:
    """Sum of small powers of the members' surprises, which rewards that several agree; one alarm an episode."""
    power = chosen()["power"]
    total = np.sum([found**power for found in surprises(seconds, values)], axis=0)
    return once(total, chosen()["episode_growth"])


def alarms(seconds: Seconds, values: Floats) -> NDArray[np.bool_]:
    """Rows at which the ensemble raises an alarm, one an episode."""
    return np.asarray(ensemble(seconds, values) >= chosen()["threshold"])


def _alarming(raw: Detector) -> Detector:
    return lambda seconds, values: once(tail_surprise(raw(seconds, values)), chosen()["episode_growth"])


DETECTORS: dict[str, Detector] = {
    "null": lambda seconds, values: np.zeros(len(values)),
    "windowed Gaussian": lambda seconds, values: windowed_gaussian(values),
    "rolling z": _alarming(lambda seconds, values: rolling_z(values, WINDOW)),
    "median and MAD": _alarming(lambda seconds, values: robust_z(values, SHORT)),
    "seasonal median and MAD": _alarming(lambda s, v: robust_z(seasonal_residual(s, v, 8, 3, 7), WINDOW)),
    "S-H-ESD": _alarming(lambda s, v: robust_z(seasonal_residual(s, v), WINDOW)),
    "EWMA": _alarming(lambda seconds, values: ewma(values)),
    "CUSUM": _alarming(lambda seconds, values: cusum(values)),
    "step z": _alarming(lambda seconds, values: step_z(values, 2_000)),
    "relative entropy": _alarming(lambda seconds, values: relative_entropy(values)),
    "range novelty": _alarming(lambda seconds, values: range_novelty(values)),
    "seasonal Gaussian": _alarming(lambda s, v: rolling_z(seasonal_residual(s, v), WINDOW)),
    "left matrix profile": _alarming(lambda s, v: left_matrix_profile(v, int(chosen()["pattern_rows"]))),
    "ensemble": ensemble,
}
