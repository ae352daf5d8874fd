"""How fast a service level objective's error budget burns, over several windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """A rule: both windows must burn at this rate (Google, The Site Reliability Workbook, 2018, chapter 5, table 5-8).

    Gold's grain is the hour, so that no short window is shorter; the book has 5 and 30 minutes.
    """

    hours: int
    short_hours: int
    rate: float
    severity: str


WINDOWS = (Window(1, 1, 14.4, "page"), Window(6, 1, 6.0, "page"), Window(72, 6, 1.0, "ticket"))
QUIET = "ok"


def burn_rates(bad: Floats, total: Floats, objective: float) -> list[dict[str, Any]]:
    """Burn of each window that ends with the last hour.

    A rate of 1 spends just the budget of the objective's period. It is null where a window has no attempt.

    Args:
        bad: Attempts that missed the objective, one value an hour, newest last.
        total: Attempts.
        objective: Share that must meet it, such as 0.99.
    """
    return [_row(window, bad, total, objective) for window in WINDOWS]


def _row(window: Window, bad: Floats, total: Floats, objective: float) -> dict[str, Any]:
    rates = [_rate(bad[-hours:], total[-hours:], objective) for hours in (window.hours, window.short_hours)]
    burning = all(rate is not None and rate >= window.rate for rate in rates)
    return {
        "window_hours": window.hours, "request_count": int(total[-window.hours :].sum()),
        "bad_count": int(bad[-window.hours :].sum()), "burn_rate": rates[0], "short_burn_rate": rates[1],
        "alert_rate": window.rate, "state": window.severity if burning else QUIET,
    }  # fmt: skip


def _rate(bad: Floats, total: Floats, objective: float) -> float | None:
    return float(bad.sum() / total.sum() / (1 - objective)) if total.sum() else None
