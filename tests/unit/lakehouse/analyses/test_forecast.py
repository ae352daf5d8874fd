"""Forecasts of months: intervals that hold what they promise, and silence where little is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lakehouse.analyses.forecast import coming_days, verdict

SEED = 7


def covered(history_days: int, coming: int, runs: int, weekly: float) -> float:
    """Share of simulated months whose sum lies in the interval; `weekly` is the swing within a week."""
    generator = np.random.default_rng(SEED)
    season = 100 + weekly * np.sin(2 * np.pi * np.arange(history_days + coming) / 7)
    hits = 0
    for _ in range(runs):
        days = season + generator.normal(0, 10, len(season))
        found = coming_days(days[:history_days], coming)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= days[history_days:].sum() <= found.high
    return hits / runs


def test_the_mean_has_students_interval() -> None:
    """Worked out by hand for ten days and four to come."""
    history = np.array([3.0, 5, 4, 6, 5, 7, 4, 5, 6, 5])
    found = coming_days(history, 4)
    half = stats.t.ppf(0.975, 9) * np.sqrt(history.var(ddof=1) * (4 + 16 / 10))
    assert found.method == "daily_mean"
    assert found.expected == pytest.approx(20)
    assert (found.low, found.high) == pytest.approx((20 - half, 20 + half))


def test_the_mean_covers_what_it_promises() -> None:
    """2,000 simulated months: 95 % within three standard errors."""
    assert covered(14, 16, 2000, weekly=0) == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 2000))


def test_smoothing_covers_about_what_it_promises_and_knows_the_week() -> None:
    """24 simulated months with a strong week; at 95 % fewer than 20 would come about once in a thousand trials."""
    assert covered(56, 10, 24, weekly=40) >= 0.83
    days = 100 + 40 * np.sin(2 * np.pi * np.arange(60) / 7)
    found = coming_days(days[:56] + np.random.default_rng(SEED).normal(0, 0.5, 56), 4)
    assert found.method == "ets"
    assert found.expected == pytest.approx(days[56:].sum(), rel=0.02)


@pytest.mark.parametrize("days", [0, 1, 6])
def test_a_few_days_say_nothing(days: int) -> None:
    """No straight line through two days."""
    found = coming_days(np.full(days, 3.0), 10)
    assert (found.expected, found.low, found.high, found.method) == (None, None, None, "none")


def test_ends_of_what_can_be_said() -> None:
    """No day left is certain; equal days have no spread; no forecast is below 0."""
    assert coming_days(np.ones(3), 0).high == 0
    even = coming_days(np.full(40, 2.0), 5)
    assert (even.expected, even.low, even.high) == (10, 10, 10)
    assert coming_days(np.array([0.0] * 6 + [70.0]), 3).low == 0


@pytest.mark.parametrize(
    ("spent", "low", "high", "expected"),
    [
        (101, 150, 200, "exceeded"), (50, 101, 130, "will_exceed"), (50, 90, 110, "may_exceed"),
        (50, 80, 100, "within"), (50, None, None, "unknown"),
    ],
)  # fmt: skip
def test_verdicts(spent: float, low: float | None, high: float | None, expected: str) -> None:
    """Of a budget of 100."""
    assert verdict(100, spent, low, high) == expected
