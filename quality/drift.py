"""How far a distribution has moved; pure, over counts by bucket."""

from __future__ import annotations

import math
from collections.abc import Sequence

SMALLEST = 0.5  # added to each bucket, so that an empty one does not make the index infinite


def _shares(counts: Sequence[float]) -> list[float]:
    smoothed = [count + SMALLEST for count in counts]
    return [count / sum(smoothed) for count in smoothed]


def psi(baseline: Sequence[float], counts: Sequence[float]) -> float:
    """Population stability index, Σ (q − p) ln(q / p) (Siddiqi, Credit Risk Scorecards, 2006, ch. 10).

    Below 0.1 is stable, above 0.25 a shift. Buckets are smoothed by half a count.
    """
    pairs = zip(_shares(baseline), _shares(counts), strict=True)
    return sum((q - p) * math.log(q / p) for p, q in pairs)


def js_divergence(baseline: Sequence[float], counts: Sequence[float]) -> float:
    """Jensen–Shannon divergence in bits, between 0 and 1 (Lin, IEEE Trans. Inf. Theory 37, 1991, eq. 3.8)."""
    p, q = _shares(baseline), _shares(counts)
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (_kl(p, middle) + _kl(q, middle)) / 2


def _kl(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(a * math.log2(a / b) for a, b in zip(p, q, strict=True) if a > 0)
