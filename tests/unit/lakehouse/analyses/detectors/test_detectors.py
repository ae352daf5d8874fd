"""Detectors: no look-ahead, and hand-worked scores."""

from __future__ import annotations

import numpy as np
import pytest

from lakehouse.analyses.detectors.calibrate import once, tail_surprise
from lakehouse.analyses.detectors.catalogue import DETECTORS, alarms, chosen
from lakehouse.analyses.detectors.raw import left_matrix_profile, range_novelty, rolling_z, seasonal_residual

SECONDS = np.arange(1_200) * 3_600
RANDOM = np.random.default_rng(7)
VALUES = 10 + np.sin(SECONDS / 86_400 * 2 * np.pi) + RANDOM.normal(0, 0.1, len(SECONDS))


@pytest.mark.parametrize("name", DETECTORS)
def test_no_detector_looks_ahead(name: str) -> None:
    """What comes later changes no score before it."""
    other = np.append(VALUES[:800], 1_000 * RANDOM.random(400))
    ours, theirs = (DETECTORS[name](SECONDS, values)[:800] for values in (VALUES, other))
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_ensemble_sees_a_spike_first_and_once() -> None:
    """A value far outside all others has the highest score, and the rows just behind it have none."""
    spiked = VALUES.copy()
    spiked[900:910] = 30
    found = DETECTORS["ensemble"](SECONDS, spiked)
    assert int(np.argmax(found)) == 900
    assert not found[901:910].any()
    assert alarms(SECONDS, spiked)[900]
    assert alarms(SECONDS, VALUES).sum() <= 3
    assert chosen()["episode_growth"] * 900 > 9


def test_left_matrix_profile_is_the_nearest_earlier_pattern() -> None:
    """By a double loop over all pairs that do not overlap."""
    values, length = VALUES[:60], 5
    patterns = np.lib.stride_tricks.sliding_window_view(values, length)
    expected = [
        min((np.linalg.norm(patterns[at] - patterns[before]) for before in range(at - length + 1)), default=0.0)
        for at in range(len(patterns))
    ]
    np.testing.assert_allclose(left_matrix_profile(values, length)[length - 1 :], expected, atol=1e-9)


def test_hand_worked_scores() -> None:
    """A range of 19 exceeded by 19 is one width; a z-score by NumPy; the same hour of earlier days."""
    climb = np.append(np.arange(20.0), 38.0)
    assert range_novelty(climb)[-1] == pytest.approx(1.0)
    assert rolling_z(climb, 20)[-1] == pytest.approx((38 - 9.5) / np.std(np.arange(20), ddof=1))
    days = np.tile([1.0, 2.0, 3.0, 4.0], 5)
    assert seasonal_residual(np.arange(20) * 21_600, days, around=0)[4:].tolist() == [0.0] * 16


def test_tail_surprise_is_minus_log_probability_of_an_exponential_tail() -> None:
    """At the level's own mean excess above it, the chance is 1/e."""
    past = np.random.default_rng(1).exponential(2.0, 20_000)
    found = tail_surprise(np.append(past, [2 * (np.log(50) + 3)] * 20), warm=20_000)
    assert found[20_000] == pytest.approx(3, abs=0.25)
    assert not found[:20_000].any()


def test_once_keeps_records_of_an_episode() -> None:
    """Equal and lower scores within four rows are dropped; a higher one is news."""
    assert once(np.array([0.0, 1, 1, 2, 1, 0, 0, 0, 1]), 0, least=4).tolist() == [0, 1, 0, 2, 0, 0, 0, 0, 1]
