"""The benchmark's scoring: hand-worked positions, every threshold tried by hand, published scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.bench.truth.nab import load
from jobs.bench.truth.nab_score import best_threshold, normalise, scaled_sigmoid, score, weigh, windows_of
from lakehouse.analyses.detectors.raw import windowed_gaussian

NAB = Path(__file__).parents[6] / "shared/data/nab"


def test_hand_worked_positions() -> None:
    """The values that the benchmark's description gives for −1, −0.5, 0 and 1; beyond 3 widths it is −1."""
    found = scaled_sigmoid(np.array([-1, -0.5, 0, 1, 3.5]))
    np.testing.assert_allclose(found, [0.98661, 0.84828, 0, -0.98661, -1], atol=5e-6)


def test_worth_of_rows() -> None:
    """A window of rows 40–49 of 100: 1 at its start, little at its end, −0.11 far off; 15 rows unscored."""
    weights = weigh(100, [(40, 49)])
    assert weights.worth[[39, 40, 99]] == pytest.approx([-0.11, 1, -0.11])
    assert weights.worth[49] == pytest.approx((2 / (1 + np.exp(-0.5)) - 1) / (2 / (1 + np.exp(-5)) - 1))
    assert weights.worth[58] == pytest.approx(0.11 * (2 / (1 + np.exp(5)) - 1))
    assert weights.window[[0, 14, 15, 39, 40, 49, 50]].tolist() == [-2, -2, -1, -1, 0, 0, -1]
    assert (weigh(22_695, []).window == -2).sum() == 750


def test_null_and_perfect_detector() -> None:
    """0 and 100 by definition; a window that ends within the probation does not count."""
    weights = weigh(200, [(5, 10), (100, 119)])
    assert windows_of(weights) == 1
    never = np.zeros(200, dtype=bool)
    assert normalise(score(weights, never), 1) == 0
    assert normalise(score(weights, np.arange(200) == 100), 1) == pytest.approx(100)


def test_best_threshold_is_the_best_of_all() -> None:
    """Each score that occurs is tried by hand."""
    random = np.random.default_rng(3)
    weights = [weigh(300, [(100, 130), (200, 220)]), weigh(200, []), weigh(250, [(90, 120)])]
    scores = [np.round(random.random(len(weight.worth)) ** 4, 2) for weight in weights]
    scores[0][[101, 203]] = scores[2][95] = 1.5

    def total(threshold: float) -> float:
        return sum(score(weight, found >= threshold) for weight, found in zip(weights, scores, strict=True))

    best = max(total(threshold) for threshold in np.unique(np.concatenate(scores)))
    assert total(best_threshold(weights, scores)) == pytest.approx(best)


@pytest.mark.skipif(not NAB.exists(), reason="../shared/data/nab is not there")
def test_windowed_gaussian_has_its_published_scores() -> None:
    """File by file at the published threshold; the whole comparison is `observatory bench truth nab`."""
    from jobs.bench.truth.nab import PUBLISHED_BASELINE, _published

    series = load(NAB)
    rows = _published(NAB, {each.name for each in series})
    rows = rows[rows["detector"] == PUBLISHED_BASELINE].set_index("file")
    assert len(rows) == len(series)
    for each in series:
        alarms = windowed_gaussian(each.values) >= rows.loc[each.name, "threshold"]
        assert score(weigh(len(each.values), each.windows), alarms) == pytest.approx(rows.loc[each.name, "score"])
