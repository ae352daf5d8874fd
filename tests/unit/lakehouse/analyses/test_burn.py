"""Burn rates worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lakehouse.analyses.burn import burn_rates


def test_an_outage_of_an_hour_pages_and_a_trickle_is_a_ticket() -> None:
    """99 % of 100 an hour: 20 misses are 20 times the budget; 2 an hour over three days twice."""
    total = np.full(72, 100.0)
    outage, trickle = np.zeros(72), np.full(72, 2.0)
    outage[-1] = 20
    told = burn_rates(outage, total, 0.99)
    assert [row["burn_rate"] for row in told] == pytest.approx([20, 20 / 6, 20 / 72])
    assert [row["state"] for row in told] == ["page", "ok", "ok"]
    assert [row["state"] for row in burn_rates(trickle, total, 0.99)] == ["ok", "ok", "ticket"]


def test_what_is_over_alerts_no_more() -> None:
    """The six hours burnt, but not the last one."""
    total, bad = np.full(72, 100.0), np.zeros(72)
    bad[-4:-1] = 50
    told = burn_rates(bad, total, 0.99)
    assert told[1]["burn_rate"] == pytest.approx(25)
    assert told[1]["state"] == "ok"


def test_no_traffic_burns_nothing() -> None:
    """And is no 0."""
    told = burn_rates(np.zeros(72), np.zeros(72), 0.99)
    assert {(row["burn_rate"], row["state"]) for row in told} == {(None, "ok")}
