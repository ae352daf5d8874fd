"""Draws depend on seed, purpose and row only."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.simulate.draws import Draws


@pytest.mark.parametrize("first", [0, 1, 3, 4, 5, 4095, 100_000])
def test_a_row_draws_the_same_number_in_every_chunk(first: int) -> None:
    """Whatever the first row of the chunk."""
    whole = Draws(3, 0, first + 10)
    part = Draws(3, first, 10)
    assert np.array_equal(part.uniform("x"), whole.uniform("x")[first:])
    assert np.array_equal(part.normal("x"), whole.normal("x")[first:])


def test_purposes_and_seeds_are_independent() -> None:
    """No correlation between columns."""
    draws = Draws(3, 0, 50_000)
    columns = [draws.uniform("a"), draws.uniform("b"), Draws(4, 0, 50_000).uniform("a")]
    assert np.abs(np.corrcoef(columns) - np.eye(3)).max() < 0.02


def test_distributions() -> None:
    """Quantiles of the uniform and the normal distribution."""
    uniform, normal = Draws(3, 0, 100_000).uniform("a"), Draws(3, 0, 100_000).normal("a")
    assert np.quantile(uniform, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.01)
    assert np.quantile(normal, [0.025, 0.5, 0.975]) == pytest.approx([-1.96, 0, 1.96], abs=0.03)
    assert np.isfinite(normal).all()
