"""Strangeness → a score that means the same on every series, and alarms that do not repeat themselves."""

from __future__ import annotations

from collections import deque

import numpy as np

from lakehouse.analyses.detectors.raw import Floats

FLAT_SURPRISE = 20.0  # of what exceeds a past that had no tail at all


def tail_surprise(raw: Floats, quantile: float = 0.98, warm: int = 100, refit: int = 20) -> Floats:
    """Excess over a high quantile of the past in units of the past's mean excess; 0 below the quantile.

    For an exponential tail it is −ln of the chance of such an excess: peaks over threshold (Pickands 1975), used for
    streams by Siffer et al., Anomaly Detection in Streams with Extreme Value Theory, KDD 2017; here with the
    one-parameter tail, whose only estimate is a mean.

    Args:
        raw: Strangeness, not negative.
        quantile: Of the rows before.
        warm: First rows, which get 0.
        refit: Rows between estimates; each uses only rows before it.
    """
    found = np.zeros(len(raw))
    for at in range(warm, len(raw), refit):
        past, rows = raw[:at], raw[at : at + refit]
        level = np.quantile(past, quantile)
        excess = past[past > level] - level
        surprise = (rows - level) / excess.mean() if len(excess) > 1 else np.full(len(rows), FLAT_SURPRISE)
        found[at : at + refit] = np.where(rows > level, surprise, 0)
    return found


def once(scores: Floats, growth: float, least: int = 0) -> Floats:
    """Keep a score only where it exceeds every one kept in the rows just before: one alarm an episode.

    Args:
        scores: Not negative.
        growth: Rows that an episode lasts, as share of the rows seen so far.
        least: Rows that it lasts at least.
    """
    kept, standing = np.zeros(len(scores)), deque[tuple[int, float]]()
    for at, score in enumerate(scores.tolist()):
        while standing and standing[0][0] < at - max(least, growth * at):
            standing.popleft()
        if score > (standing[0][1] if standing else 0.0):
            kept[at] = score
            standing.clear()  # what is kept exceeds all that stood
            standing.append((at, score))
    return kept
