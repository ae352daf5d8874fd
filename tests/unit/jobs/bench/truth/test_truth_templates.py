"""Grouping accuracy by hand, and the comparison on two systems where the set is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.bench.truth.templates import grouping_accuracy, run

SETS = Path(__file__).parents[6] / "shared/data"


def test_hand_worked_accuracy() -> None:
    """Label a is whole; b is split in two and c is joined with a stray d, so that two of seven lines count."""
    assert grouping_accuracy(list("aabbccd"), ["1", "1", "2", "3", "4", "4", "4"]) == pytest.approx(2 / 7)


@pytest.mark.skipif(not (SETS / "loghub-2k").exists(), reason="../shared/data/loghub-2k is not there")
def test_above_drain_on_the_same_systems() -> None:
    """What `observatory bench truth templates` shows."""
    outcome = run(SETS)
    assert outcome.reached
    assert (outcome.passed, outcome.failed) == (1, 0)
