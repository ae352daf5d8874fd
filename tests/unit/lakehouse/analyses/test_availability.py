"""Availability on hand-worked days."""

from __future__ import annotations

import pytest

from lakehouse.analyses.availability import availability


def test_hand_worked_days() -> None:
    """Two days of four without outage; the worst lost 144 of its 1,440 minutes."""
    found = availability([0, 144, 0, 14.4])
    assert (found.days, found.days_without_outage, found.share_without_outage) == (4, 2, 0.5)
    assert found.lowest_ratio == pytest.approx(0.9)
    assert found.mean_ratio == pytest.approx((1 + 0.9 + 1 + 0.99) / 4)
    with pytest.raises(ValueError, match="one day"):
        availability([])
