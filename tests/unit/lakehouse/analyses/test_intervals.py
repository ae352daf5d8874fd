"""Intervals beside statsmodels, scipy and hand-worked values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from lakehouse.analyses.intervals import at_rank, bucket_at_rank, newcombe, quantile_ranks, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 10), (5, 50), (999, 1_000), (7, 7)])
def test_wilson_is_that_of_statsmodels(hits: int, n: int) -> None:
    """To rounding."""
    assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_wilson_of_nothing_is_nan() -> None:
    """Element by element."""
    low, high = wilson([0, 1], [0, 2])
    assert np.isnan([low[0], high[0]]).all()
    assert (low[1], high[1]) == pytest.approx(proportion_confint(1, 2, method="wilson"))


@pytest.mark.parametrize(("a", "n", "b", "m"), [(56, 70, 48, 80), (9, 10, 3, 10), (0, 10, 0, 20), (10, 10, 0, 20)])
def test_newcombe_is_that_of_statsmodels(a: int, n: int, b: int, m: int) -> None:
    """And for 56/70 and 48/80 the values of Newcombe's table II: 0.0524 to 0.3339."""
    expected = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    assert newcombe(a, n, b, m) == pytest.approx(expected, abs=1e-10)
    if a == 56:
        assert newcombe(a, n, b, m) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(("n", "quantile"), [(20, 0.5), (100, 0.9), (200, 0.95), (1_000, 0.99), (5_000, 0.25)])
def test_quantile_ranks_enclose_what_whole_ranks_can_promise(n: int, quantile: float) -> None:
    """Each end lies between the rank whose miss is below 2.5 % and the next, whose miss is above."""
    found = quantile_ranks(n, quantile)
    assert found is not None
    low, high = int(found.low), int(np.ceil(found.high))
    assert stats.binom.cdf(low - 1, n, quantile) <= 0.025 <= stats.binom.cdf(low, n, quantile)
    assert stats.binom.sf(high - 1, n, quantile) <= 0.025 <= stats.binom.sf(high - 2, n, quantile)


def test_quantiles_with_too_few_values_beyond_are_suppressed() -> None:
    """p99 needs a thousand values, p50 twenty."""
    assert quantile_ranks(999, 0.99) is None
    assert quantile_ranks(1_000, 0.99) is not None
    assert quantile_ranks(19, 0.5) is None
    assert quantile_ranks(20, 0.5) is not None


def test_value_at_rank() -> None:
    """Between neighbours by the fraction; in a histogram as if spread evenly."""
    assert at_rank(np.array([1.0, 2.0, 4.0]), 2.5) == 3
    counts = np.array([2, 0, 4])
    assert [bucket_at_rank(counts, rank) for rank in (1, 2, 3, 6)] == [0.25, 0.75, 2.125, 2.875]
