"""Comparisons from histograms beside scipy on the raw values, and hand-worked ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lakehouse.analyses.comparisons import adjusted, compare, compare_rates, stratum, verdict

RANDOM = np.random.default_rng(11)


@pytest.mark.parametrize(("n", "m", "spread"), [(40, 60, 200), (300, 30, 5), (1_000, 900, 1_000)])
def test_mann_whitney_is_that_of_scipy(n: int, m: int, spread: int) -> None:
    """With ties and continuity correction, on the values that the histogram was made of."""
    ours, theirs = RANDOM.integers(0, spread, n), RANDOM.integers(0, spread, m) + spread // 10
    found = compare([stratum(Counter(ours.tolist()), Counter(theirs.tolist()))])
    expected = stats.mannwhitneyu(ours, theirs, method="asymptotic", use_continuity=True)
    assert found is not None
    assert found.a12 == pytest.approx(expected.statistic / (n * m))
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    differences = np.subtract.outer(ours, theirs)
    assert found.shift == pytest.approx(np.median(differences), abs=0.5)
    assert found.shift_low <= found.shift <= found.shift_high


def test_a_different_mix_is_no_difference() -> None:
    """Simpson's paradox: the same model in both strata, one side with mostly slow requests."""
    fast, slow = Counter({1: 50, 2: 50}), Counter({11: 50, 12: 50})
    few_fast, few_slow = Counter({1: 5, 2: 5}), Counter({11: 5, 12: 5})
    found = compare([stratum(fast, few_fast), stratum(few_slow, slow)])
    assert found is not None
    assert (found.a12, found.shift) == (0.5, pytest.approx(0))
    pooled = compare([stratum(fast + few_slow, few_fast + slow)])
    assert pooled is not None
    assert pooled.p_value < 1e-6


def test_strata_of_one_side_do_not_count() -> None:
    """And without a common one there is no comparison."""
    both = stratum({1: 40}, {2: 40})
    found = compare([both, stratum({9: 500}, {})])
    assert found is not None
    assert (found.n_ours, found.n_theirs, found.a12) == (40, 40, 0)
    assert compare([stratum({9: 500}, {})]) is None


def test_zeros_keep_their_rank() -> None:
    """Their bucket lies far below all others, but no array is that long."""
    with_zeros, as_lowest = (stratum({low: 30, 100: 50}, {low: 10, 101: 70}) for low in (-100_000, 99))
    assert len(with_zeros.ours) == 3
    one, other = compare([with_zeros]), compare([as_lowest])
    assert one is not None
    assert other is not None
    assert (one.a12, one.p_value) == (other.a12, other.p_value)


def test_verdicts() -> None:
    """Smaller is faster; few values are said to be few, whatever the p-value."""
    found, few = compare([stratum({1: 40}, {2: 40})]), compare([stratum({1: 20}, {2: 400})])
    assert found is not None
    assert [verdict(found, 0.01), verdict(found, 0.06), verdict(few, 0.01), verdict(None, 0.01)] == [
        "faster", "no evidence", "too few", "too few"
    ]  # fmt: skip
    assert verdict(compare([stratum({2: 40}, {1: 40})]), 0.01) == "slower"
    assert found.ratios(1.02)[0] == pytest.approx(1.02**-1)


def test_adjusted_is_that_of_statsmodels() -> None:
    """A missing p-value is no test."""
    given = RANDOM.random(30) ** 3
    expected = multipletests(given, method="fdr_bh")[1]
    np.testing.assert_allclose(adjusted(np.append(given, np.nan))[:-1], expected)
    assert np.isnan(adjusted([np.nan])).all()


def test_rates() -> None:
    """The pooled score test squared is Pearson's chi-square without correction."""
    found = compare_rates(30, 400, 12, 380)
    expected = stats.chi2_contingency([[30, 370], [12, 368]], correction=False).pvalue
    assert found.p_value == pytest.approx(expected)
    assert found.low < found.difference < found.high
    assert compare_rates(0, 10, 0, 10).p_value == 1
    with pytest.raises(ValueError, match="trials"):
        compare_rates(0, 0, 1, 2)
