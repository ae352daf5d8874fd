"""Availability of a service from its minutes of outage per day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MINUTES_A_DAY = 24 * 60
PARTIAL_WEIGHT = 0.3  # status pages count a minute of partial outage as 0.3 of one (Atlassian Statuspage's uptime)


@dataclass(frozen=True)
class Availability:
    """One service over its days.

    Attributes:
        days: Days that were observed.
        days_without_outage: Of these, without a minute of outage.
        lowest_ratio: Availability of the worst day, 0 to 1.
        mean_ratio: Mean availability of a day, 0 to 1.
    """

    days: int
    days_without_outage: int
    lowest_ratio: float
    mean_ratio: float

    @property
    def share_without_outage(self) -> float:
        """Share of days without outage, 0 to 1."""
        return self.days_without_outage / self.days


def availability(outage_minutes: ArrayLike) -> Availability:
    """Summarise a service's days (Chu et al., ICPE 2025, section 5.3).

    Args:
        outage_minutes: Weighted minutes of outage, one value a day; a day that is missing was not observed.

    Raises:
        ValueError: There is no day.
    """
    minutes = np.asarray(outage_minutes, dtype=float)
    if not minutes.size:
        raise ValueError("availability needs one day at least")
    daily = 1 - minutes / MINUTES_A_DAY
    return Availability(minutes.size, int((minutes == 0).sum()), float(daily.min()), float(daily.mean()))
