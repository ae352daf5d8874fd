"""Scoring of the Numenta Anomaly Benchmark, standard profile, written from its description.

Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms, ICMLA 2015, section II; Ahmad et al.,
Neurocomputing 262, 2017, section 4. A detection within a labelled window earns a scaled sigmoid of its place in it, the
best of each window counting once; a window without one costs 1; a detection elsewhere costs up to 0.11, less just
behind a window. One threshold holds for all files of a detector: the one with the highest total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FALSE_POSITIVE, MISSED = 0.11, 1.0
PROBATION_RATIO, PROBATION_ROWS = 0.15, 5000  # the first 15 % are not scored, of 5,000 rows at most
PROBATION, OUTSIDE = -2, -1


@dataclass(frozen=True)
class Labelled:
    """One series with its windows.

    Attributes:
        name: Group and file.
        seconds: Times, in seconds since the epoch, as they stand in the file.
        values: One a row.
        windows: First and last row of each labelled window, in order.
    """

    name: str
    seconds: NDArray[np.int64]
    values: Floats
    windows: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Weights:
    """What a detection at each row is worth.

    Attributes:
        worth: Score of a detection at the row, weighted.
        window: Window of the row, OUTSIDE of all, or PROBATION.
    """

    worth: Floats
    window: NDArray[np.int64]


def scaled_sigmoid(position: Floats) -> Floats:
    """2 / (1 + e^(5 y)) − 1 of a position y: −1 a window's left edge, 0 its right edge; −1 beyond 3 widths."""
    return np.where(position > 3, -1.0, 2 / (1 + np.exp(5 * np.minimum(position, 3))) - 1)


def weigh(rows: int, windows: Sequence[tuple[int, int]]) -> Weights:
    """Worth of a detection at each row of a series."""
    at = np.arange(rows)
    worth, window = np.full(rows, -FALSE_POSITIVE), np.full(rows, OUTSIDE)
    best = float(scaled_sigmoid(np.array([-1.0]))[0])
    for number, (first, last) in enumerate(windows):
        width = last - first + 1
        behind = at > last
        worth[behind] = FALSE_POSITIVE * scaled_sigmoid((at[behind] - last) / max(width - 1, 1))
        inside = (at >= first) & ~behind
        worth[inside] = scaled_sigmoid(-(last - at[inside] + 1) / width) / best
        window[inside] = number
    window[: int(min(PROBATION_RATIO * rows, PROBATION_RATIO * PROBATION_ROWS))] = PROBATION
    return Weights(worth, window)


def score(weights: Weights, alarms: NDArray[np.bool_]) -> float:
    """Raw score of one series for rows that are detections or not."""
    outside = float(weights.worth[alarms & (weights.window == OUTSIDE)].sum())
    best = (
        max((float(worth) for worth in weights.worth[alarms & (weights.window == number)]), default=-MISSED)
        for number in np.unique(weights.window[weights.window >= 0])
    )
    return outside + sum(best)


def windows_of(weights: Weights) -> int:
    """Windows that reach beyond the probation, and so count."""
    return len(np.unique(weights.window[weights.window >= 0]))


def best_threshold(weights: Sequence[Weights], scores: Sequence[Floats]) -> float:
    """The one threshold over all series with the highest total; the lowest of equals; above every score if none helps.

    Sorted by falling score, a row adds what it is worth outside, or what it is worth above its window's best so far.
    """
    gains, levels = [], []
    for weight, found in zip(weights, scores, strict=True):
        order = np.argsort(-found, kind="stable")
        order = order[weight.window[order] != PROBATION]
        gain = np.where(weight.window[order] == OUTSIDE, weight.worth[order], 0.0)
        for number in np.unique(weight.window[weight.window >= 0]):
            rows = np.flatnonzero(weight.window[order] == number)
            so_far = np.maximum.accumulate(np.append(-MISSED, weight.worth[order][rows]))
            gain[rows] = np.diff(so_far)
        gains.append(gain)
        levels.append(found[order])
    level, gain = np.concatenate(levels), np.concatenate(gains)
    falling = np.argsort(-level, kind="stable")
    level, total = level[falling], np.cumsum(gain[falling])
    ends = np.append(np.flatnonzero(np.diff(level)), len(level) - 1)
    at = ends[np.argmax(total[ends])]
    return float(level[at]) if total[at] > 0 else float(np.inf)


def normalise(total: float, windows: int) -> float:
    """0 for a detector that never alarms, 100 for one that alarms first at the start of every window."""
    return 100 * (total + MISSED * windows) / ((1 + MISSED) * windows) if windows else float("nan")
